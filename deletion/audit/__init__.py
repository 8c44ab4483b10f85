"""What happened: how the record is written, and who is told."""
