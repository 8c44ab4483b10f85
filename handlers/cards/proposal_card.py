"""The proposal card: what would go, who wants it, why, and the buttons; then, in place, what became of it."""

from collections.abc import Iterator, Sequence

from deletion.approval.requests.overlaps import Overlap
from deletion.audit.messages.audience import FileStands
from deletion.plan.plan import DIGEST_SHOWN, Plan
from deletion.terms.results.outcomes import GONE, Outcome
from deletion.terms.states import OPEN, State
from deletion.views import ProposalView
from handlers.cards.parts import buttons, looking, questions, targets, totals
from handlers.cards.parts.fitting import ROOM, clip_to_weight, weight
from handlers.text import links, words
from handlers.text.blocks import TEXT_MOST, Block, Message, context, header, plain_section, section
from handlers.text.escaping import clip, escape, mention, packed, plain, safe
from handlers.text.facts import locations, sizes, warned
from handlers.text.language import Language
from handlers.text.proposals import headline, standing
from handlers.text.told import results

REASON_MOST = 1_500
DRIFT_MOST = 1_500
TROUBLED_MOST = 5_000
LEFT_OUT_MOST = 1_200
"""What these may weigh on a card, so that there is always room for the targets."""

LEFT_OUT_NAMED = 10
"""Things that are not in a plan that its card names."""

OVERLAPS_NAMED = 10
"""Other open proposals that a card names."""

DECIDERS_NAMED = 8
"""Approvers that a card names."""

TITLES = 5
"""Titles that a summary names."""


def card(lang: Language, view: ProposalView, *, earlier: str | None = None, home: str = "") -> Message:
    """Render a proposal as it stands; ``earlier`` leads to a card that could not be kept up to date.

    ``home`` is the workspace's address, or '' when it is not known.
    """
    if view.plan is None:
        stands = lang.say(words.STATES[view.state])
        return Message(lang.say("Proposal #{number} {stands}.", number=view.row.id, stands=stands))
    blocks = _open(lang, view, view.plan, home) if view.state in OPEN else _closed(lang, view, view.plan, home)
    if earlier is not None:
        blocks.append(context(lang.say("This card takes the place of <{link}|an earlier one>.", link=earlier)))
    message = Message(_summary(lang, view, view.plan), tuple(blocks))
    # Pictures help to decide. Afterwards they go with what they show, and Slack takes no picture that is gone.
    return message if view.state is State.PENDING else message.without_images()


def short(lang: Language, view: ProposalView) -> Message:
    """Render as little of a proposal as can be decided on, for when Slack does not take the whole card.

    What it would delete is then shown by the list in its thread alone.
    """
    blocks = [*_head(lang, view)]
    if view.plan is not None and view.state is State.PENDING:
        told = lang.say("Slack did not take the whole card. The list of everything is the CSV file in its thread.")
        told = _no_list(lang) if view.file is FileStands.GIVEN_UP else told
        blocks += [section(told), *_said(lang, view), *warnings(lang, view.plan), *_deciding(lang, view, view.plan)]
    blocks += [*_again(lang, view, ""), context(f"`/vod status {view.row.id}`")]
    return Message(f"{headline.line(lang, view)}. {standing.status(lang, view).replace('*', '')}", tuple(blocks))


def _open(lang: Language, view: ProposalView, plan: Plan, home: str) -> list[Block]:
    head = [
        *_head(lang, view),
        *_drift(lang, view),
        *totals.blocks(lang, plan),
        *warnings(lang, plan),
        *also_in_others(lang, view.overlaps),
        *_wanted(lang, view, home),
        *_said(lang, view),
        *left_out(lang, plan),
    ]
    below = list(_rest(lang, view, plan))
    tail = [
        *_viewing_all(lang, view, plan),
        *_deciding(lang, view, plan),
        *_deciders(lang, view),
        _small_print(lang, view, plan, home),
    ]
    # Of a long list the view holds only the first items: one without a word would look as if it were still waiting.
    outcomes: dict[str, Outcome | None] = (
        {} if targets.is_long(plan) else {item.target: item.outcome for item in view.items}
    )
    divider: Block = {"type": "divider"}
    room = ROOM - weight([*head, divider, *below, *tail])
    rows = targets.blocks(lang, plan, outcomes, room=room)
    room -= weight(rows)
    console = list(looking.in_console(lang, plan, room=room))
    strip = looking.pictures(lang, plan, room=room - weight(console))
    return [*head, *strip, divider, *rows, *below, *console, *tail]


