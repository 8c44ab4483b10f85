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
from handlers.text.escaping import clip, clock, code, mention, packed, plain, safe
from handlers.text.language import Language, sentence
from handlers.text.vod_errors import advice
from storage.tables.audit_log import AuditRow
from storage.tables.items import ItemRow

Facts = Mapping[str, Any]

Say = Callable[[Language, Facts], str]

TOLD_APART = 15
"""Items that a result names one by one."""


def thread(lang: Language, news: News, facts: Facts, view: ProposalView) -> Message:
    """Render a reply in a card's thread."""
    if news is News.FINISHED:
        return results(lang, view)
    if news in {News.PLAN_CHANGED, News.STALE}:
        return _changed(lang, news, facts, view)
    return said(_THREAD[news](lang, facts))


def channel(lang: Language, news: News, facts: Facts) -> Message:
    """Render news for everybody in the approvals channel that is about no single proposal."""
    return said(_CHANNEL[news](lang, facts))


def direct(lang: Language, news: News, facts: Facts, view: ProposalView | None) -> Message:
    """Render a direct message to a proposer."""
    if news is News.FINISHED and view is not None:
        return results(lang, view)
    if news is News.STALE:
        return _changed(lang, news, facts, view)
    return said(_DIRECT[news](lang, facts))


def private(lang: Language, news: News, facts: Facts, view: ProposalView | None) -> Message:
    """Render an answer that only its reader sees."""
    if news is News.PLAN_CHANGED:
        return _changed(lang, news, facts, view)
    return said(_PRIVATE[news](lang, facts))


def said(mrkdwn: str) -> Message:
    """Return a message of our own words."""
    return Message(clip(mrkdwn, 3900), (section(mrkdwn),))


def not_shown(lang: Language, number: int) -> str:
    """Say that there was a message that Slack would not take."""
    return lang.say(
        "A message about #{number} could not be shown. `/vod status {number}` tells how it stands.", number=number
    )


def results(lang: Language, view: ProposalView) -> Message:
    """Tell what became of every item: the troubled ones first and by name."""
    tally = words.tally(lang, view.tally, view.request)
    summary = lang.say("*#{number} is finished.* {tally}.", number=view.row.id, tally=tally)
    shown = view.troubled[:TOLD_APART]
    lines = [_result(lang, view, item) for item in shown]
    total = sum(view.tally.values())
    if total > len(shown):
        lines.append(words.and_more(lang, total - len(shown)))
    blocks: list[Block] = [section(summary), *map(plain_section, packed(lines))]
    if view.tally.get(Outcome.REFUSED):
        blocks.append(context(words.why_refused(lang, view.request)))
    text = " ".join([summary.replace("*", ""), *(safe(line, 200) for line in lines[:5])])
    return Message(clip(text, 3900), tuple(blocks))


def _result(lang: Language, view: ProposalView, item: ItemRow) -> str:
    target = view.plan.target(item.target) if view.plan else None
    word = Outcome(item.outcome) if item.outcome else None
    line = lang.say(
        "{title} ({item}): {outcome}",
        title=plain(target.title, 120) if target else lang.say("(unknown)"),
        item=plain(item.target, 200),
        outcome=lang.say(words.OUTCOMES[word]) if word else lang.say("waiting"),
    )
    # What troubled a call on the way no longer matters once its item was read back as gone.
    because = "" if word is Outcome.DELETED else _because(lang, canonical.loads(item.note))
    told = lang.say("{result}: {because}", result=line, because=because) if because else line
    return lang.say("{result}.", result=clip(told, 900))


def _because(lang: Language, note: Mapping[str, Any]) -> str:
    if "drift" in note:
        return lang.series(_drifted(lang, *row) for row in note["drift"])
    if "code" in note:
        told = (str(note["code"]), advice(lang, str(note.get("advice") or "")))
        return ". ".join(plain(part, 200) for part in told if part).rstrip(".")
    return plain(str(note["because"]), 200) if "because" in note else ""


def _drifted(lang: Language, field: str, old: str, new: str) -> str:
    empty = lang.say("empty")
    return plain(lang.say("{field} was {old}, is {new}", field=field, old=old or empty, new=new or empty), 120)


