"""Everything said outside the card: thread replies, direct messages, private answers, the audit channel."""

from collections.abc import Callable, Mapping
from typing import Any

from deletion.audit.notices import News
from deletion.execution.progress import Progress
from deletion.plan.plan import DIGEST_SHOWN
from deletion.terms import canonical
from deletion.terms.outcomes import Outcome
from deletion.terms.refusals import Refusal, Rule
from deletion.views import ProposalView
from handlers.cards.proposal_card import Block, Message, context, plain_section, section
from handlers.text import standing, words
from handlers.text.escaping import clip, clock, code, counted, instant, mention, moment, packed, plain, safe
from storage.tables.audit_log import AuditRow
from storage.tables.items import ItemRow

Facts = Mapping[str, Any]

TOLD_APART = 15
"""Items that a result names one by one."""


def thread(news: News, facts: Facts, view: ProposalView) -> Message:
    """Render a reply in a card's thread."""
    if news is News.FINISHED:
        return results(view)
    if news in {News.PLAN_CHANGED, News.STALE}:
        return _changed(news, facts, view)
    if news is News.STOPPED:
        return said(_stopped(facts))
    return said(_THREAD[news](facts))


def channel(news: News, facts: Facts) -> Message:
    """Render news for everybody in the approvals channel that is about no single proposal."""
    return said(_CHANNEL[news](facts))


def direct(news: News, facts: Facts, view: ProposalView | None) -> Message:
    """Render a direct message to a proposer."""
    if news is News.FINISHED and view is not None:
        return results(view)
    if news is News.STALE:
        return _changed(news, facts, view)
    return said(_DIRECT[news](facts))


def private(news: News, facts: Facts, view: ProposalView | None) -> Message:
    """Render an answer that only its reader sees."""
    if news is News.PLAN_CHANGED:
        return _changed(news, facts, view)
    return said(_PRIVATE[news](facts))


def said(mrkdwn: str) -> Message:
    """Return a message of our own words."""
    return Message(clip(mrkdwn, 3900), (section(mrkdwn),))


def results(view: ProposalView) -> Message:
    """Tell what became of every item: the troubled ones first and by name."""
    summary = f"*#{view.row.id} is finished.* {words.tally(view.tally, view.request)}."
    shown = view.troubled[:TOLD_APART]
    lines = [_result(view, item) for item in shown]
    total = sum(view.tally.values())
    if total > len(shown):
        lines.append(f"… and {total - len(shown):,} more")
    blocks: list[Block] = [section(summary), *map(plain_section, packed(lines))]
    if view.tally.get(Outcome.REFUSED):
        blocks.append(context(words.WHY_REFUSED))
    text = " ".join([summary.replace("*", ""), *(safe(line, 200) for line in lines[:5])])
    return Message(clip(text, 3900), tuple(blocks))


def _result(view: ProposalView, item: ItemRow) -> str:
    target = view.plan.target(item.target) if view.plan else None
    title = plain(target.title, 120) if target else "(unknown)"
    word = Outcome(item.outcome) if item.outcome else None
    line = f"{title} ({plain(item.target, 200)}): {words.OUTCOMES[word] if word else 'waiting'}"
    # What troubled a call on the way no longer matters once its item was read back as gone.
    because = "" if word is Outcome.DELETED else _because(canonical.loads(item.note))
    return f"{clip(line + because, 900)}."


def _because(note: Mapping[str, Any]) -> str:
    if "drift" in note:
        return ": " + ", ".join(
            plain(f"{f} was {b or 'empty'}, is {a or 'empty'}", 120) for f, b, a in note["drift"]
        )
    if "code" in note:
        said = ". ".join(plain(str(part), 200) for part in (note["code"], note.get("advice")) if part)
        return f": {said.rstrip('.')}"
    return f": {plain(str(note['because']), 200)}" if "because" in note else ""


def _stopped(facts: Facts) -> str:
    """Tell that a deletion was stopped: before it began, or under way, by a person or by itself."""
    if "because" not in facts:
        return f"{mention(facts['actor'])} stopped this before it began. Nothing was deleted."
    by = f"{mention(facts['actor'])} stopped this" if facts.get("actor") else "Stopped"
    why = "" if facts.get("actor") else f": {safe(str(facts['because']), 200)}"
    were = "was" if facts["count"] == 1 else "were"
    unsent = f"Nothing more is sent: {counted(facts['count'], 'item')} {were} still waiting."
    return f"*{by}{why}.* {unsent} What was sent already is being read back."