def _closed(lang: Language, view: ProposalView, plan: Plan, home: str) -> list[Block]:
    """Return the short card of what is over: the result first, and not the whole plan again."""
    return [
        *_head(lang, view),
        *_rejection(lang, view),
        *_items(lang, view, plan),
        *_listed(lang, view),
        *_viewing_all(lang, view, plan),
        *_again(lang, view, home),
        *_wanted(lang, view, home),
        _small_print(lang, view, plan, home),
    ]


def _head(lang: Language, view: ProposalView) -> Iterator[Block]:
    yield header(headline.line(lang, view))
    yield section(standing.status(lang, view))
    frozen, stop = standing.frozen(lang, view), buttons.stopping(lang, view)
    if frozen:
        yield section(frozen)
    if stop is not None:
        yield stop


def _again(lang: Language, view: ProposalView, home: str) -> Iterator[Block]:
    """Offer what a deletion had left to be proposed again, or name the proposal of it."""
    button = buttons.again(lang, view)
    if button is not None:
        yield button
    elif view.again is not None:
        yield section(standing.proposed_again(lang, view, home))


def _wanted(lang: Language, view: ProposalView, home: str) -> Iterator[Block]:
    proposer, first = mention(view.row.proposer), view.again_of
    if first is None:
        yield section(lang.say("Proposed by {proposer}. Why:", proposer=proposer))
    else:
        told = lang.say(
            "Proposed by {proposer}. *Again*: the rest of {first}, for the same reason:",
            proposer=proposer,
            first=links.to_card(first.number, first.card, home),
        )
        yield section(told)
    yield plain_section(clip_to_weight(plain(view.row.reason, 600), REASON_MOST))
    if view.query is not None:
        yield section(words.queried(lang, view.query))
    if view.newcomers:
        yield section(f"⚠️ {words.newcomers(lang, view.newcomers)}")


def _said(lang: Language, view: ProposalView) -> Iterator[Block]:
    """Show what waits for an answer, and what approvers say."""
    told = questions.are_open(lang, view.open_questions), questions.comments(lang, view.comments)
    yield from (section(each) for each in told if each)


def _rejection(lang: Language, view: ProposalView) -> Iterator[Block]:
    if view.state is State.REJECTED:
        yield section(lang.say("Why it was rejected:"))
        yield plain_section(clip_to_weight(plain(view.ending.why or "", 600), REASON_MOST))


def _drift(lang: Language, view: ProposalView) -> Iterator[Block]:
    if view.drift and view.state is State.PENDING:
        lines = [plain(line, 200) for line in words.drift(lang, view.drift, view.plan)]
        yield section(lang.say("*Changed since it was first shown*, so earlier approvals no longer count:"))
        yield plain_section(_together(lines, DRIFT_MOST))


def left_out(lang: Language, plan: Plan) -> Iterator[Block]:
    """Name what was asked for and is not in a plan, with the reason."""
    if not plan.left_out:
        return
    lines = [
        lang.say("{name}: {why}", name=plain(name, 100), why=lang.say(words.LEFT_OUT[why]))
        for name, why in plan.left_out[:LEFT_OUT_NAMED]
    ]
    if plan.left_out_count > len(lines):
        lines.append(words.and_more(lang, plan.left_out_count - len(lines)))
    left_out = lang.number(plan.left_out_count)
    yield section(lang.say("*Not in this proposal* ({n} of those asked for):", n=left_out))
    yield plain_section(_together(lines, LEFT_OUT_MOST))