def _stopped(lang: Language, facts: Facts) -> str:
    """Tell that a deletion was stopped: before it began, or under way, by a person or by itself."""
    if "because" not in facts:
        actor = mention(facts["actor"])
        return lang.say("{actor} stopped this before it began. Nothing was deleted.", actor=actor)
    if facts.get("actor"):
        opening = lang.say("*{actor} stopped this.*", actor=mention(facts["actor"]))
    else:
        opening = lang.say("*Stopped: {because}.*", because=safe(str(facts["because"]), 200))
    unsent = lang.say_n(
        "Nothing more is sent: {n} item was still waiting. What was sent already is being read back.",
        "Nothing more is sent: {n} items were still waiting. What was sent already is being read back.",
        facts["count"],
    )
    return f"{opening} {unsent}"


def _thaw(lang: Language, facts: Facts) -> str:
    """Tell how near the thaw is: who asked for it, and who is still missing."""
    so_far = lang.say(
        "{people} asked to thaw: {counted} of {needed}.",
        people=words.who(lang, facts["people"]),
        counted=facts["counted"],
        needed=facts["needed"],
    )
    if facts["counted"] < facts["needed"]:
        missing = lang.say("It takes two people, one of them an approver. Type `/vod thaw` as well if you agree.")
    else:
        missing = lang.say("None of them is an approver: now an approver has to type `/vod thaw`.")
    return f"{so_far} {missing}"


def _counted(lang: Language, facts: Facts) -> str:
    return lang.say_n(
        "{actor} approved: {counted} of {n} approval. Every item was read again and is as shown.",
        "{actor} approved: {counted} of {n} approvals. Every item was read again and is as shown.",
        facts["needed"],
        actor=mention(facts["actor"]),
        counted=facts["counted"],
    )


def _started(lang: Language, facts: Facts) -> str:
    count = lang.number(facts["count"])
    if facts.get("canary"):
        return lang.say(
            "Deleting {n} now. One goes alone first; the rest follows when it is read back as gone.", n=count
        )
    return lang.say("Deleting {n} now. Results follow here.", n=count)


def _canary(lang: Language, facts: Facts) -> str:
    if facts.get("outcome") == Outcome.DELETED:
        target = code(str(facts["target"]), 80)
        return lang.say("The first item ({item}) was read back as gone. The rest follows now.", item=target)
    return lang.say("There was nothing to try alone. The rest follows now.")


def _progress(lang: Language, facts: Facts) -> str:
    progress = Progress(facts["done"], facts["total"], facts["per_minute"], facts["left_s"])
    done, told = standing.done(lang, progress), standing.pace(lang, progress)
    return lang.say("{done}; {pace}.", done=done, pace=told) if told else lang.say("{done}.", done=done)


def _late(lang: Language, facts: Facts) -> str:
    return lang.say_n(
        "VOD was asked to delete {n} item that could not be read back as gone yet. "
        "I keep looking; until then they do not count as deleted.",
        "VOD was asked to delete {n} items that could not be read back as gone yet. "
        "I keep looking; until then they do not count as deleted.",
        facts["count"],
    )


def _frozen(lang: Language, facts: Facts) -> str:
    told = (
        lang.say(
            "*{actor} froze all deletions.* No more is deleted, whatever was approved; what VOD was already sent "
            "is being read back.",
            actor=mention(facts["actor"]),
        ),
        lang.say("The reason: {reason}.", reason=code(facts["why"], 200)) if facts["why"] else "",
        lang.say("To go on, two people, one of them an approver, type `/vod thaw`."),
    )
    return " ".join(filter(None, told))


def _changed(lang: Language, news: News, facts: Facts, view: ProposalView | None) -> Message:
    if news is News.STALE:
        opening = _closed(lang, facts)
    else:
        opening = lang.say(
            "*#{number} changed before it could be approved*, so no approval counts any more. "
            "The card shows it as it is now. What changed:",
            number=facts["number"],
        )
    lines = words.drift(lang, facts.get("drift", []), view.plan if view else None)
    blocks = [section(opening)]
    if lines:
        blocks.append(plain_section("\n".join(plain(line, 300) for line in lines)))
    text = f"{opening.replace('*', '')} " + "; ".join(safe(line, 200) for line in lines)
    return Message(clip(text.strip(), 3900), tuple(blocks))


