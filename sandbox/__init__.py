"""A local Slack and a local VOD that a bot cannot tell from the real ones; it knows nothing of the bot."""