def warnings(lang: Language, plan: Plan) -> Iterator[Block]:
    """Say how many warnings of which kind there are, where there are any."""
    counted = warned.counted(lang, plan)
    if counted:
        yield section(
            lang.say_n(
                "⚠️ *Warnings* about {n} of {total} items: {counted}.",
                "⚠️ *Warnings* about {n} of {total} items: {counted}.",
                plan.totals.warned,
                total=lang.number(plan.count),
                counted=counted,
            )
        )


def also_in_others(lang: Language, others: Sequence[Overlap]) -> Iterator[Block]:
    """Name the other open proposals about the same media."""
    told = _also_in(lang, others)
    if told:
        yield section(f"⚠️ {told}")


def _also_in(lang: Language, others: Sequence[Overlap]) -> str:
    """Name the other open proposals about the same media, '' when there is none."""
    if not others:
        return ""
    named = [
        lang.say_n("#{number} ({n} in common)", "#{number} ({n} in common)", each.common, number=each.number)
        for each in others[:OVERLAPS_NAMED]
    ]
    told = words.more(lang, lang.series(named), len(others) - OVERLAPS_NAMED)
    return lang.say("*Also in other open proposals*: {others}. Look at them before you decide.", others=told)


def _rest(lang: Language, view: ProposalView, plan: Plan) -> Iterator[Block]:
    shown = targets.chosen(plan)
    rest = plan.count - len(shown)
    if not rest:
        return
    unseen = plan.totals.warned - sum(bool(each.warnings) for each in shown)
    told = (
        lang.say("*… and {n} more.*", n=lang.number(rest)),
        lang.say("{n} of them with warnings.", n=lang.number(unseen)) if unseen else "",
        _whole_list(lang, view),
    )
    yield section(lang.sentences(*told))


def _whole_list(lang: Language, view: ProposalView) -> str:
    """Say where the whole list is, or that nobody can approve what cannot be shown whole (mrkdwn)."""
    if view.file is FileStands.GIVEN_UP:
        return _no_list(lang)
    return lang.say("The whole list is the CSV file in this card's thread.")


def _no_list(lang: Language) -> str:
    return lang.say(
        "*Slack did not take the whole list as a file, so nobody can approve this.* Let the operator of "
        "Countersign see why files are not taken; then withdraw it and propose it once more."
    )


def _viewing_all(lang: Language, view: ProposalView, plan: Plan) -> Iterator[Block]:
    if targets.is_long(plan) or view.file is FileStands.GIVEN_UP:
        yield buttons.viewing_all(lang, view, plan)


def _items(lang: Language, view: ProposalView, plan: Plan) -> Iterator[Block]:
    """Name what is not gone, with the reason; of what went as it should, or never began, only the first titles."""
    troubled = [item for item in view.troubled if item.outcome not in GONE][: results.NAMED]
    if not troubled:
        yield plain_section("\n".join(first_titles(lang, plan)))
        return
    lines = [results.line(lang, plan, item) for item in troubled]
    if headline.not_gone(view) > len(lines):
        lines.append(words.and_more(lang, headline.not_gone(view) - len(lines)))
    yield from map(plain_section, packed(_each_cut(lines, TROUBLED_MOST)))
    if results.is_refused_without_reason(troubled):
        yield context(words.why_refused(lang, view.request))


def _listed(lang: Language, view: ProposalView) -> Iterator[Block]:
    if view.state is State.FINISHED:
        yield from map(context, results.listed(lang, view))


def first_titles(lang: Language, plan: Plan) -> Iterator[str]:
    """Name the first targets by title and id, so that a card is found by either."""
    for target in plan.first(TITLES):
        title, name = words.title(lang, target.title, 120), clip_to_weight(plain(target.id), 300)
        yield lang.say("{title} ({item})", title=title, item=name)
    if plan.count > TITLES:
        yield words.and_more(lang, plan.count - TITLES)


