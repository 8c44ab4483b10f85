"""What was in a file that somebody gave, read or found wrong. Pure, but for the words for it."""
