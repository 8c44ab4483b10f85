"""Proposing in Slack without a typed command: the form, the view that shows what would go, and the rest again."""
