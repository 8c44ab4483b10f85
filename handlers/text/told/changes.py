"""What is not as it was shown, told to whoever is concerned."""

from deletion.audit import events
from deletion.views import ProposalView
from handlers.text import words
from handlers.text.blocks import Message, listing
from handlers.text.escaping import plain
from handlers.text.language import Language


def plan_changed(lang: Language, told: events.PlanChanged, view: ProposalView | None) -> Message:
    """Tell that the assets changed, so that every approval is void."""
    opening = lang.say(
        "*#{number} changed before it could be approved*, so no approval counts any more. "
        "The card shows it as it is now. What changed:",
        number=told.about.number,
    )
    return _with_changes(lang, opening, told, view)


def assets_gone(lang: Language, told: events.AssetsGone, view: ProposalView | None) -> Message:
    """Tell that there is nothing left to delete."""
    opening = lang.say(
        "*#{number} is closed: nothing of it is in VOD any more.* Nothing was deleted here.",
        number=told.about.number,
    )
    return _with_changes(lang, opening, told, view)


def _with_changes(
    lang: Language, opening: str, told: events.PlanChanged | events.AssetsGone, view: ProposalView | None
) -> Message:
    lines = words.drift(lang, told.drift, view.plan if view else None)
    return listing(opening, [plain(line, 300) for line in lines])