def _closed(lang: Language, facts: Facts) -> str:
    because = safe(str(facts["because"])) if "because" in facts else lang.say("nothing of it is in VOD any more")
    return lang.say(
        "*#{number} is closed: {because}.* Nothing was deleted here.", number=facts["number"], because=because
    )


def _about(lang: Language, text: str, facts: Facts) -> str:
    """Say a sentence about a person, a proposal and a reason."""
    return lang.say(
        text,
        number=facts.get("number", "?"),
        actor=mention(str(facts.get("actor", ""))),
        why=code(str(facts.get("why", "")), 500),
    )


def _sentence(text: str) -> Say:
    return lambda lang, facts: _about(lang, text, facts)


_THREAD: dict[News, Say] = {
    News.VOTE_COUNTED: _counted,
    News.HOLDING: lambda lang, f: lang.say(
        "Approved, and on hold until {time}; then the deletion starts. Until then nothing is deleted, and its "
        "proposer or any approver can stop it with the button on the card.",
        time=lang.instant(f["until_ms"]),
    ),
    News.STARTED: _started,
    News.CANARY: _canary,
    News.PROGRESS: _progress,
    News.WAITING: lambda lang, f: lang.say(
        "VOD lets this wait: {fault} I keep trying; nothing is lost and nothing is sent twice.",
        fault=words.vod_fault(lang, f["vod"]),
    ),
    News.LATE: _late,
    News.STOPPED: _stopped,
    News.REJECTED: _sentence(sentence("{actor} rejected this: {why}. Nothing was deleted.")),
    News.WITHDRAWN: _sentence(sentence("{actor} withdrew this. Nothing was deleted.")),
    News.EXPIRED: _sentence(sentence("This expired before it could be carried out. Nothing was deleted.")),
}

_CHANNEL: dict[News, Say] = {
    News.FROZEN: _frozen,
    News.THAW_COUNTED: _thaw,
    News.THAWED: lambda lang, f: lang.say(
        "*Thawed* by {people}. What is approved goes on now.", people=words.who(lang, f["people"])
    ),
}

_DIRECT: dict[News, Say] = {
    News.PROPOSED: lambda lang, f: lang.say(
        "Your proposal #{number} is open for approval in {channel}. You will be told how it ends.",
        number=f["number"],
        channel=f"<#{f['channel']}>",
    ),
    News.COLLECTION_WAITS: lambda lang, f: lang.say(
        "Your proposal #{number} waits: it could not be read yet: {fault} I keep trying until {time}. "
        "Nothing is lost.",
        number=f["number"],
        fault=words.vod_fault(lang, f["vod"]),
        time=lang.moment(f["until_ms"]),
    ),
    News.COLLECTION_FAILED: lambda lang, f: lang.say(
        "Your proposal #{number} was not opened. {why}", number=f["number"], why=words.failure(lang, f)
    ),
    News.REJECTED: _sentence(
        sentence("{actor} rejected your proposal #{number}: {why}. Nothing was deleted."),
    ),
    News.STOPPED: _sentence(
        sentence(
            "{actor} stopped your proposal #{number} before it began. Nothing was deleted. "
            "Propose it again if it is still wanted."
        )
    ),
    News.EXPIRED: _sentence(
        sentence(
            "Your proposal #{number} expired, and nothing was deleted. Propose it again if it is still wanted."
        )
    ),
}

_PRIVATE: dict[News, Say] = {
    News.REFUSED: lambda lang, f: words.refusal(lang, Refusal.from_json(f["refusal"])),
    News.VOTE_CAST: _sentence(
        sentence("Your approval of #{number} is recorded. Every item is read again now; then it counts.")
    ),
    News.VOTE_VOID: lambda lang, f: lang.say(
        "Your approval of #{number} did not count. {refusal}",
        number=f["number"],
        refusal=words.refusal(lang, Refusal.from_json(f["refusal"])),
    ),
    News.VOTE_WAITS: lambda lang, f: lang.say(
        "Your approval of #{number} waits: VOD cannot be read right now: {fault} "
        "It counts as soon as every item was read again. Nothing is lost.",
        number=f["number"],
        fault=words.vod_fault(lang, f),
    ),
    News.REJECTED: _sentence(sentence("You rejected #{number}. Nothing will be deleted.")),
    News.WITHDRAWN: _sentence(sentence("You withdrew #{number}. Nothing will be deleted.")),
    News.STOPPED: lambda lang, f: words.stopped(lang, f["number"], f["state"]),
    News.THAW_VOID: lambda lang, f: lang.say(
        "Your asking to thaw did not count. {refusal}",
        refusal=words.refusal(lang, Refusal.from_json(f["refusal"])),
    ),
}