def _thaw(facts: Facts) -> str:
    """Tell how near the thaw is: who asked for it, and who is still missing."""
    so_far = f"{words.who(facts['people'])} asked to thaw: {facts['counted']} of {facts['needed']}."
    if facts["counted"] < facts["needed"]:
        return f"{so_far} It takes two people, one of them an approver. Type `/vod thaw` as well if you agree."
    return f"{so_far} None of them is an approver: now an approver has to type `/vod thaw`."


def _pace(facts: Facts) -> str:
    told = standing.pace(Progress(facts["done"], facts["total"], facts["per_minute"], facts["left_s"]))
    return f"; {told}" if told else ""


def _reason(why: str) -> str:
    return f"The reason: {code(why, 200)}. " if why else ""


def _changed(news: News, facts: Facts, view: ProposalView | None) -> Message:
    opening = (
        _closed(facts)
        if news is News.STALE
        else (
            f"*#{facts['number']} changed before it could be approved*, so no approval counts any more. "
            "The card shows it as it is now. What changed:"
        )
    )
    lines = words.drift(facts.get("drift", []), view.plan if view else None)
    blocks = [section(opening)]
    if lines:
        blocks.append(plain_section("\n".join(plain(line, 300) for line in lines)))
    text = f"{opening.replace('*', '')} " + "; ".join(safe(line, 200) for line in lines)
    return Message(clip(text.strip(), 3900), tuple(blocks))


def _closed(facts: Facts) -> str:
    why = safe(str(facts.get("because", "nothing of it is in VOD any more")))
    return f"*#{facts['number']} is closed: {why}.* Nothing was deleted here."


_THREAD: dict[News, Callable[[Facts], str]] = {
    News.VOTE_COUNTED: lambda f: (
        f"{mention(f['actor'])} approved: {f['counted']} of {counted(f['needed'], 'approval')}. "
        "Every item was read again and is as shown."
    ),
    News.HOLDING: lambda f: (
        f"Approved, and on hold until {instant(f['until_ms'])}; then the deletion starts. Until then nothing is "
        "deleted, and its proposer and every approver can stop it with the button on the card."
    ),
    News.STARTED: lambda f: (
        f"Deleting {f['count']:,} now. One goes alone first; the rest follows when it is read back as gone."
        if f.get("canary")
        else f"Deleting {f['count']:,} now. Results follow here."
    ),
    News.CANARY: lambda f: (
        f"The first item ({code(str(f['target']), 80)}) was read back as gone. The rest follows now."
        if f.get("outcome") == Outcome.DELETED
        else "There was nothing to try alone. The rest follows now."
    ),
    News.PROGRESS: lambda f: f"{f['done']:,} of {f['total']:,} done{_pace(f)}.",
    News.WAITING: lambda f: (
        f"VOD lets this wait: {words.vod_fault(f['vod'])} I keep trying; nothing is lost and nothing is sent twice."
    ),
    News.LATE: lambda f: (
        f"VOD was asked to delete {counted(f['count'], 'item')} that could not be read back as gone yet. "
        "I keep looking; until then they do not count as deleted."
    ),
    News.REJECTED: lambda f: f"{mention(f['actor'])} rejected this: {code(f['why'], 500)}. Nothing was deleted.",
    News.WITHDRAWN: lambda f: f"{mention(f['actor'])} withdrew this. Nothing was deleted.",
    News.EXPIRED: lambda _: "This expired before it could be carried out. Nothing was deleted.",
}

_CHANNEL: dict[News, Callable[[Facts], str]] = {
    News.FROZEN: lambda f: (
        f"*{mention(f['actor'])} froze all deletions.* No more is deleted, whatever was approved; what VOD was "
        f"already sent is being read back. {_reason(f['why'])}To go on, two people, one of them an approver, type "
        "`/vod thaw`."
    ),
    News.THAW_COUNTED: _thaw,
    News.THAWED: lambda f: f"*Thawed* by {words.who(f['people'])}. What is approved goes on now.",
}

