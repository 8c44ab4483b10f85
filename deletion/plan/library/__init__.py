"""What VOD has now: searched, read, and brought into the form of a plan."""
