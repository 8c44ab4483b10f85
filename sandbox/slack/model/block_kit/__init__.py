"""What Slack accepts as blocks and views, and its words for what it does not accept."""