def audit(lang: Language, rows: list[AuditRow]) -> Message:
    """Render a stretch of the audit log with the head it leads to."""
    lines = [_event(lang, row) for row in rows]
    head = rows[-1]
    anchor = lang.say("Head of the log: event {seq}, {hash}", seq=head.seq, hash=f"`{head.hash}`")
    text = clip("\n".join(lines), 3900 - len(anchor))
    return Message(f"{text}\n{anchor}", (*map(section, packed(lines)), context(anchor)))


def bare_head(lang: Language, rows: list[AuditRow]) -> Message:
    """Render only the head, for when the events themselves are more than Slack takes."""
    head = rows[-1]
    return said(
        lang.say(
            "Events {first} to {seq} are in the log. Head: event {seq}, {hash}",
            first=rows[0].seq,
            seq=head.seq,
            hash=f"`{head.hash}`",
        )
    )


def _event(lang: Language, row: AuditRow) -> str:
    data = canonical.loads(row.payload)["data"]
    say = _AUDIT.get(row.action)
    what = say(lang, data) if say else safe(row.action)
    return lang.say(
        "`{seq}` {time} {subject}: {actor} {what}",
        seq=row.seq,
        time=clock(row.at_ms),
        subject=_subject(lang, row.ref),
        actor=_actor(row.actor),
        what=what,
    )


def _actor(actor: str) -> str:
    return mention(actor.rpartition("/")[2]) if "/" in actor else "Countersign"


def _subject(lang: Language, ref: str) -> str:
    kind, _, number = ref.partition("/")
    if kind == "freeze":
        return lang.say("everything")
    return f"#{number}" if number.isdigit() else lang.say("no proposal")


def _short(digest: Any) -> str:
    return code(str(digest)[:DIGEST_SHOWN])


def _names(lang: Language, targets: list[Any]) -> str:
    named = lang.series(code(str(target), 80) for target in targets[:20])
    return words.more(lang, named, len(targets) - 20)


def _words(lang: Language, pairs: list[list[Any]]) -> str:
    named = lang.series(f"{code(str(item), 80)} {_outcome(lang, word)}" for item, word, *_ in pairs[:20])
    return words.more(lang, named, len(pairs) - 20)


def _outcome(lang: Language, word: Any) -> str:
    return lang.say(words.OUTCOME_NAMES[word]) if word in words.OUTCOME_NAMES else safe(str(word))


_RULES: dict[str, str] = {Rule.ALREADY_THAWED: sentence("already asked to thaw")}
"""Rules whose name in the record would say something else than what happened."""


def _refused(text: str) -> Say:
    return lambda lang, data: lang.say(
        text, rule=lang.say(_RULES[data["rule"]]) if data["rule"] in _RULES else safe(str(data["rule"]))
    )


def _fixed(text: str) -> Say:
    return lambda lang, _: lang.say(text)


def _plan(text: str) -> Say:
    """Say a sentence about a plan, a count and a rule."""
    return lambda lang, d: lang.say(
        text,
        plan=_short(d.get("digest")),
        old=_short(d.get("old")),
        counted=d.get("counted"),
        needed=d.get("needed"),
        rule=safe(str(d.get("rule", ""))),
    )


def _call(text: str) -> Say:
    return lambda lang, d: lang.say(text, call=code(d["call"], 9))


def _tried(lang: Language, data: Facts) -> str:
    if not data["target"]:
        return lang.say("had nothing to try alone")
    item = code(str(data["target"]), 80)
    return lang.say("tried {item} alone: {outcome}", item=item, outcome=_outcome(lang, data["outcome"]))


