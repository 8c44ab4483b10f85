"""Who may do what, how many it takes, and how much may go at once. Pure."""
