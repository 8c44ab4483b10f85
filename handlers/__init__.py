"""Slack in and out: what people type and click, and everything they read."""
