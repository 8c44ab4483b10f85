"""The verbs of /vod."""