_DIRECT: dict[News, Callable[[Facts], str]] = {
    News.PROPOSED: lambda f: (
        f"Your proposal #{f['number']} is open for approval in <#{f['channel']}>. You will be told how it ends."
    ),
    News.COLLECTION_WAITS: lambda f: (
        f"Your proposal #{f['number']} waits: it could not be read yet: {words.vod_fault(f['vod'])} "
        f"I keep trying until {moment(f['until_ms'])}. Nothing is lost."
    ),
    News.COLLECTION_FAILED: lambda f: f"Your proposal #{f['number']} was not opened. {words.failure(f)}",
    News.REJECTED: lambda f: (
        f"{mention(f['actor'])} rejected your proposal #{f['number']}: {code(f['why'], 500)}. Nothing was deleted."
    ),
    News.STOPPED: lambda f: (
        f"{mention(f['actor'])} stopped your proposal #{f['number']} before it began. Nothing was deleted. "
        "Propose it again if it is still wanted."
    ),
    News.EXPIRED: lambda f: (
        f"Your proposal #{f['number']} expired, and nothing was deleted. Propose it again if it is still wanted."
    ),
}

_PRIVATE: dict[News, Callable[[Facts], str]] = {
    News.REFUSED: lambda f: words.refusal(Refusal.from_json(f["refusal"])),
    News.VOTE_CAST: lambda f: (
        f"Your approval of #{f['number']} is recorded. Every item is read again now; then it counts."
    ),
    News.VOTE_VOID: lambda f: (
        f"Your approval of #{f['number']} did not count. {words.refusal(Refusal.from_json(f['refusal']))}"
    ),
    News.VOTE_WAITS: lambda f: (
        f"Your approval of #{f['number']} waits: VOD cannot be read right now: {words.vod_fault(f)} "
        "It counts as soon as every item was read again. Nothing is lost."
    ),
    News.REJECTED: lambda f: f"You rejected #{f['number']}. Nothing will be deleted.",
    News.WITHDRAWN: lambda f: f"You withdrew #{f['number']}. Nothing will be deleted.",
    News.STOPPED: lambda f: words.stopped(f["number"], f["state"]),
    News.THAW_VOID: lambda f: (
        f"Your asking to thaw did not count. {words.refusal(Refusal.from_json(f['refusal']))}"
    ),
}


def audit(rows: list[AuditRow]) -> Message:
    """Render a stretch of the audit log with the head it leads to."""
    lines = [_event(row) for row in rows]
    head = rows[-1]
    anchor = f"Head of the log: event {head.seq}, `{head.hash}`"
    text = clip("\n".join(lines), 3900 - len(anchor))
    return Message(f"{text}\n{anchor}", (*map(section, packed(lines)), context(anchor)))


def bare_head(rows: list[AuditRow]) -> Message:
    """Render only the head, for when the events themselves are more than Slack takes."""
    head = rows[-1]
    text = f"Events {rows[0].seq} to {head.seq} are in the log. Head: event {head.seq}, `{head.hash}`"
    return Message(text, (section(text),))


def _event(row: AuditRow) -> str:
    data = canonical.loads(row.payload)["data"]
    say = _AUDIT.get(row.action)
    what = say(data) if say else safe(row.action)
    return f"`{row.seq}` {clock(row.at_ms)} {_subject(row.ref)}: {_actor(row.actor)} {what}"


def _actor(actor: str) -> str:
    return mention(actor.rpartition("/")[2]) if "/" in actor else "Countersign"


def _subject(ref: str) -> str:
    kind, _, number = ref.partition("/")
    if kind == "freeze":
        return "everything"
    return f"#{number}" if number.isdigit() else "no proposal"


def _short(digest: Any) -> str:
    return code(str(digest)[:DIGEST_SHOWN])


def _names(targets: list[Any]) -> str:
    named = ", ".join(f"{code(str(target), 80)}" for target in targets[:20])
    return f"{named} and {len(targets) - 20} more" if len(targets) > 20 else named


