"""Where a proposal stands and what happens next: the sentence or two at the top of its card (mrkdwn)."""

from deletion.execution.progress import Progress
from deletion.terms import canonical
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.text import words
from handlers.text.escaping import code, counted, instant, lasting, mention, moment, safe


def status(view: ProposalView) -> str:
    """Say where a proposal stands and what happens next."""
    match view.state:
        case State.PENDING:
            return _waiting(view)
        case State.APPROVED:
            return _approved(view)
        case State.EXECUTING:
            return _executing(view)
        case State.FINISHED:
            return (
                f"*Finished.* {words.tally(view.tally, view.request)}. {_halted(view)}Approved by {_voters(view)}."
            )
        case _:
            return _ended(view)


def _ended(view: ProposalView) -> str:
    """Say how a proposal ended of which nothing was deleted."""
    match view.state:
        case State.REJECTED:
            return f"*Rejected* by {mention(str(view.note.get('actor', '')))}: nothing was deleted."
        case State.WITHDRAWN:
            return f"*Withdrawn* by {mention(view.row.proposer)}: nothing was deleted."
        case State.STOPPED:
            return f"*Stopped* by {mention(str(view.note.get('actor', '')))} before it began: nothing was deleted."
        case State.EXPIRED:
            return _expired(view)
        case State.STALE:
            return f"*Closed*: {_stale(view)}. Nothing was deleted here."
        case _:
            return f"It {words.STATES[view.state]}."


def frozen(view: ProposalView) -> str:
    """Say that everything is frozen, where that keeps this proposal from being carried out; else ''."""
    if view.frozen is None or view.state not in {State.APPROVED, State.EXECUTING}:
        return ""
    why = f" The reason: {code(view.frozen.reason, 200)}." if view.frozen.reason else ""
    return (
        f"*Frozen* by {mention(view.frozen.person)}: no more is deleted, of this or anything else, until two "
        f"people, one of them an approver, type `/vod thaw`.{why}"
    )


def pace(progress: Progress) -> str:
    """Say how fast a deletion is and how long it will still take: ``about 560 a minute, about 2 min left``."""
    if progress.per_minute is None or progress.left_s is None or progress.done >= progress.total:
        return ""
    return f"about {progress.per_minute:,} a minute, about {lasting(progress.left_s)} left"


def _approved(view: ProposalView) -> str:
    hold_until, opening = view.row.hold_until_ms, f"*Approved* by {_voters(view)}."
    if hold_until is None or hold_until <= view.now_ms:
        return f"{opening} The deletion starts {'after the thaw' if view.frozen else 'now'}."
    starts = f"on hold until {instant(hold_until)}, then the deletion starts"
    if view.frozen:
        starts = (
            f"on hold until {instant(hold_until)}; the deletion starts then, or after the thaw if that is later"
        )
    may_stop = "Until then nothing of it is deleted, and its proposer and every approver can stop it."
    return f"{opening} It is {starts}. {may_stop}"


def _executing(view: ProposalView) -> str:
    progress = view.progress
    done = f"{progress.done:,} of {progress.total:,} done"
    if view.row.halted is not None:
        return f"{_halted(view)}What was already sent is being read back: {done}. Approved by {_voters(view)}."
    if view.frozen is not None:
        return f"*Begun, and frozen*: {done}. Approved by {_voters(view)}."
    if view.row.canary:
        trial = "one item goes alone first; the rest follows when it is read back as gone"
        return f"*Deleting now*: {done}; {trial}. Approved by {_voters(view)}."
    told = f"; {pace(progress)}" if pace(progress) else ""
    return f"*Deleting now*: {done}{told}. Approved by {_voters(view)}."


def _halted(view: ProposalView) -> str:
    if view.row.halted is None:
        return ""
    note = canonical.loads(view.row.halted)
    if note.get("actor"):
        return f"*Stopped* by {mention(str(note['actor']))}. "
    return f"*Stopped*: {safe(str(note['because']), 200)}. "


def _expired(view: ProposalView) -> str:
    late = "approved, but not carried out" if view.row.execute_by_ms is not None else "not approved"
    return f"*Expired*: it was {late} in time, and nothing was deleted. Propose it again if it is wanted."


def _stale(view: ProposalView) -> str:
    return safe(str(view.note.get("because", "all of it was gone from VOD before it was approved")))


def _waiting(view: ProposalView) -> str:
    row = view.row
    counted_votes = [vote for vote in view.votes if vote.state == "counted"]
    cast = [vote for vote in view.votes if vote.state == "cast"]
    missing = row.needed - len(counted_votes)
    parts = [
        f"*Waiting for {counted(missing, 'approval')}* from somebody other than {mention(row.proposer)}.",
        f"Expires {moment(row.expires_ms)}.",
    ]
    if counted_votes:
        parts.insert(1, f"Approved so far by {words.who([vote.voter for vote in counted_votes])}.")
    if cast:
        being = words.who([vote.voter for vote in cast])
        parts.insert(1, f"{being} approved; every item is being read again before it counts.")
    return " ".join(parts)


def _voters(view: ProposalView) -> str:
    return words.who([vote.voter for vote in view.votes if vote.state == "counted"])
