"""What approvers and the proposer are told once a deletion is approved: what they did, and how to stop it.

Whoever else uses somebody's account is noticed by it, while there is still time.
"""

from collections.abc import Sequence

from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.cards.parts import buttons
from handlers.text import links, words
from handlers.text.blocks import TEXT_MOST, Block, Message, context, section
from handlers.text.escaping import clip, escape
from handlers.text.language import Language
from handlers.text.proposals import headline, standing


def message(lang: Language, views: Sequence[ProposalView], reader: str, home: str = "") -> Message:
    """Render the direct message to ``reader`` about these, each with a button to stop it while it can be stopped.

    ``home`` is the workspace's address, or '' when it is not known.
    """
    deeds = [lang.sentences(_deed(lang, view, reader, home), _stands(lang, view)) for view in views]
    stops = [buttons.stopping(lang, view) for view in views]
    otherwise = _otherwise(lang, can_stop=any(stops))
    told = (_with(section(deed), stop) for deed, stop in zip(deeds, stops, strict=True))
    return Message(clip("\n".join([*deeds, otherwise]), TEXT_MOST), (*told, context(otherwise)))


def _with(deed: Block, stop: Block | None) -> Block:
    """Put the button beside what it stops."""
    return {**deed, "accessory": stop["elements"][0]} if stop else deed


def _deed(lang: Language, view: ProposalView, reader: str, home: str) -> str:
    card = links.to_card(view.row.id, view.card, home)
    what = escape(headline.what(lang, view))
    if reader != view.row.proposer:
        return lang.say("*You approved {card}*: delete {what}.", card=card, what=what)
    by = words.who(lang, view.approved_by)
    return lang.say(
        "*Your proposal {card} is approved* by {people}: delete {what}.", card=card, what=what, people=by
    )


def _stands(lang: Language, view: ProposalView) -> str:
    until, hold_s = view.row.hold_until_ms, view.row.hold_s
    if view.state is not State.APPROVED:
        return lang.say("It stands now at: {word}.", word=escape(headline.headline(lang, view)))
    if view.is_frozen:
        return standing.once_it_is_over(lang, view)
    if until is not None and until > view.now_ms:
        return lang.say("It is on hold until {time}, then the deletion starts.", time=lang.instant(until))
    if until is None and hold_s:
        return lang.say("The deletion starts after a hold of {time}.", time=lang.lasting(hold_s))
    return lang.say("The deletion starts now.")


def _otherwise(lang: Language, *, can_stop: bool) -> str:
    """Say what to do if it was somebody else."""
    if can_stop:
        return lang.say(
            "Was it not you? Stop the deletion: somebody may be using your Slack account. Then sign out of all "
            "other sessions, and tell an administrator of this workspace."
        )
    return lang.say(
        "Was it not you? Somebody may be using your Slack account: sign out of all other sessions, and tell an "
        "administrator of this workspace."
    )
