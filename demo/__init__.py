"""The demo: a local Slack, a local VOD, the real bot between them, and the story."""
