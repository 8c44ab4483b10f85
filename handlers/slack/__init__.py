"""Where Slack comes in: listeners, their guard, people, failures."""
