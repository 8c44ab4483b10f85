"""What is looked up in VOD, in modals: hits of a search, and everything about one thing."""
