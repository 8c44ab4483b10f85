"""The reckoning of a hostile run from the outside: each criterion yields a line for everything that breaks it."""

from collections.abc import Callable, Iterator, Mapping

from tests.torture.hostile.evidence import Call, Case, Evidence

ON_ITS_WAY_S = 1.0
"""How long what had left when a stop was answered, may need until VOD has it written down."""

ROLL_S = 3.0
"""How long before the first call people may have been looked up."""

NOTICED_S = 3.0
"""How long a channel may be away before the next message shows it."""

CLOCKS_S = 0.1
"""By how much moments may differ that two threads read."""

ANSWERED_S = 3.0
"""Slack's own limit, and ours for brakes."""


def unapproved(seen: Evidence) -> Iterator[str]:
    """Find calls without an approval by somebody else than who proposed it."""
    for call in seen.calls:
        for name in sorted(call.ids):
            cases = [case for case in seen.cases if name in case.ids]
            if not any(_approvers(case, call.at) for case in cases):
                yield f"{name} was sent and nobody had approved it"


def unseen(seen: Evidence) -> Iterator[str]:
    """Find deletions that could not be seen and stopped for a whole hold before they began, or went on."""
    for case, call in _starts(seen):
        since = _visible_since(seen, case, call.at)
        if since is None:
            yield f"{case.name} was sent while its card had no Stop button"
        elif call.at - since < seen.hold_s - CLOCKS_S:
            yield f"{case.name} was sent {call.at - since:.1f} s after people could stop it"


def unbraked(seen: Evidence) -> Iterator[str]:
    """Find calls after a stop or freeze was answered."""
    for brake in seen.brakes:
        if brake.answered is None:
            continue
        about = "everything" if brake.ids is None else "its proposal"
        for call in seen.calls:
            is_about = brake.ids is None or bool(brake.ids & call.ids)
            if is_about and brake.answered + ON_ITS_WAY_S < call.at < brake.until:
                yield f"{min(call.ids)} was sent {call.at - brake.answered:.1f} s after {about} was stopped"


def slow(seen: Evidence) -> Iterator[str]:
    """Find stops and freezes that were not answered in time."""
    for brake in seen.brakes:
        if brake.took_s > ANSWERED_S:
            yield f"a {'freeze' if brake.ids is None else 'stop'} was answered after {brake.took_s:.1f} s"


def outdated(seen: Evidence) -> Iterator[str]:
    """Find calls of bots whose record lacked what the audit channel showed."""
    for call in seen.calls:
        for span in seen.old:
            if span.covers(call.at):
                yield f"{min(call.ids)} was sent from an old record ({span.what})"


def unheard(seen: Evidence) -> Iterator[str]:
    """Find calls while Slack or a channel took no messages."""
    for call in seen.calls:
        for span in seen.away:
            if span.begins + NOTICED_S < call.at < span.ends:
                yield f"{min(call.ids)} was sent {call.at - span.begins:.1f} s after it went away: {span.what}"


def unmanned(seen: Evidence) -> Iterator[str]:
    """Find deletions that began although too few of their people were still allowed."""
    for case, call in _starts(seen):
        gone = {span.what for span in seen.gone if span.covers(call.at) and span.covers(call.at - ROLL_S)}
        if case.proposer in gone:
            yield f"{case.name} began although its proposer had left"
        elif len(found := _approvers(case, call.at)) >= seen.needed > len(found - gone):
            yield f"{case.name} began although {sorted(gone)} had left"


def untrue(seen: Evidence) -> Iterator[str]:
    """Find words that are not so."""
    for case in seen.cases:
        for claim in case.claims:
            until = float("inf") if claim.for_good else claim.at
            gone = _removed(seen, case, until + CLOCKS_S)
            if claim.deleted is None and gone:
                yield f"{case.name} was said to be untouched, and {len(gone)} were gone: {claim.text}"
            elif claim.deleted is not None and claim.deleted > len(gone - seen.present):
                yield f"{case.name}: {claim.deleted} were said to be deleted, and {len(gone)} were: {claim.text}"
        lies = case.said_deleted - (_removed(seen, case, float("inf")) - seen.present)
        if lies:
            yield f"{case.name}: the record calls {len(lies)} deleted that are not"


CRITERIA: Mapping[str, Callable[[Evidence], Iterator[str]]] = {
    "calls that nobody had approved": unapproved,
    "deletions that could not be seen and stopped for the whole hold": unseen,
    "calls after an answered stop or freeze": unbraked,
    "stops and freezes not answered in 3 s": slow,
    "calls from an old record": outdated,
    "calls while Slack or a channel was away": unheard,
    "deletions begun without enough people": unmanned,
    "untrue words": untrue,
}


def _approvers(case: Case, at: float) -> set[str]:
    return {approval.who for approval in case.approvals if approval.at <= at} - {case.proposer}


def _starts(seen: Evidence) -> Iterator[tuple[Case, Call]]:
    """Yield the first call of each proposal, and the first after everything was let go on."""
    for case in seen.cases:
        marks = [0.0, *seen.anew]
        for begins, ends in zip(marks, [*seen.anew, float("inf")], strict=True):
            first = next((call for call in seen.calls_of(case) if begins <= call.at < ends), None)
            if first is not None:
                yield case, first


def _visible_since(seen: Evidence, case: Case, at: float) -> float | None:
    """Return since when a card offered to stop this, without a gap; None when it did not."""
    since: float | None = None
    for face in sorted(case.faces, key=lambda face: face.at):
        if face.at > at:
            break
        since = (face.at if since is None else since) if face.has_stop else None
    if since is None:
        return None
    hidden = (span.ends for span in seen.away if span.hides and since < span.ends <= at)
    return max([since, *hidden, *(moment for moment in seen.anew if moment <= at)])


def _removed(seen: Evidence, case: Case, until: float) -> frozenset[str]:
    return case.ids & frozenset(name for call in seen.calls if call.at <= until for name in call.removed)
