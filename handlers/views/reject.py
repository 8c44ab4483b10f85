"""The form behind Reject: it asks why. Its ids, how it is made, and how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from deletion.approval.shown import Shown
from deletion.terms import canonical
from deletion.terms.ids import Digest, RecordId, Ref, proposal_ref
from handlers.cards import ids
from handlers.text.escaping import clip
from handlers.text.language import Language

CALLBACK_ID = "countersign_reject_view"
BLOCK_ID = "countersign_reject_why"
INPUT_ID = "why"

REASON_LEAST = 3
REASON_MOST = 500
"""Characters of a rejection's reason."""


@dataclass(frozen=True)
class Rejection:
    """What was submitted: what was shown, why, and the channel of the card whose button was clicked."""

    shown: Shown
    channel: str
    why: str


def build(lang: Language, shown: Shown, channel: str) -> View:
    """Return the form for one proposal, which names what the button named."""
    why = InputBlock(
        block_id=BLOCK_ID,
        label=PlainTextObject(text=lang.say("Why should this not be deleted?")),
        hint=PlainTextObject(text=lang.say("The proposer and the channel will read this.")),
        element=PlainTextInputElement(
            action_id=INPUT_ID, multiline=True, min_length=REASON_LEAST, max_length=REASON_MOST
        ),
    )
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=canonical.dumps({**ids.facts(shown), "channel": channel}),
        title=PlainTextObject(text=clip(lang.say("Reject #{number}", number=shown.number), 24)),
        submit=PlainTextObject(text=lang.say("Reject")),
        close=PlainTextObject(text=lang.say("Go back")),
        blocks=[why],
    )


def parse(view: Mapping[str, Any]) -> Rejection:
    """Read a submitted form, as Slack sends it back."""
    about = canonical.loads(view["private_metadata"])
    shown = Shown(RecordId(str(about.get("record", ""))), _subject(about), Digest(str(about.get("digest", ""))))
    why = view["state"]["values"][BLOCK_ID][INPUT_ID]["value"]
    return Rejection(shown, str(about["channel"]), str(why or "").strip())


def _subject(about: Mapping[str, Any]) -> Ref:
    """Return what a form is about; one that an earlier version opened names a proposal and nothing else."""
    return Ref.parse(str(about["subject"])) if "subject" in about else proposal_ref(int(about["proposal"]))


def errors(text: str) -> dict[str, str]:
    """Return what is wrong with what was submitted, as Slack shows it under the field (plain text)."""
    return {BLOCK_ID: clip(text.replace("`", ""), 300)}
