"""The message that tells a proposer how far the reading is: one of its own, which then says what came of it."""

from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.cards.parts import buttons
from handlers.text import links, reasons
from handlers.text.blocks import Message, context, header, said, section
from handlers.text.language import Language
from handlers.text.proposals import headline, standing
from handlers.text.told.private import Around


def card(lang: Language, view: ProposalView, around: Around) -> Message:
    """Render it as the proposal stands."""
    match view.state:
        case State.COLLECTING:
            return _under_way(lang, view)
        case State.FAILED:
            why = reasons.not_collected(lang, view.ending)
            return said(
                lang.say("*Reading #{number} is over*: it was not opened. {why}", number=view.row.id, why=why)
            )
        case State.WITHDRAWN if view.plan is None:
            return said(
                lang.say(
                    "*Reading #{number} was stopped*: you withdrew it. Nothing will be deleted.",
                    number=view.row.id,
                )
            )
        case _:
            return said(_read(lang, view, around))


def _under_way(lang: Language, view: ProposalView) -> Message:
    line, found = headline.line(lang, view), view.reading
    nothing = lang.say("Nothing is deleted before somebody else has approved it.")
    if found is None:
        return said(nothing)
    far, as_of = standing.reading(lang, found), lang.say("As of {time}.", time=lang.instant(found.at_ms))
    text = lang.sentences(lang.say("{headline}.", headline=line), far.replace("*", ""))
    small = context(lang.sentences(as_of, nothing))
    return Message(text, (header(line), section(far), small, buttons.withdrawing(lang, view)))


def _read(lang: Language, view: ProposalView, around: Around) -> str:
    """Say what was read, which stays true whatever becomes of it."""
    told = lang.say("*#{number} was read*: {what}.", number=view.row.id, what=headline.what(lang, view))
    if view.card is None:
        follows = lang.say(
            "Its card is being posted in {channel}; it can be approved then.", channel=around.approvals
        )
    else:
        card = links.to_card(view.row.id, view.card, around.home)
        follows = lang.say("Its card is {card} in {channel}.", card=card, channel=f"<#{view.card.channel}>")
    return lang.sentences(told, follows)
