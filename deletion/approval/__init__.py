"""From a proposal to a quorum, and the freeze that outranks it."""
