"""Answers that only the person who acted sees."""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from deletion.audit import events, notices
from deletion.terms.ids import ANCHOR, Ref, proposal_ref
from deletion.views import ProposalView
from handlers.text import links, reasons, words
from handlers.text.blocks import Message, said
from handlers.text.language import Language
from handlers.text.told import changes

PrivateTold: TypeAlias = (
    events.PlanChanged
    | events.VoteVoided
    | notices.ActionRefused
    | notices.AgainProposed
    | notices.VoteRecorded
    | notices.VoteNotCounted
    | notices.VoteWaits
    | notices.VoterUnconfirmed
    | notices.QuestionRecorded
    | notices.AnswerRecorded
    | notices.RejectionRecorded
    | notices.WithdrawalRecorded
    | notices.StopRecorded
)


@dataclass(frozen=True)
class Around:
    """What an answer leads to: the mention of the approvals channel, and the workspace's address, '' if unknown."""

    approvals: str = ""
    home: str = ""


NOWHERE = Around()


def message(lang: Language, told: PrivateTold, view: ProposalView | None, around: Around = NOWHERE) -> Message:
    """Render an answer that only its reader sees."""
    match told:
        case events.PlanChanged():
            return changes.plan_changed(lang, told, view)
        case notices.AgainProposed():
            return said(_proposed_again(lang, told, view, around))
        case notices.ActionRefused(refusal=refusal):
            other = view.again if view else None
            again = links.to_card(other.number, other.card, around.home) if other else None
            return said(words.refusal(lang, refusal, again=again))
        case _:
            return said(_sentence(lang, told))


_Said: TypeAlias = (
    events.VoteVoided
    | notices.VoteRecorded
    | notices.VoteNotCounted
    | notices.VoteWaits
    | notices.VoterUnconfirmed
    | notices.QuestionRecorded
    | notices.AnswerRecorded
    | notices.RejectionRecorded
    | notices.WithdrawalRecorded
    | notices.StopRecorded
)


def _sentence(lang: Language, told: _Said) -> str:
    match told:
        case events.VoteVoided(refusal=refusal):
            voided = _no_longer_counted if told.was_counted else _not_counted
            return voided(lang, told.about, words.refusal(lang, refusal))
        case notices.VoteNotCounted(refusal=refusal):
            return _not_counted(lang, proposal_ref(told.number), words.refusal(lang, refusal))
        case notices.VoteRecorded():
            return _recorded(lang, told.number)
        case notices.VoteWaits(vod=fault):
            return lang.say(
                "Your approval of #{number} is saved, but VOD cannot be read right now: {fault} "
                "Retrying automatically; it counts once every item was checked again.",
                number=told.number,
                fault=reasons.fault(lang, fault),
            )
        case notices.VoterUnconfirmed():
            return _unconfirmed(lang, told)
        case notices.QuestionRecorded() | notices.AnswerRecorded():
            return _asked(lang, told)
        case notices.RejectionRecorded():
            return lang.say("You rejected #{number}. Nothing will be deleted.", number=told.number)
        case notices.WithdrawalRecorded():
            return lang.say("You withdrew #{number}. Nothing will be deleted.", number=told.number)
        case notices.StopRecorded(was=was):
            return words.stopped(lang, told.number or 0, was)
        case _:
            assert_never(told)


def _proposed_again(lang: Language, told: notices.AgainProposed, view: ProposalView | None, around: Around) -> str:
    return lang.say(
        "Proposal #{number} is stored: {what}, the rest of #{first}. Reading it from VOD now; the card then "
        "appears in {channel} for another person to approve. Nothing is deleted before that.",
        number=told.number,
        first=told.first,
        what=words.things(lang, view.request, told.count) if view else lang.number(told.count),
        channel=around.approvals,
    )


def _asked(lang: Language, told: notices.QuestionRecorded | notices.AnswerRecorded) -> str:
    """Say where a question, or an answer, is; and that neither decides anything."""
    if isinstance(told, notices.AnswerRecorded):
        return lang.say(
            "Your answer about #{number} is saved. It appears in the card's thread, and whoever asked is told by "
            "direct message.",
            number=told.number,
        )
    return lang.say(
        "Your question about #{number} is saved. It appears in the card's thread, and the proposer is told by "
        "direct message. The proposal stays open: others can still approve it. To keep it from being deleted, "
        "reject it.",
        number=told.number,
    )


def _unconfirmed(lang: Language, told: notices.VoterUnconfirmed) -> str:
    if told.on == ANCHOR:
        return lang.say(
            "Your vote for this record is saved, but Slack cannot confirm your account right now. "
            "Retrying automatically; it counts once Slack can."
        )
    if told.number is None:
        return lang.say(
            "Your vote to unfreeze is saved, but Slack cannot confirm your account right now. "
            "Retrying automatically; it counts once Slack can."
        )
    return lang.say(
        "Your approval of #{number} is saved, but Slack cannot confirm your account right now. "
        "Retrying automatically; it counts once Slack can.",
        number=told.number,
    )


def _no_longer_counted(lang: Language, about: Ref, refusal: str) -> str:
    if about.kind == ANCHOR:
        return lang.say("Your vote for this record no longer counts. {refusal}", refusal=refusal)
    if about.proposal is None:
        return lang.say("Your vote to unfreeze no longer counts. {refusal}", refusal=refusal)
    return lang.say(
        "Your approval of #{number} no longer counts. {refusal}", number=about.proposal, refusal=refusal
    )


def _recorded(lang: Language, number: int | None) -> str:
    """Say that a vote is saved; ``number`` None: it was one for this record."""
    if number is None:
        return lang.say(
            "Your vote for this record is saved. It takes two people, one of them an approver; the approvals "
            "channel shows the votes so far."
        )
    return lang.say(
        "Your approval of #{number} is saved. It counts once every item was checked again.", number=number
    )


def _not_counted(lang: Language, about: Ref, refusal: str) -> str:
    """Say that a vote does not count."""
    if about.kind == ANCHOR:
        return lang.say("Your vote for this record was not counted. {refusal}", refusal=refusal)
    if about.proposal is None:
        return lang.say("Your vote to unfreeze was not counted. {refusal}", refusal=refusal)
    return lang.say("Your approval of #{number} was not counted. {refusal}", number=about.proposal, refusal=refusal)
