"""A proposal in the audit channel, as a view: what, by whom, why, who decided, what became of it, and where."""

from collections.abc import Iterable, Iterator

from deletion.plan.facts import Target
from deletion.plan.plan import DIGEST_SHOWN
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.text import reasons, words
from handlers.text.blocks import TEXT_MOST, Block, Message, context, header, plain_section, section
from handlers.text.escaping import clip, code, escape, mention, plain, safe
from handlers.text.facts import locations
from handlers.text.language import Language
from handlers.text.proposals import headline, standing

TITLES = 10
"""Titles that are shown; the thread names every item that a call was made for."""


def audit_card(lang: Language, view: ProposalView, *, link: str | None, home: str = "") -> Message:
    """Render a proposal as it stands; ``link`` leads to its card in the approvals channel.

    ``home`` is the workspace's address, or '' when it is not known.
    """
    title = _title(lang, view)
    blocks = [
        header(title),
        *map(section, _decided(lang, view, home)),
        section(lang.say("*Reason*")),
        plain_section(plain(view.row.reason, 600)),
        *_titles(lang, view),
        context(_small_print(lang, view, link)),
    ]
    return Message(_text(lang, view, title), tuple(blocks))


def bare(lang: Language, view: ProposalView) -> Message:
    """Render no more than how it stands, for when Slack does not take the whole."""
    return Message(_title(lang, view))


def _title(lang: Language, view: ProposalView) -> str:
    total = lang.size(view.plan.totals.bytes or None) if view.plan else None
    named = {
        "standing": headline.headline(lang, view),
        "number": view.row.id,
        "things": words.things(lang, view.request, _count(view)),
    }
    if total is None:
        return lang.say("{standing} · #{number}: delete {things}", **named)
    return lang.say("{standing} · #{number}: delete {things} ({size})", size=total, **named)


def _count(view: ProposalView) -> int:
    return view.plan.count if view.plan else view.asked


def _decided(lang: Language, view: ProposalView, home: str = "") -> Iterator[str]:
    """Say who proposed it, who decided, and what became of it (mrkdwn), the outcome first."""
    yield from _outcome(lang, view)
    yield lang.say(
        "*Proposed* by {proposer}, {time}",
        proposer=mention(view.row.proposer),
        time=lang.moment(view.row.created_ms),
    )
    if view.query is not None:
        yield words.queried(lang, view.query)
    if view.newcomers:
        yield words.newcomers(lang, view.newcomers)
    yield from _votes(lang, view)
    again = standing.proposed_again(lang, view, home)
    if again:
        yield again


def _outcome(lang: Language, view: ProposalView) -> Iterator[str]:
    if view.tally:
        yield lang.say("*Outcome*: {tally}", tally=words.tally(lang, view.tally, view.request))
    if view.row.finished_ms is not None:
        yield lang.say("*Ended* {time}", time=lang.moment(view.row.finished_ms))
    if view.halt is not None:
        if view.halt.actor:
            yield lang.say("*Stopped* under way by {actor}", actor=mention(view.halt.actor))
        else:
            because = escape(reasons.cause(lang, view.halt.because))
            yield lang.say("*Stopped* under way: {because}", because=because)
    yield from _ending(lang, view)


def _ending(lang: Language, view: ProposalView) -> Iterator[str]:
    """Say who or what ended it before anything was deleted."""
    ending = view.ending
    match view.state:
        case State.REJECTED if ending.actor:
            yield lang.say(
                "*Rejected* by {actor}: {why}", actor=mention(ending.actor), why=code(ending.why or "", 600)
            )
        case State.STOPPED if ending.actor:
            yield lang.say("*Stopped* before it started by {actor}", actor=mention(ending.actor))
        case State.STOPPED if ending.because is not None:
            because = escape(reasons.cause(lang, ending.because))
            yield lang.say("*Stopped* before it started: {because}", because=because)
        case State.WITHDRAWN:
            yield lang.say("*Withdrawn* by its proposer")
        case State.STALE if ending.because is not None:
            yield lang.say("*Closed*: {because}", because=escape(reasons.cause(lang, ending.because)))
        case State.STALE:
            yield lang.say("*Closed*: nothing of it is in VOD any more")
        case State.FAILED:
            yield lang.say("*Not opened*: {why}", why=reasons.not_collected(lang, ending))
        case _:
            return


def _votes(lang: Language, view: ProposalView) -> Iterator[str]:
    if view.approved_by:
        so_far = {
            "people": lang.listed([mention(user) for user in view.approved_by]),
            "counted": lang.number(len(view.approved_by)),
            "needed": lang.number(view.row.needed),
        }
        if view.row.decided_ms is None:
            yield lang.say("*Approved* by {people} ({counted} of {needed})", **so_far)
        else:
            time = lang.moment(view.row.decided_ms)
            yield lang.say("*Approved* by {people} ({counted} of {needed}), {time}", time=time, **so_far)
    elif view.state is State.PENDING:
        yield lang.say("*Approved* by nobody yet (0 of {needed})", needed=lang.number(view.row.needed))
    if view.being_counted:
        waiting = lang.listed([mention(user) for user in view.being_counted])
        yield lang.say("*Approved, not counted yet*: {people}", people=waiting)


def _titles(lang: Language, view: ProposalView) -> Iterable[Block]:
    if view.plan is None:
        return
    lines = [_item(lang, target) for target in view.plan.first(TITLES)]
    rest = view.plan.count - len(lines)
    if rest > 0:
        lines.append(words.and_more(lang, rest))
    yield section(lang.say("*Items*"))
    yield plain_section("\n".join(lines))


def _item(lang: Language, target: Target) -> str:
    return lang.say("{title} ({id})", title=words.title(lang, target.title, 160), id=plain(target.id, 120))


def _small_print(lang: Language, view: ProposalView, link: str | None) -> str:
    parts = [f"`/vod status {view.row.id}`"]
    if view.plan is not None and view.row.digest:
        parts.insert(0, escape(locations.whole(lang, view.plan.place)))
        parts.insert(1, lang.say("plan {plan}", plan=f"`{view.row.digest[:DIGEST_SHOWN]}`"))
    if link is not None:
        parts.insert(0, lang.say("<{link}|The card>", link=link))
    return " · ".join(parts)


def _text(lang: Language, view: ProposalView, title: str) -> str:
    told = (line.replace("*", "") for line in _decided(lang, view))
    reason = lang.say("Reason: {reason}", reason=safe(view.row.reason))
    targets = view.plan.first(TITLES) if view.plan else ()
    named = lang.series(escape(words.title(lang, each.title, 60)) for each in targets)
    return clip(" · ".join(part for part in (title, *told, reason, named) if part), TEXT_MOST)
