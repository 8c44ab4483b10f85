"""Looking before proposing: what there is in VOD, read for a person who waits, and nothing written or decided."""
