"""Where a proposal stands and what happens next: the sentence or two at the top of its card (mrkdwn)."""

from deletion.approval.holds import holding
from deletion.collection.following import Phase, ReadingProgress
from deletion.terms.progress import Progress
from deletion.terms.ramp import Stage
from deletion.terms.results.outcomes import GONE
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.text import links, reasons, words
from handlers.text.escaping import code, escape, mention
from handlers.text.language import Language, sentence

_HELD_BY_FREEZE = frozenset({State.PENDING, State.APPROVED, State.EXECUTING})


def status(lang: Language, view: ProposalView) -> str:
    """Say where a proposal stands and what happens next."""
    match view.state:
        case State.PENDING:
            return _waiting(lang, view)
        case State.APPROVED:
            return _approved(lang, view)
        case State.EXECUTING:
            return _executing(lang, view)
        case State.FINISHED:
            tally = words.tally(lang, view.tally, view.request)
            return lang.sentences(
                lang.say("*Finished.* {tally}.", tally=tally),
                _halted(lang, view),
                _by(lang, view),
                _when(lang, view),
            )
        case _:
            return lang.sentences(_ended(lang, view), _when(lang, view))


def _ended(lang: Language, view: ProposalView) -> str:
    """Say how a proposal ended of which nothing was deleted."""
    actor = mention(view.ending.actor or "")
    match view.state:
        case State.REJECTED:
            return lang.say("*Rejected* by {actor}: nothing was deleted.", actor=actor)
        case State.WITHDRAWN:
            return lang.say("*Withdrawn* by {actor}: nothing was deleted.", actor=mention(view.row.proposer))
        case State.STOPPED if view.ending.because is not None:
            because = escape(reasons.cause(lang, view.ending.because))
            return lang.say("*Stopped* before it started: {because}. Nothing was deleted.", because=because)
        case State.STOPPED:
            return lang.say("*Stopped* by {actor} before it started: nothing was deleted.", actor=actor)
        case State.EXPIRED:
            return _expired(lang, view)
        case State.STALE:
            return lang.say("*Closed*: {because}. Nothing was deleted here.", because=_stale(lang, view))
        case _:
            return lang.say("It {stands}.", stands=lang.say(words.STATES[view.state]))


_CHANNEL_TROUBLE: dict[str, str] = {
    "is_archived": sentence("the channel is archived. Unarchive it, and the card appears by itself"),
    "channel_not_found": sentence("the bot does not see the channel. Invite it, and the card appears by itself"),
    "not_in_channel": sentence("the bot is not in the channel. Invite it, and the card appears by itself"),
}


def cardless(lang: Language, view: ProposalView) -> str:
    """Say that a proposal which waits has no card yet, why, and what to do; '' when it has one."""
    if view.state not in _HELD_BY_FREEZE or view.card is not None:
        return ""
    opening = lang.say("*Its card is not in the channel yet*, so nobody can approve it.")
    if view.card_trouble is None:
        return lang.sentences(opening, lang.say("It is being posted."))
    known = _CHANNEL_TROUBLE.get(view.card_trouble)
    tried_again = lang.say("Slack answered {code}; it is tried again", code=code(view.card_trouble))
    return lang.sentences(
        opening, lang.say("It could not be posted: {why}.", why=lang.say(known) if known else tried_again)
    )


def frozen(lang: Language, view: ProposalView) -> str:
    """Say that everything is frozen, where that keeps this proposal from being executed; else ''."""
    if not view.is_frozen or view.state not in _HELD_BY_FREEZE:
        return ""
    if view.frozen is None:
        return lang.say(
            "*Held*: this record does not lead to the newest head in the audit channel. Nothing is deleted, of "
            "this or any other proposal, until two people have decided in this channel whether it is the true one."
        )
    actor, reason = mention(view.frozen.person), view.frozen.reason
    if view.state is State.PENDING:
        told = lang.say(
            "*Frozen* by {actor}: even once this is approved, nothing is deleted until two people, one of them an "
            "approver, type `/vod unfreeze`.",
            actor=actor,
        )
    else:
        told = lang.say(
            "*Frozen* by {actor}: no further calls will be sent, for this or any other proposal, until two people, "
            "one of them an approver, type `/vod unfreeze`.",
            actor=actor,
        )
    return lang.sentences(told, lang.say("The reason: {reason}.", reason=code(reason, 200)) if reason else "")


def proposed_again(lang: Language, view: ProposalView, home: str = "") -> str:
    """Say whose rest this is about, or which proposal is about the rest of this one; '' for neither (mrkdwn).

    ``home`` is the workspace's address; without it nothing is a link.
    """
    parts = []
    if view.again_of is not None:
        first = links.to_card(view.again_of.number, view.again_of.card, home)
        parts.append(lang.say("*Again*: the rest of {first}.", first=first))
    if view.again is not None:
        other = links.to_card(view.again.number, view.again.card, home)
        parts.append(lang.say("The rest was *proposed again* as {again}.", again=other))
    return lang.sentences(*parts)


