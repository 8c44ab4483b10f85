"""The rules and the work: plans, policy, states, votes, execution and the audit chain. Knows nothing of Slack."""
