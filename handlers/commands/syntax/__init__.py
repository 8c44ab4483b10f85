"""What was typed after /vod, read or found wrong. Pure."""