def reading(lang: Language, found: ReadingProgress) -> str:
    """Say how far the reading of a proposal is (mrkdwn)."""
    if found.phase is Phase.PAUSE:
        return _paused(lang, found)
    if found.far is None:
        return lang.say_n(
            "*Looking in VOD for what matches*: {n} found so far.",
            "*Looking in VOD for what matches*: {n} found so far.",
            found.done,
        )
    counts = {"done": lang.number(found.done), "total": lang.number(found.far.total)}
    if found.phase is Phase.SEARCH:
        far = lang.say("*Looking in VOD for what matches*: {done} of {total} found", **counts)
    elif found.done < found.far.total:
        far = lang.say("*Reading from VOD*: {done} of {total} read", **counts)
    else:
        return lang.say("*Reading from VOD*: all {total} read; the list is being put together.", **counts)
    told = pace(lang, found.far)
    return lang.say("{far}; {pace}.", far=far, pace=told) if told else lang.say("{far}.", far=far)


def _paused(lang: Language, found: ReadingProgress) -> str:
    done = lang.number(found.done)
    if found.far is None:
        return lang.say("*Reading from VOD is paused* after {done}; retrying automatically.", done=done)
    total = lang.number(found.far.total)
    return lang.say(
        "*Reading from VOD is paused* after {done} of {total}; retrying automatically.", done=done, total=total
    )


def pace(lang: Language, progress: Progress) -> str:
    """Say how fast something is and how long it will still take: ``about 560 a minute, about 2 min left``."""
    if progress.per_minute is None or progress.done >= progress.total:
        return ""
    if progress.left_s is None:
        return lang.say("about {n} a minute", n=lang.number(progress.per_minute))
    return lang.say(
        "about {n} a minute, about {time} left",
        n=lang.number(progress.per_minute),
        time=lang.lasting(progress.left_s),
    )


def done(lang: Language, progress: Progress) -> str:
    """Say how far a deletion is: ``20 of 60 done``."""
    return lang.say("{done} of {total} done", done=lang.number(progress.done), total=lang.number(progress.total))


def _approved(lang: Language, view: ProposalView) -> str:
    hold_until, opening = view.row.hold_until_ms, lang.say("*Approved* by {people}.", people=_voters(lang, view))
    if holding.is_awaited(view.row):
        return lang.sentences(opening, _unseen(lang, view))
    may_stop = lang.say("Until then nothing of it is deleted, and its proposer or any approver can stop it.")
    if view.is_frozen:
        return lang.sentences(opening, once_it_is_over(lang, view), may_stop)
    if hold_until is None or hold_until <= view.now_ms:
        return lang.sentences(opening, lang.say("The deletion starts now."))
    starts = lang.say("It is on hold until {time}, then the deletion starts.", time=lang.instant(hold_until))
    return lang.sentences(opening, starts, may_stop)


def once_it_is_over(lang: Language, view: ProposalView) -> str:
    """Say what follows a freeze, or the question whose record is true: every hold begins anew then."""
    hold_s = view.row.hold_s
    if view.frozen is None:
        if not hold_s:
            return lang.say("The deletion starts once two people have taken this record for the true one.")
        return lang.say(
            "Once two people have taken this record for the true one it is on hold anew, for {time}; the deletion "
            "starts after that.",
            time=lang.lasting(hold_s),
        )
    if not hold_s:
        return lang.say("The deletion starts after the unfreeze.")
    return lang.say(
        "After the unfreeze it is on hold anew, for {time}; the deletion starts after that.",
        time=lang.lasting(hold_s),
    )


def _unseen(lang: Language, view: ProposalView) -> str:
    """Say what a hold waits for that has not begun; without one it begins as soon as the card is here."""
    if not view.row.hold_s:
        return lang.say("The deletion starts once this card is in the channel, with its Stop button.")
    return lang.say(
        "Its hold of {time} begins once this card is in the channel, with its Stop button; the deletion starts "
        "after that. Until then nothing of it is deleted, and its proposer or any approver can stop it.",
        time=lang.lasting(view.row.hold_s),
    )


def _executing(lang: Language, view: ProposalView) -> str:
    far = done(lang, view.progress)
    if view.row.halted is not None:
        told = lang.say("Calls already sent are being verified: {done}.", done=far)
        return lang.sentences(_halted(lang, view), told, _by(lang, view))
    return lang.sentences(_under_way(lang, view, far), _not_deleted_so_far(lang, view), _by(lang, view))


