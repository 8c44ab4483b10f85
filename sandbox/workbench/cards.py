"""What the bot's messages say to programs, whatever language their words are in: metadata, buttons, numbers.

Messages are taken apart as JSON, so that they may come from the local Slack itself or over its control plane.
"""

import re
from collections.abc import Iterable

from sandbox.json_types import Json

APPROVE = "countersign_approve"
ASK = "countersign_ask"
COMMENT = "countersign_approve_comment"
REJECT = "countersign_reject"
STOP = "countersign_stop"
AGAIN = "countersign_again"
VIEW_ALL = "countersign_view_all"

PENDING, APPROVED, EXECUTING, FINISHED = "pending", "approved", "executing", "finished"
REJECTED, WITHDRAWN, STOPPED, EXPIRED = "rejected", "withdrawn", "stopped", "expired"

_METADATA = "countersign"


def payload_of(metadata: Json | None) -> Json:
    """What the bot says of its own message in its metadata; empty for everything else."""
    named = metadata or {}
    return dict(named.get("event_payload", {})) if named.get("event_type") == _METADATA else {}


def is_card(payload: Json, number: int) -> bool:
    """Whether this is the metadata of a proposal's card."""
    return payload.get("proposal_id") == number and "state" in payload


def number_in(text: str) -> int | None:
    """The number of the proposal that an answer to `/vod delete` names; None when it names none."""
    found = re.search(r"#(\d+)", text)
    return int(found[1]) if found else None


def button_of(blocks: Iterable[Json], action_id: str) -> Json | None:
    """A button of a message as it is now; None when it has none of this id."""
    elements = (element for block in blocks for element in block.get("elements", ()))
    return next((element for element in elements if element.get("action_id") == action_id), None)
