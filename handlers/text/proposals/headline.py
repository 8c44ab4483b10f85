"""Where a proposal stands at a glance: one mark and one word, for the head of whatever shows it."""

from deletion.approval.holds import holding
from deletion.terms.results.outcomes import GONE, NOT_DELETED, Outcome
from deletion.terms.states import State
from deletion.views import ProposalView, Stands
from handlers.text import words
from handlers.text.facts import sizes
from handlers.text.language import Language, sentence

LONGEST = 150
"""Characters of a header that Slack takes."""

_ENDED: dict[State, str] = {
    State.REJECTED: sentence("⛔ Rejected"),
    State.WITHDRAWN: sentence("↩️ Withdrawn"),
    State.STOPPED: sentence("🛑 Stopped"),
    State.EXPIRED: sentence("⌛ Expired"),
    State.STALE: sentence("⚪ Closed"),
    State.FAILED: sentence("⚠️ Not opened"),
}


def headline(lang: Language, view: Stands) -> str:
    """Return the mark and the word (plain text)."""
    match view.state:
        case State.COLLECTING:
            return lang.say("🔎 Reading")
        case State.PENDING:
            return lang.say("⏳ Waiting")
        case State.APPROVED | State.EXECUTING:
            return _under_way(lang, view)
        case State.FINISHED:
            return _finished(lang, view)
        case _:
            return lang.say(_ENDED[view.state])


def line(lang: Language, view: ProposalView) -> str:
    """Return the mark, the word, what it is about and the number (plain text): the head of a card.

    A result that is not the wished one says instead what is left, and one that was gone in part before says that.
    """
    standing, number = headline(lang, view), view.row.id
    if view.state is State.FINISHED and not _is_as_wished(view):
        whole = _with_rest(lang, view, left(lang, view))
        return whole if len(whole) <= LONGEST else _with_rest(lang, view, _not_gone(lang, view))
    if view.state is State.FINISHED and _was_gone_in_part(view):
        return lang.say(
            "{standing} · {deleted} of {total} deleted, the rest already gone · #{number}",
            standing=standing,
            deleted=lang.number(view.tally[Outcome.DELETED]),
            total=lang.number(sum(view.tally.values())),
            number=number,
        )
    if view.state is State.FINISHED or _is_deleting(view):
        return lang.say("{standing} · {what} · #{number}", standing=standing, what=what(lang, view), number=number)
    return lang.say(
        "{standing} · Delete {what} · #{number}", standing=standing, what=what(lang, view), number=number
    )


def what(lang: Language, view: ProposalView) -> str:
    """Return what a proposal is about: ``3 videos (12.4 GB)``."""
    if view.plan is None:
        return words.things(lang, view.request, view.asked)
    things = words.things(lang, view.request, view.plan.count)
    return lang.say("{things} ({size})", things=things, size=sizes.amount(lang, view.plan))


def left(lang: Language, view: ProposalView) -> str:
    """Return how much of a result is not what was wished, and how much of that ended in which way (plain text)."""
    number, total = not_gone(view), lang.number(sum(view.tally.values()))
    others = {word for word, count in view.tally.items() if count and word not in GONE}
    alike = words.ALL_LEFT.get(min(others)) if len(others) == 1 else None
    if alike is not None:
        return lang.say_n(*alike, number, total=total)
    counted = words.counts(lang, {word: view.tally[word] for word in others})
    opening = _not_gone(lang, view)
    return lang.say("{left}: {counted}", left=opening, counted=counted) if counted else opening


def _not_gone(lang: Language, view: ProposalView) -> str:
    """Return how much of a result is not what was wished, and whether that is certain."""
    others = {word for word, count in view.tally.items() if count and word not in GONE}
    counts = {"left": lang.number(not_gone(view)), "total": lang.number(sum(view.tally.values()))}
    if others and others <= NOT_DELETED:
        return lang.say("{left} of {total} not deleted", **counts)
    return lang.say("{left} of {total} not verified as deleted", **counts)


def _with_rest(lang: Language, view: ProposalView, rest: str) -> str:
    standing = headline(lang, view)
    return lang.say("{standing} · {left} · #{number}", standing=standing, left=rest, number=view.row.id)


def not_gone(view: Stands) -> int:
    """Return how many items are, or may be, still in VOD."""
    return sum(view.tally.values()) - sum(view.tally.get(outcome, 0) for outcome in GONE)


def _is_as_wished(view: Stands) -> bool:
    """Say whether every item is gone; a result without items is none."""
    return bool(view.tally) and not not_gone(view)


def _was_gone_in_part(view: Stands) -> bool:
    """Say whether some items were deleted here, and the others were gone already."""
    return bool(view.tally.get(Outcome.DELETED) and view.tally.get(Outcome.ALREADY_GONE))


def _is_deleting(view: Stands) -> bool:
    is_sending = view.row.halted is None and not view.is_frozen and holding.is_over(view.row, view.now_ms)
    return view.state is State.EXECUTING and is_sending


def _finished(lang: Language, view: Stands) -> str:
    if not _is_as_wished(view):
        return lang.say("⚠️ NOT ALL DELETED")
    if not view.tally.get(Outcome.DELETED):
        return lang.say("⚪ Already gone")
    if _was_gone_in_part(view):
        return lang.say("✅ All gone")
    return lang.say("✅ Deleted")


def _under_way(lang: Language, view: Stands) -> str:
    if view.row.halted is not None:
        return lang.say("🛑 Stopping")
    if view.is_frozen:
        return lang.say("⏸️ Held") if view.frozen is None else lang.say("🧊 Frozen")
    if _is_deleting(view):
        return lang.say("🗑️ Deleting")
    if not holding.is_over(view.row, view.now_ms):
        return lang.say("⏸️ On hold")
    return lang.say("▶️ Starting")
