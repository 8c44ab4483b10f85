"""Where a proposal stands at a glance: one mark and one word, for the head of whatever shows it."""

from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.text import results
from handlers.text.language import Language, sentence

_ENDED: dict[State, str] = {
    State.REJECTED: sentence("⛔ Rejected"),
    State.WITHDRAWN: sentence("↩️ Withdrawn"),
    State.STOPPED: sentence("🛑 Stopped"),
    State.EXPIRED: sentence("⌛ Expired"),
    State.STALE: sentence("⚪ Closed"),
    State.FAILED: sentence("⚠️ Not opened"),
}


def headline(lang: Language, view: ProposalView) -> str:
    """Return the mark and the word (plain text)."""
    match view.state:
        case State.COLLECTING:
            return lang.say("🔎 Reading")
        case State.PENDING:
            return lang.say("⏳ Waiting")
        case State.APPROVED | State.EXECUTING:
            return _under_way(lang, view)
        case State.FINISHED if results.not_gone(view):
            return lang.say("⚠️ NOT ALL DELETED")
        case State.FINISHED:
            return lang.say("✅ Deleted")
        case _:
            return lang.say(_ENDED[view.state])


def _under_way(lang: Language, view: ProposalView) -> str:
    if view.frozen is not None:
        return lang.say("🧊 Frozen")
    if view.state is State.APPROVED:
        return lang.say("⏸️ On hold")
    if view.row.halted is not None:
        return lang.say("🛑 Stopping")
    return lang.say("🗑️ Deleting")
