"""What exactly would be deleted: read from VOD, frozen, hashed, with its warnings."""
