"""The identifiers of a card that Slack hands back: its command, buttons and metadata. A form has its own."""

import re

from deletion.terms import canonical
from deletion.terms.ids import Digest, ProposalNumber

COMMAND = "/vod"

APPROVE = "countersign_approve"
REJECT = "countersign_reject"
WITHDRAW = "countersign_withdraw"
STOP = "countersign_stop"

METADATA_EVENT = "countersign"


_BUTTON = re.compile(r'\{"digest":"(?P<digest>[0-9a-f]{64})","proposal":(?P<proposal>[1-9][0-9]{0,14})\}')
"""The one text that ``button_value`` makes of a proposal and a digest."""


def button_value(number: int, digest: str) -> str:
    """Return what a button carries: the proposal and the digest of the plan shown, nothing else."""
    return canonical.dumps({"proposal": number, "digest": digest})


def read_button(value: str) -> tuple[ProposalNumber, Digest] | None:
    """Read a button's value; None when it is not one of ours."""
    found = _BUTTON.fullmatch(value)
    return (ProposalNumber(int(found["proposal"])), Digest(found["digest"])) if found else None