_AUDIT: dict[str, Say] = {
    "proposal.made": lambda lang, d: lang.say(
        "proposed a deletion, reason: {reason}", reason=code(d["reason"], 200)
    ),
    "proposal.refused": _refused(sentence("was refused a proposal: {rule}")),
    "withdrawal.refused": _refused(sentence("was refused a withdrawal: {rule}")),
    "rejection.refused": _refused(sentence("was refused a rejection: {rule}")),
    "stop.refused": _refused(sentence("was refused a stop: {rule}")),
    "freeze.refused": _refused(sentence("was refused a freeze: {rule}")),
    "thaw.refused": _refused(sentence("was refused a thaw: {rule}")),
    "freeze.begun": lambda lang, d: (
        lang.say("froze everything: {reason}", reason=code(d["why"], 200))
        if d["why"]
        else lang.say("froze everything")
    ),
    "thaw.cast": _fixed(sentence("asked to thaw")),
    "thaw.counted": _plan(sentence("asked to thaw, counted: {counted} of {needed}")),
    "thaw.voided": _plan(sentence("asked to thaw, not counted: {rule}")),
    "freeze.ended": _fixed(sentence("thawed everything")),
    "canary.passed": _tried,
    "proposal.stopped": _fixed(sentence("stopped the deletion before it began")),
    "vote.refused": _refused(sentence("was refused an approval: {rule}")),
    "plan.frozen": lambda lang, d: lang.say(
        "froze the plan {plan}: {items}", plan=_short(d["digest"]), items=_names(lang, d["targets"])
    ),
    "plan.changed": _plan(sentence("found the assets changed; plan {old} is void, now {plan}")),
    "proposal.not_collected": _fixed(sentence("could not collect the proposal")),
    "proposal.rejected": lambda lang, d: lang.say("rejected: {reason}", reason=code(str(d["why"]), 200)),
    "proposal.withdrawn": _fixed(sentence("withdrew the proposal")),
    "proposal.expired": _fixed(sentence("let the proposal expire")),
    "proposal.assets_gone": _fixed(sentence("closed the proposal: nothing of it is in VOD any more")),
    "proposal.plan_broken": lambda lang, d: lang.say("closed the proposal: {because}", because=safe(d["because"])),
    "vote.cast": _plan(sentence("clicked Approve on plan {plan}")),
    "vote.counted": _plan(sentence("approved plan {plan}, counted: {counted} of {needed}")),
    "vote.voided": _plan(sentence("approved plan {plan}, not counted: {rule}")),
    "proposal.approved": _plan(sentence("approved plan {plan} with the approvals above")),
    "execution.started": lambda lang, d: lang.say_n(
        "started deleting {n} item", "started deleting {n} items", d["count"]
    ),
    "execution.stopped": lambda lang, d: lang.say_n(
        "stopped the deletion, {n} item not sent: {because}",
        "stopped the deletion, {n} items not sent: {because}",
        d["count"],
        because=safe(d["because"]),
    ),
    "execution.finished": lambda lang, d: lang.say(
        "finished: {tally}",
        tally=lang.series(f"{lang.number(n)} {_outcome(lang, word)}" for word, n in d["tally"].items()),
    ),
    "items.held": lambda lang, d: lang.say("held back {items}", items=_words(lang, d["items"])),
    "items.settled": lambda lang, d: lang.say("read back {items}", items=_words(lang, d["items"])),
    "call.intent": lambda lang, d: lang.say(
        "is calling {api} for {items}", api=safe(d["api"]), items=_names(lang, d["targets"])
    ),
    "call.answered": lambda lang, d: lang.say(
        "had an answer to call {call}: {answer}", call=code(d["call"], 9), answer=safe(_answer(lang, d), 200)
    ),
    "call.adopted": _call(sentence("took over call {call}, whose instance did not report back")),
    "call.fenced": _call(sentence("ignored a late answer to call {call}")),
}


def _answer(lang: Language, data: Facts) -> str:
    answer = data["answer"]
    if "code" in answer:
        return str(answer["code"])
    if "request_id" not in answer:
        return lang.say("not sent")
    missing, refused = len(answer.get("missing") or ()), len(answer.get("refused") or ())
    return lang.series(
        [
            lang.say("answered"),
            *([lang.say("{n} missing", n=lang.number(missing))] if missing else []),
            *([lang.say("{n} refused", n=lang.number(refused))] if refused else []),
        ]
    )
