"""The values everything else is made of: people, targets, states, outcomes, refusals. Pure."""
