"""HTTP and WebSocket between the simulated Slack and an app, in both directions."""
