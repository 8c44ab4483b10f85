"""Who is mentioned when a proposal waits for approval. Pure: nobody who cannot act is pinged."""

from deletion.policy.decisions import APPROVERS, Policy

GROUP = "S"
"""How Slack's id of a user group begins."""


def mentioned(policy: Policy, *, proposer: str) -> tuple[str, ...]:
    """Return the user groups and people, by id, to mention for a proposal of this person; never this person.

    A group that an approver is in who proposes would ping them: its place is taken by the names of the others.
    """
    others = policy.approvers - {proposer}
    groups = {each for each in policy.mention if each.startswith(GROUP)}
    if not others:
        return ()
    if APPROVERS in policy.mention or (groups and proposer in policy.approvers):
        return tuple(sorted(others))
    return (*sorted(groups), *sorted(policy.mention & others))
