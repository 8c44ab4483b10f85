"""What people ask before they decide, and what they say with an approval: on the card, in its thread, in a form.

All of it is outside text: it formats, links and mentions nothing. Who has to act is told by a direct message: of a
question the proposer, of an answer whoever asked.
"""

from collections.abc import Sequence
from typing import TypeAlias

from deletion.approval.people.questions import Named, Question
from deletion.audit import events
from deletion.terms.ids import ProposalNumber
from deletion.terms.people import Actor
from deletion.views import ProposalView
from handlers.cards.parts import buttons
from handlers.cards.parts.fitting import clip_to_weight
from handlers.text import links, people, words
from handlers.text.blocks import TEXT_MOST, Message, context, plain_section, section
from handlers.text.escaping import clip, code, mention, plain, safe
from handlers.text.language import Language

Told: TypeAlias = events.QuestionAsked | events.QuestionAnswered

SHOWN = 3
"""Questions, or comments, that are shown with their text where they are only recalled."""

RECALLED_MOST = 300
"""What each of these may weigh."""

TEXT_MOST_SHOWN = 500
"""Characters of a question or an answer that its own message shows: all that the forms take."""


def are_open(lang: Language, questions: Sequence[Question]) -> str:
    """Say how many questions wait for an answer, and who asked; '' for none (mrkdwn)."""
    if not questions:
        return ""
    asked_by = words.who(lang, tuple(dict.fromkeys(each.person for each in questions))[:SHOWN])
    return lang.say_n(
        "*{n} question is open* (asked by {people}); the proposer answers in the thread.",
        "*{n} questions are open* (asked by {people}); the proposer answers in the thread.",
        len(questions),
        people=asked_by,
    )


def each_of(lang: Language, questions: Sequence[Question]) -> str:
    """Return the first open questions with their text, a line each (mrkdwn)."""
    lines = [
        lang.say("{person} asks: {text}", person=mention(each.person), text=_recalled(each.text))
        for each in questions[:SHOWN]
    ]
    return _with_rest(lang, lines, len(questions))


def comments(lang: Language, said: Sequence[tuple[str, str]]) -> str:
    """Return what approvers say with their approvals, a line each; '' for nothing (mrkdwn)."""
    lines = [
        lang.say("{person} says with their approval: {text}", person=mention(person), text=_recalled(text))
        for person, text in said[:SHOWN]
    ]
    return _with_rest(lang, lines, len(said))


def _recalled(text: str) -> str:
    return code(clip_to_weight(plain(text, TEXT_MOST_SHOWN), RECALLED_MOST), TEXT_MOST_SHOWN)


def _with_rest(lang: Language, lines: Sequence[str], total: int) -> str:
    rest = [words.and_more(lang, total - len(lines))] if total > len(lines) else []
    return "\n".join([*lines, *rest])


def message(lang: Language, told: Told, view: ProposalView) -> Message:
    """Render a question, with the button that answers it, or an answer: a reply in the card's thread."""
    if isinstance(told, events.QuestionAsked):
        opening = lang.say(
            "{proposer}, {asker} asks about #{number}:",
            proposer=mention(view.row.proposer),
            asker=people.named(told.by),
            number=view.row.id,
        )
    else:
        opening = lang.say(
            "{asker}, {proposer} answers your question about #{number}:",
            asker=people.named(Actor.parse(told.asker)),
            proposer=people.named(told.by),
            number=view.row.id,
        )
    return _with_text(lang, opening, told, view)


def direct(lang: Language, told: Told, view: ProposalView, home: str = "") -> Message:
    """Render the same for the one who has to act, alone; ``home`` is the workspace's address, or ''."""
    card = links.to_card(view.row.id, view.card, home)
    if isinstance(told, events.QuestionAsked):
        opening = lang.say("{asker} asks about your proposal {card}:", asker=people.named(told.by), card=card)
    else:
        opening = lang.say(
            "{proposer} answers your question about {card}:", proposer=people.named(told.by), card=card
        )
    return _with_text(lang, opening, told, view)


def _with_text(lang: Language, opening: str, told: Told, view: ProposalView) -> Message:
    text = plain_section(clip(plain(told.text, TEXT_MOST_SHOWN), TEXT_MOST_SHOWN))
    if isinstance(told, events.QuestionAsked):
        named = Named(view.record, ProposalNumber(view.row.id), told.question)
        blocks = (section(opening), text, *((buttons.answering(lang, named),) if _waits(view, told) else ()))
    else:
        blocks = (section(opening), *_recall(lang, told, view), text)
    return Message(_summary(lang, opening, told.text), blocks)


def _waits(view: ProposalView, told: events.QuestionAsked) -> bool:
    return any(each.id == told.question for each in view.open_questions)


def _recall(lang: Language, told: events.QuestionAnswered, view: ProposalView) -> Sequence[dict[str, object]]:
    """Return the question that is answered: several may be open."""
    asked = next((each.text for each in view.questions if each.id == told.question), "")
    return (context(lang.say("Question: {text}", text=_recalled(asked))),) if asked else ()


def _summary(lang: Language, opening: str, text: str) -> str:
    return clip(lang.say("{opening} “{text}”", opening=opening, text=safe(text, TEXT_MOST_SHOWN)), TEXT_MOST)
