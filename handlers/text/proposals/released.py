"""The deletions that the end of a freeze, or of a hold on the whole record, lets go on: totals first, then each."""

from deletion.audit import events
from deletion.audit.events import Event
from deletion.releases import Release, Released
from deletion.terms import ids
from deletion.terms.states import State
from handlers.text import links, words
from handlers.text.escaping import mention
from handlers.text.facts import sizes
from handlers.text.language import Language


def told(lang: Language, event: Event, release: Release, workspace_url: str) -> list[str]:
    """Return paragraphs (mrkdwn): what is released in all, each of the largest, and how many more there are."""
    if not release.deletions:
        return [_nothing(lang, event)]
    paragraphs = [lang.sentences(_total(lang, event, release), _still_held(lang, release))]
    paragraphs += [_line(lang, each, workspace_url) for each in release.largest]
    rest = release.deletions - len(release.largest)
    if rest > 0:
        paragraphs.append(lang.say_n("… and {n} more: see `/vod list`.", "… and {n} more: see `/vod list`.", rest))
    return paragraphs


def _is_over(event: Event) -> bool:
    return isinstance(event, events.FreezeEnded | events.AnchorRestored)


def _nothing(lang: Language, event: Event) -> str:
    if _is_over(event):
        return lang.say("Nothing that was approved waits to be deleted.")
    if event.about.kind == ids.FREEZE:
        return lang.say("Unfreezing releases nothing: no approved deletion waits.")
    return lang.say("Taking this record for the true one releases nothing: no approved deletion waits in it.")


def _total(lang: Language, event: Event, release: Release) -> str:
    number = release.deletions
    if _is_over(event):
        opening = lang.say_n("*Released: {n} deletion.*", "*Released: {n} deletions.*", number)
    elif event.about.kind == ids.FREEZE:
        opening = lang.say_n("*Unfreezing releases {n} deletion.*", "*Unfreezing releases {n} deletions.*", number)
    else:
        opening = lang.say_n(
            "*Taking this record for the true one releases {n} deletion.*",
            "*Taking this record for the true one releases {n} deletions.*",
            number,
        )
    left = lang.say_n("{n} item is left to delete.", "{n} items are left to delete.", release.items_left)
    size = sizes.known(lang, release.bytes_known, at_least=release.at_least)
    return lang.sentences(opening, left, lang.say("Planned size: {size}.", size=size) if size else "")


def _still_held(lang: Language, release: Release) -> str:
    match release.held_by:
        case ids.FREEZE:
            return lang.say(
                "All of it stays frozen until two people, one of them an approver, type `/vod unfreeze`."
            )
        case ids.ANCHOR:
            return lang.say(
                "All of it stays held while this record does not lead to the newest head in the audit channel."
            )
        case _:
            return ""


def _line(lang: Language, each: Released, workspace_url: str) -> str:
    """Return number, items left, size of the whole, state and proposer of one deletion."""
    size = sizes.known(lang, each.bytes_known, at_least=each.at_least)
    facts = [
        f"*{links.to_card(each.number, each.card, workspace_url)}* {words.things(lang, each.request, each.count)}",
        *([size] if size else []),
        _state(lang, each),
        lang.say("proposed by {proposer}", proposer=mention(each.proposer)),
    ]
    return " · ".join(facts)


def _state(lang: Language, each: Released) -> str:
    match each.state:
        case State.APPROVED:
            return lang.say("approved")
        case State.EXECUTING:
            return lang.say(
                "under way, {n} of {total} left", n=lang.number(each.left), total=lang.number(each.count)
            )
        case _:
            return lang.say(words.STATES[each.state])