def _together(lines: list[str], most: int) -> str:
    return "\n".join(_each_cut(lines, most))


def _each_cut(lines: list[str], most: int) -> list[str]:
    """Cut every line to its share of a weight, so that none is dropped."""
    return [clip_to_weight(line, most // len(lines)) for line in lines]


def _deciding(lang: Language, view: ProposalView, plan: Plan) -> Iterator[Block]:
    if view.state is State.PENDING:
        yield section(for_good(lang))
        yield buttons.deciding(lang, view, plan)


def _deciders(lang: Language, view: ProposalView) -> Iterator[Block]:
    """Say who may approve, and why it is them who are asked."""
    people = sorted(view.approvers - {view.row.proposer})
    if view.state is not State.PENDING or not people:
        return
    named = words.more(lang, words.who(lang, people[:DECIDERS_NAMED]), len(people) - DECIDERS_NAMED)
    told = lang.say_n(
        "Who may approve: {n} of {people}, the approvers in Countersign's settings without the proposer.",
        "Who may approve: {n} of {people}, the approvers in Countersign's settings without the proposer.",
        view.row.needed,
        people=named,
    )
    yield context(told)


def for_good(lang: Language) -> str:
    """Say that what is deleted is gone (mrkdwn)."""
    return lang.say("*This cannot be undone.* VOD deletes for good: there is no recycle bin.")


def _small_print(lang: Language, view: ProposalView, plan: Plan, home: str) -> Block:
    """Say what identifies it, and lead to the audit channel as soon as that shows it."""
    told = lang.say(
        "{what}, {size} in all · {place} · plan {plan}, revision {revision} · {command}",
        what=words.things(lang, view.request, plan.count),
        size=sizes.amount(lang, plan),
        place=escape(locations.named(lang, plan.place)),
        plan=f"`{(view.row.digest or '')[:DIGEST_SHOWN]}`",
        revision=view.row.revision,
        command=f"`/vod status {view.row.id}`",
    )
    return context(" · ".join([told, *in_audit_channel(lang, view, home)]))


def in_audit_channel(lang: Language, view: ProposalView, home: str) -> Iterator[str]:
    """Yield a link to where the audit channel shows a proposal, where that is known (mrkdwn)."""
    address = links.permalink(home, view.audited) if view.audited else None
    if address:
        yield lang.say("<{link}|In the audit channel>", link=address)


def _titles(lang: Language, plan: Plan) -> str:
    titles = (words.title(lang, target.title, 60) for target in plan.first(TITLES))
    named = lang.series(lang.say("“{title}”", title=title) for title in titles)
    return words.more(lang, named, plan.count - TITLES)


def _summary(lang: Language, view: ProposalView, plan: Plan) -> str:
    """Say everything that matters in the top-level text: it is all a screen reader reads."""
    parts = (
        lang.say("{headline}.", headline=headline.line(lang, view)),
        standing.status(lang, view).replace("*", ""),
        standing.frozen(lang, view).replace("*", ""),
        lang.say("Their reason: “{reason}”.", reason=safe(view.ending.why or "", 500))
        if view.state is State.REJECTED
        else "",
        lang.say("Warnings: {counted}.", counted=warned.counted(lang, plan))
        if view.state is State.PENDING and plan.totals.warned
        else "",
        lang.say(
            "Proposed by {proposer}. Why: “{reason}”.",
            proposer=mention(view.row.proposer),
            reason=safe(view.row.reason),
        ),
        words.queried_plainly(lang, view.query) + "." if view.query else "",
        words.newcomers(lang, view.newcomers),
        questions.are_open(lang, view.open_questions).replace("*", ""),
        questions.comments(lang, view.comments),
        standing.proposed_again(lang, view).replace("*", ""),
        _also_in(lang, view.overlaps).replace("*", ""),
        escape(_titles(lang, plan)),
    )
    return clip(lang.sentences(*parts), TEXT_MOST)
