"""The operations of VOD and their answers."""