def _words(pairs: list[list[Any]]) -> str:
    named = ", ".join(f"{code(str(pair[0]), 80)} {pair[1]}" for pair in pairs[:20])
    return f"{named} and {len(pairs) - 20} more" if len(pairs) > 20 else named


_RULES: dict[str, str] = {Rule.ALREADY_THAWED: "already asked to thaw"}
"""Rules whose name in the record would say something else than what happened."""


def _refused(what: str) -> Callable[[Facts], str]:
    return lambda data: f"was refused {what}: {_RULES.get(data['rule']) or safe(str(data['rule']))}"


_AUDIT: dict[str, Callable[[Facts], str]] = {
    "proposal.made": lambda d: f"proposed a deletion, reason: {code(d['reason'], 200)}",
    "proposal.refused": _refused("a proposal"),
    "withdrawal.refused": _refused("a withdrawal"),
    "rejection.refused": _refused("a rejection"),
    "stop.refused": _refused("a stop"),
    "freeze.refused": _refused("a freeze"),
    "thaw.refused": _refused("a thaw"),
    "freeze.begun": lambda d: f"froze everything{': ' + code(d['why'], 200) if d['why'] else ''}",
    "thaw.cast": lambda _: "asked to thaw",
    "thaw.counted": lambda d: f"asked to thaw, counted: {d['counted']} of {d['needed']}",
    "thaw.voided": lambda d: f"asked to thaw, not counted: {safe(str(d['rule']))}",
    "freeze.ended": lambda _: "thawed everything",
    "canary.passed": lambda d: (
        f"tried {code(str(d['target']), 80)} alone: {d['outcome']}" if d["target"] else "had nothing to try alone"
    ),
    "proposal.stopped": lambda _: "stopped the deletion before it began",
    "vote.refused": _refused("an approval"),
    "plan.frozen": lambda d: f"froze the plan {_short(d['digest'])}: {_names(d['targets'])}",
    "plan.changed": lambda d: (
        f"found the assets changed; plan {_short(d['old'])} is void, now {_short(d['digest'])}"
    ),
    "proposal.not_collected": lambda _: "could not collect the proposal",
    "proposal.rejected": lambda d: f"rejected: {code(str(d['why']), 200)}",
    "proposal.withdrawn": lambda _: "withdrew the proposal",
    "proposal.expired": lambda _: "let the proposal expire",
    "proposal.assets_gone": lambda _: "closed the proposal: nothing of it is in VOD any more",
    "proposal.plan_broken": lambda d: f"closed the proposal: {safe(d['because'])}",
    "vote.cast": lambda d: f"clicked Approve on plan {_short(d['digest'])}",
    "vote.counted": lambda d: f"approved plan {_short(d['digest'])}, counted: {d['counted']} of {d['needed']}",
    "vote.voided": lambda d: f"approved plan {_short(d['digest'])}, not counted: {safe(str(d['rule']))}",
    "proposal.approved": lambda d: f"approved plan {_short(d['digest'])} with the approvals above",
    "execution.started": lambda d: f"started deleting {counted(d['count'], 'item')}",
    "execution.stopped": lambda d: (
        f"stopped the deletion, {counted(d['count'], 'item')} not sent: {safe(d['because'])}"
    ),
    "execution.finished": lambda d: "finished: " + ", ".join(f"{n} {word}" for word, n in d["tally"].items()),
    "items.held": lambda d: f"held back {_words(d['items'])}",
    "items.settled": lambda d: f"read back {_words(d['items'])}",
    "call.intent": lambda d: f"is calling {safe(d['api'])} for {_names(d['targets'])}",
    "call.answered": lambda d: f"had an answer to call {code(d['call'], 9)}: {safe(_answer(d), 200)}",
    "call.adopted": lambda d: f"took over call {code(d['call'], 9)}, whose instance did not report back",
    "call.fenced": lambda d: f"ignored a late answer to call {code(d['call'], 9)}",
}


def _answer(data: Facts) -> str:
    answer = data["answer"]
    if "code" in answer:
        return str(answer["code"])
    parts = [f"{len(answer[word])} {word}" for word in ("missing", "refused") if answer.get(word)]
    return ", ".join(["answered", *parts]) if "request_id" in answer else "not sent"
