"""The HTTP server: what comes in by it, how much of it at once, and what it answers."""