def _under_way(lang: Language, view: ProposalView, far: str) -> str:
    if view.is_frozen and view.frozen is None:
        return lang.say("*Started, and held*: {done}.", done=far)
    if view.is_frozen:
        return lang.say("*Started, and frozen*: {done}.", done=far)
    if not holding.is_over(view.row, view.now_ms):
        return lang.sentences(lang.say("*Started, and on hold anew*: {done}.", done=far), _goes_on(lang, view))
    if view.row.canary:
        return lang.say(
            "*Deleting now*: {done}; one item goes first, the rest follows once its absence is verified.",
            done=far,
        )
    told = lang.series(filter(None, (stages(lang, view), pace(lang, view.progress))))
    if told:
        return lang.say("*Deleting now*: {done}; {pace}.", done=far, pace=told)
    return lang.say("*Deleting now*: {done}.", done=far)


def stages(lang: Language, view: ProposalView) -> str:
    """Say in which stage of its beginning a deletion is: ``first 1 item, now 10 % of VOD's quota``."""
    *past, now = view.stages or (None,)
    if now is None:
        return ""
    if not past:
        return lang.say("only the first item for now")
    first, *then = (stage(lang, each) for each in past)
    said = [
        lang.say("first {stage}", stage=first),
        *(lang.say("then {stage}", stage=each) for each in then),
        lang.say("now {stage}", stage=stage(lang, now)),
    ]
    return lang.series(said)


def stage(lang: Language, found: Stage) -> str:
    """Name a stage: ``20 items``, ``10 % of VOD's quota``."""
    if found.percent is None:
        return lang.say_n("{n} item", "{n} items", found.items)
    return lang.say("{n} % of VOD's quota", n=lang.number(found.percent))


def _goes_on(lang: Language, view: ProposalView) -> str:
    """Say when a deletion goes on that is on hold anew."""
    hold_until = view.row.hold_until_ms
    if hold_until is not None:
        return lang.say("It goes on at {time}, unless it is stopped before.", time=lang.instant(hold_until))
    return lang.say(
        "Its hold of {time} begins once this card is in the channel, with its Stop button; it goes on after that, "
        "unless it is stopped before.",
        time=lang.lasting(view.row.hold_s or 0),
    )


def _not_deleted_so_far(lang: Language, view: ProposalView) -> str:
    """Count the items that are settled and not gone: nobody should have to wait for the end to hear of them."""
    found = {word: count for word, count in view.tally.items() if word != "waiting" and word not in GONE}
    if not any(found.values()):
        return ""
    return lang.say("Not deleted so far: {tally}.", tally=words.counts(lang, found))


def _halted(lang: Language, view: ProposalView) -> str:
    halt = view.halt
    if halt is None:
        return ""
    if halt.actor:
        return lang.say("*Stopped* by {actor}.", actor=mention(halt.actor))
    return lang.say("*Stopped*: {because}.", because=escape(reasons.cause(lang, halt.because)).rstrip("."))


def _expired(lang: Language, view: ProposalView) -> str:
    if view.row.execute_by_ms is not None:
        return lang.say(
            "*Expired*: it was approved, but not executed in time. Nothing was deleted. "
            "Propose it again if it is still needed."
        )
    return lang.say(
        "*Expired*: it was not approved in time. Nothing was deleted. Propose it again if it is still needed."
    )


def _stale(lang: Language, view: ProposalView) -> str:
    because = view.ending.because
    if because is not None:
        return escape(reasons.cause(lang, because)).rstrip(".")
    return lang.say("everything in it was gone from VOD before approval")


def _waiting(lang: Language, view: ProposalView) -> str:
    row = view.row
    parts = [
        lang.say_n(
            "*Waiting for {n} approval* from somebody other than {proposer}.",
            "*Waiting for {n} approvals* from somebody other than {proposer}.",
            row.needed - len(view.approved_by),
            proposer=mention(row.proposer),
        ),
        lang.say("Expires {time}.", time=lang.moment(row.expires_ms)),
    ]
    if view.approved_by:
        so_far = words.who(lang, view.approved_by)
        parts.insert(1, lang.say("Approved so far by {people}.", people=so_far))
    if view.not_counting:
        lapsed = words.who(lang, view.not_counting)
        parts.append(lang.say("Approvals that do not count: {people}.", people=lapsed))
    if view.being_counted:
        being = words.who(lang, view.being_counted)
        parts.insert(
            1, lang.say("{people} approved; every item is being re-read before the vote counts.", people=being)
        )
    return lang.sentences(*parts)


def _by(lang: Language, view: ProposalView) -> str:
    """Say who approved it, and when the last of them made it count."""
    if view.row.decided_ms is None:
        return lang.say("Approved by {people}.", people=_voters(lang, view))
    time = lang.moment(view.row.decided_ms)
    return lang.say("Approved by {people}, {time}.", people=_voters(lang, view), time=time)


def _when(lang: Language, view: ProposalView) -> str:
    """Say when it ended."""
    if view.row.finished_ms is None:
        return ""
    return lang.say("Ended {time}.", time=lang.moment(view.row.finished_ms))


def _voters(lang: Language, view: ProposalView) -> str:
    return words.who(lang, view.approved_by)
