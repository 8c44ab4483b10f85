"""Answers that only the person who acted sees."""

from typing import TypeAlias, assert_never

from deletion.audit import events, notices
from deletion.terms.ids import FREEZE
from deletion.views import ProposalView
from handlers.text import reasons, words
from handlers.text.blocks import Message, said
from handlers.text.language import Language
from handlers.text.told import changes

PrivateTold: TypeAlias = (
    events.PlanChanged
    | events.VoteVoided
    | notices.ActionRefused
    | notices.VoteRecorded
    | notices.VoteNotCounted
    | notices.VoteWaits
    | notices.VoterUnconfirmed
    | notices.RejectionRecorded
    | notices.WithdrawalRecorded
    | notices.StopRecorded
)


def message(lang: Language, told: PrivateTold, view: ProposalView | None) -> Message:
    """Render an answer that only its reader sees."""
    match told:
        case events.PlanChanged():
            return changes.plan_changed(lang, told, view)
        case _:
            return said(_sentence(lang, told))


_Said: TypeAlias = (
    events.VoteVoided
    | notices.ActionRefused
    | notices.VoteRecorded
    | notices.VoteNotCounted
    | notices.VoteWaits
    | notices.VoterUnconfirmed
    | notices.RejectionRecorded
    | notices.WithdrawalRecorded
    | notices.StopRecorded
)


def _sentence(lang: Language, told: _Said) -> str:
    match told:
        case notices.ActionRefused(refusal=refusal):
            return words.refusal(lang, refusal)
        case events.VoteVoided(refusal=refusal):
            number = None if told.about.kind == FREEZE else told.about.number
            voided = _no_longer_counted if told.was_counted else _not_counted
            return voided(lang, number, words.refusal(lang, refusal))
        case notices.VoteNotCounted(refusal=refusal):
            return _not_counted(lang, told.number, words.refusal(lang, refusal))
        case notices.VoteRecorded():
            return lang.say(
                "Your approval of #{number} is saved. It counts once every item was checked again.",
                number=told.number,
            )
        case notices.VoteWaits(vod=fault):
            return lang.say(
                "Your approval of #{number} is saved, but VOD cannot be read right now: {fault} "
                "Retrying automatically; it counts once every item was checked again.",
                number=told.number,
                fault=reasons.fault(lang, fault),
            )
        case notices.VoterUnconfirmed():
            return _unconfirmed(lang, told.number)
        case notices.RejectionRecorded():
            return lang.say("You rejected #{number}. Nothing will be deleted.", number=told.number)
        case notices.WithdrawalRecorded():
            return lang.say("You withdrew #{number}. Nothing will be deleted.", number=told.number)
        case notices.StopRecorded(was=was):
            return words.stopped(lang, told.number or 0, was)
        case _:
            assert_never(told)


def _unconfirmed(lang: Language, number: int | None) -> str:
    if number is None:
        return lang.say(
            "Your vote to unfreeze is saved, but Slack cannot confirm your account right now. "
            "Retrying automatically; it counts once Slack can."
        )
    return lang.say(
        "Your approval of #{number} is saved, but Slack cannot confirm your account right now. "
        "Retrying automatically; it counts once Slack can.",
        number=number,
    )


def _no_longer_counted(lang: Language, number: int | None, refusal: str) -> str:
    if number is None:
        return lang.say("Your vote to unfreeze no longer counts. {refusal}", refusal=refusal)
    return lang.say("Your approval of #{number} no longer counts. {refusal}", number=number, refusal=refusal)


def _not_counted(lang: Language, number: int | None, refusal: str) -> str:
    """Say that a vote does not count; ``number`` None: it was one to unfreeze."""
    if number is None:
        return lang.say("Your vote to unfreeze was not counted. {refusal}", refusal=refusal)
    return lang.say("Your approval of #{number} was not counted. {refusal}", number=number, refusal=refusal)
