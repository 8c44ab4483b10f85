"""State and rules of the simulated Slack: who and what there is, what is accepted and what is refused."""
