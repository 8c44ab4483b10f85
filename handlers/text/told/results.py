"""What became of every item of a deletion, in words: a result that is not the wished one says so first."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from deletion.audit.messages.audience import NAMED_IN_RESULT, FileStands
from deletion.plan.plan import Plan
from deletion.terms.results.outcomes import GONE, Outcome
from deletion.views import ItemView, ProposalView
from handlers.text import reasons, words
from handlers.text.blocks import TEXT_MOST, Block, Message, context, plain_section, section
from handlers.text.escaping import clip, packed, plain, safe
from handlers.text.language import Language
from handlers.text.proposals import headline

NAMED = NAMED_IN_RESULT

LINE_MOST = 500
"""Characters of an item's line: Slack takes about 12,000 in all blocks of a message."""


def message(lang: Language, view: ProposalView) -> Message:
    """Tell what became of every item: the troubled ones first and by name; of many, those alone."""
    summary, total = summed_up(lang, view), sum(view.tally.values())
    shown = view.troubled[:NAMED]
    if is_listed(view):
        shown, total = tuple(item for item in shown if item.outcome not in GONE), headline.not_gone(view)
    lines = [line(lang, view.plan, item) for item in shown]
    if total > len(shown):
        lines.append(words.and_more(lang, total - len(shown)))
    blocks: list[Block] = [section(summary), *map(plain_section, packed(lines))]
    if is_refused_without_reason(shown):
        blocks.append(context(words.why_refused(lang, view.request)))
    blocks += [context(told) for told in listed(lang, view)]
    text = " ".join([summary.replace("*", ""), *(safe(line, 200) for line in lines[:5])])
    return Message(clip(text, TEXT_MOST), tuple(blocks))


def is_listed(view: ProposalView) -> bool:
    """Say whether there are so many items that what became of each is in a file."""
    return sum(view.tally.values()) > NAMED


def listed(lang: Language, view: ProposalView) -> Iterator[str]:
    """Say where that file is, or that there is none, and what shows the same (mrkdwn)."""
    if not is_listed(view):
        return
    match view.file:
        case FileStands.THERE:
            yield lang.say("What became of every item is in the CSV file in the thread of the card.")
        case FileStands.OWED:
            yield lang.say("What became of every item comes as a CSV file into the thread of the card.")
        case FileStands.GIVEN_UP:
            yield lang.say(
                "Slack did not take the CSV file with what became of every item. “View all” on the card of "
                "#{number} shows it; let the operator of Countersign see why files are not taken.",
                number=view.row.id,
            )
        case None:
            return
        case _:
            assert_never(view.file)


def summed_up(lang: Language, view: ProposalView) -> str:
    """Say in a sentence how it ended, and count the outcomes (mrkdwn)."""
    tally = words.tally(lang, view.tally, view.request)
    left, total = headline.not_gone(view), sum(view.tally.values())
    if not left:
        return lang.say("*#{number} is finished.* {tally}.", number=view.row.id, tally=tally)
    return lang.say(
        "*#{number} is finished, NOT ALL DELETED: {left} of {total}.* {tally}.",
        number=view.row.id,
        left=lang.number(left),
        total=lang.number(total),
        tally=tally,
    )


def is_refused_without_reason(shown: Iterable[ItemView]) -> bool:
    """Say whether VOD refused one of these items and gave no error code for it."""
    return any(item.outcome is Outcome.REFUSED and item.note.fault is None for item in shown)


def line(lang: Language, plan: Plan | None, item: ItemView) -> str:
    """Say what became of one item, and why (plain text)."""
    target = plan.target(item.target) if plan else None
    ended = lang.say(
        "{title} ({item}): {outcome}",
        title=words.title(lang, target.title, 120) if target else lang.say("(unknown)"),
        item=plain(item.target, 200),
        outcome=lang.say(words.OUTCOMES[item.outcome]) if item.outcome else lang.say("waiting"),
    )
    # What troubled a call on the way no longer matters once the absence of its item was verified.
    because = "" if item.outcome is Outcome.DELETED else reasons.of_item(lang, item.note)
    told = lang.say("{result}: {because}", result=ended, because=because) if because else ended
    return lang.say("{result}.", result=clip(told, LINE_MOST))
