"""What is said to people who have to act, or who did something: rendered for the tests of all that is told."""

from collections.abc import Iterator

from deletion.audit import events, notices
from deletion.audit.events import Event
from deletion.audit.notices import Notice
from deletion.terms.states import State
from handlers.cards import was_it_you
from handlers.text.blocks import Message
from handlers.text.language import Language
from handlers.text.told import asking, operators
from tests.handlers.samples import APPROVER, NOW_MS, PROPOSER, Sample, view

NOTICES: frozenset[type[Notice]] = frozenset(
    {notices.ApprovalAsked, notices.ApprovalReminded, notices.TroubleBegun, notices.TroubleEnded}
)
"""Notices that are rendered here."""

HOLDS = (
    Sample(State.APPROVED),
    Sample(State.APPROVED, hold_until_ms=NOW_MS + 60_000),
    Sample(State.EXECUTING),
    Sample(State.FINISHED),
    Sample(State.STOPPED),
)


def messages(lang: Language, told: Event | Notice) -> Iterator[Message]:
    """Render something as everybody who is told of it reads it; nothing where it is rendered elsewhere."""
    match told:
        case notices.ApprovalAsked():
            yield asking.asked(lang, told, view(Sample()))
        case notices.TroubleBegun() | notices.TroubleEnded():
            yield operators.message(lang, told, approvals="<#C0VODDELETE>", audit="<#C0VODAUDIT1>")
        case notices.ApprovalReminded(of=numbers):
            yield asking.reminded(lang, [view(Sample(reason="x"))] * len(numbers))
            yield asking.reminded(lang, [view(Sample())])
        case events.ProposalApproved():
            for sample in HOLDS:
                yield from (was_it_you.message(lang, [view(sample)], reader) for reader in (APPROVER, PROPOSER))
            yield was_it_you.message(lang, [view(Sample(State.APPROVED, count=20, kind="videos"))] * 8, APPROVER)
        case _:
            return
