"""What a person may ask to delete, and the lists that it may be asked from. Pure."""
