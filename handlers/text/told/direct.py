"""What a proposer is told by direct message of their own proposal."""

from typing import TypeAlias, assert_never

from deletion.audit import events, notices
from deletion.terms.results.causes import Cause
from deletion.views import ProposalView
from handlers.text import people, reasons
from handlers.text.blocks import Message, said
from handlers.text.escaping import code, escape
from handlers.text.language import Language
from handlers.text.told import changes, results

DirectTold: TypeAlias = (
    events.PlanFrozen
    | events.CollectionFailed
    | events.ProposalRejected
    | events.ProposalExpired
    | events.ProposalStopped
    | events.AssetsGone
    | events.PlanBroken
    | events.QuorumLost
    | events.ExecutionFinished
    | notices.CardPosted
    | notices.CollectionWaits
)


def message(lang: Language, told: DirectTold, view: ProposalView | None, *, approvals: str) -> Message:
    """Render a direct message to a proposer; ``approvals`` is the Slack channel where people approve."""
    number = told.number if isinstance(told, notices.Notice) else told.about.number
    match told:
        case events.ExecutionFinished():
            return results.message(lang, _existing(view))
        case events.AssetsGone():
            return changes.assets_gone(lang, told, view)
        case notices.CardPosted() | events.PlanFrozen():
            return said(_opened(lang, number, view, approvals))
        case _:
            return said(_sentence(lang, told, number))


_Said: TypeAlias = (
    events.CollectionFailed
    | events.ProposalRejected
    | events.ProposalExpired
    | events.ProposalStopped
    | events.PlanBroken
    | events.QuorumLost
    | notices.CollectionWaits
)


def _sentence(lang: Language, told: _Said, number: int | None) -> str:
    match told:
        case events.CollectionFailed():
            return lang.say(
                "Your proposal #{number} was not opened. {why}",
                number=number,
                why=reasons.not_collected(lang, told),
            )
        case events.ProposalRejected(why=why):
            return lang.say(
                "{actor} rejected your proposal #{number}: {why}. Nothing was deleted.",
                actor=people.named(told.by),
                number=number,
                why=code(why, 500),
            )
        case events.ProposalExpired():
            return lang.say(
                "Your proposal #{number} expired, and nothing was deleted. Propose it again if it is still needed.",
                number=number,
            )
        case events.ProposalStopped(because=Cause() as because):
            return lang.say(
                "Your proposal #{number} was stopped before it started: {because}. Nothing was deleted.",
                number=number,
                because=escape(reasons.cause(lang, because)),
            )
        case events.QuorumLost():
            return lang.say_n(
                "Your proposal #{number} is no longer approved: {counted} of {n} approval counts. Nothing was "
                "deleted; it waits for approval again.",
                "Your proposal #{number} is no longer approved: {counted} of {n} approvals count. Nothing was "
                "deleted; it waits for approval again.",
                told.needed,
                number=number,
                counted=lang.number(told.counted),
            )
        case events.ProposalStopped():
            return lang.say(
                "{actor} stopped your proposal #{number} before it started. Nothing was deleted. "
                "Propose it again if it is still needed.",
                actor=people.named(told.by),
                number=number,
            )
        case events.PlanBroken(because=because):
            return lang.say(
                "*#{number} is closed: {because}.* Nothing was deleted here.",
                number=number,
                because=escape(reasons.cause(lang, because)),
            )
        case notices.CollectionWaits(vod=fault, until_ms=until_ms):
            return lang.say(
                "Your proposal #{number} could not be read yet: {fault} Retrying automatically until {time}.",
                number=number,
                fault=reasons.fault(lang, fault),
                time=lang.moment(until_ms),
            )
        case _:
            assert_never(told)


def _opened(lang: Language, number: int | None, view: ProposalView | None, approvals: str) -> str:
    """Say that people can decide, but never before they can: earlier versions told it when the plan was made."""
    if view is None or view.card is None:
        return lang.say(
            "Your proposal #{number} was read. Its card is being posted in {channel}; it can be approved then.",
            number=number,
            channel=f"<#{approvals}>",
        )
    return lang.say(
        "Your proposal #{number} is open for approval in {channel}. You will be told how it ends.",
        number=number,
        channel=f"<#{view.card.channel}>",
    )


def _existing(view: ProposalView | None) -> ProposalView:
    if view is None:
        raise LookupError("a result of a proposal that is not there")
    return view
