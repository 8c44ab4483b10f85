"""What the log says of each subject: proposals with all that is theirs, freezes, losses, what was posted."""
