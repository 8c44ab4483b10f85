"""From a quorum to verified outcomes."""
