"""What the gateway asks of every request before anything is done: version, key, clock, signature, nonce."""
