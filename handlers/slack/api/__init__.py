"""What the bot asks of Slack itself: people, files, and what a failed call means."""
