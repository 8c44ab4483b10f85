"""Every identifier that Slack hands back to us, in one place."""

from deletion import canonical

COMMAND = "/vod"

APPROVE = "countersign_approve"
REJECT = "countersign_reject"
WITHDRAW = "countersign_withdraw"

REJECT_VIEW = "countersign_reject_view"
REJECT_BLOCK = "countersign_reject_why"
REJECT_INPUT = "why"

METADATA_EVENT = "countersign"


def button_value(number: int, digest: str) -> str:
    """Return what a button carries: the proposal and the digest of the plan shown, nothing else."""
    return canonical.dumps({"proposal": number, "digest": digest})


def read_button(value: str) -> tuple[int, str] | None:
    """Read a button's value; None when it is not one of ours."""
    try:
        read = canonical.loads(value)
        number, digest = read["proposal"], read["digest"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if type(number) is int and 0 < number <= canonical.LARGEST and isinstance(digest, str):
        return number, digest
    return None
