"""``python -m benchmarks.verifying``: how long verifying a long record takes, and how much memory, on both engines.

The record is made of deletions of 20 videos, each carried out: written as the program writes them, without VOD.
"""

import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import click

from benchmarks import postgres
from deletion.audit import events
from deletion.audit.fields import AnswerMeaning, CallAnswer, ItemOutcome
from deletion.audit.record import record
from deletion.plan import plan
from deletion.plan.facts import Target
from deletion.terms import canonical
from deletion.terms.ids import CallId, Digest, VoteId, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.place import Place
from deletion.terms.requests.targets import Videos, to_json
from deletion.terms.results.item_note import ItemNote
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from sandbox.interrupts import interruptible
from storage import Database, Tx, parse
from storage.tables import calls, items, proposals, votes
from storage.tables.calls import CallState, Intent
from storage.tables.proposals import NewProposal, Stamp
from storage.tables.votes import Subject, VoteState
from tests.harness import plans

EVENTS_EACH = 9
SIZE = 20
AT_ONCE = 200
ANA, BO = Actor("T", "UANA"), Actor("T", "UBO")


@click.command()
@click.option("--events", "wanted", default=200_000, show_default=True, help="Events of the log.")
def main(wanted: int) -> None:
    """Lay down a long record on each engine and verify it in a process of its own."""
    with (
        interruptible(),
        tempfile.TemporaryDirectory() as name,
        postgres.server(Path(name) / "pg") as server,
        postgres.database(server, "long") as url,
    ):
        for place in (f"sqlite:///{name}/record.db", url):
            _lay_down(place, wanted // EVENTS_EACH)
            click.echo(_verified(place))


def _verified(place: str) -> str:
    """Verify a record in a process of its own, and say what came of it, and what it took."""
    began = time.monotonic()
    words = ["-m", "bot", "audit", "verify", "--database", place]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    spent = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return (
        f"{parse(place).engine}: exit code {done.returncode} after {spent:.1f} s; "
        f"the largest process so far had {peak} MB\n  {done.stdout.splitlines()[:1]}{done.stderr[:300]}"
    )


def _lay_down(place: str, count: int) -> None:
    with closing(parse(place).open()) as database:
        database.migrate()
        for start in range(0, count, AT_ONCE):
            _write_some(database, range(start, min(count, start + AT_ONCE)))


def _write_some(database: Database, numbers: range) -> None:
    def work(tx: Tx) -> None:
        for number in numbers:
            _deletion(tx, number)

    database.write(work)


def _deletion(tx: Tx, place: int) -> None:
    """Write one deletion from its proposal to its end."""
    ids = tuple(f"{place:024x}{n:08x}" for n in range(SIZE))
    request, now = Videos(ids), tx.now_ms()
    targets = tuple(Target(each, f"Title {each}", status="Normal", size=10**8, duration_ms=60_000) for each in ids)
    whole = plan.whole(Place("cn-shanghai", "1234", "vod.cn-shanghai.aliyuncs.com"), request, targets)
    new = NewProposal(
        "T", "UANA", "video", canonical.dumps(to_json(request)), "old", State.PENDING, 1, now, now, now
    )
    number = proposals.add(tx, new)
    about, row = proposal_ref(number), proposals.get(tx, number)
    made = events.ProposalMade(
        about=about,
        by=ANA,
        request=request,
        reason="old",
        needed=1,
        expires_ms=now,
        created_ms=now,
        collect_by_ms=now,
    )
    record(tx, made)
    if row is None:
        raise LookupError(number)
    stored = plans.store(tx, row, whole)
    digest = Digest(stored.digest)
    record(tx, events.PlanFrozen(about=about, digest=digest, revision=1, count=SIZE, stored_ms=stored.created_ms))
    vote = VoteId(
        votes.cast(tx, Subject("proposal", number), digest=digest, voter=("T", "UBO"), channel="C", now_ms=now) or 0
    )
    record(tx, events.VoteCast(about=about, by=BO, vote=vote, digest=digest, cast_ms=now))
    note = canonical.dumps({"rule": "approver", "group": "all"})
    votes.settle(tx, vote, state=VoteState.COUNTED, note=note, now_ms=now)
    counted = events.VoteCounted(
        about=about,
        by=BO,
        vote=vote,
        digest=digest,
        counted=1,
        needed=1,
        rule="approver",
        group="all",
        settled_ms=now,
    )
    record(tx, counted)
    times = Stamp(now, now, now + 10**9, now, now)
    proposals.stamp(tx, number, times)
    approved = events.ProposalApproved(
        about=about,
        digest=digest,
        approvals=(str(BO),),
        hold_until_ms=now,
        execute_by_ms=now + 10**9,
        decided_ms=now,
    )
    record(tx, approved)
    _carried_out(tx, number, ids, digest, now)


def _carried_out(tx: Tx, number: int, ids: tuple[str, ...], digest: Digest, now: int) -> None:
    about, call = proposal_ref(number), CallId(f"{number:032x}")
    items.add_all(tx, number, [(place, each, 0) for place, each in enumerate(ids)])
    record(tx, events.ExecutionStarted(about=about, digest=digest, count=SIZE, lanes=1, started_ms=now))
    claimed = items.claim(tx, items.of(tx, number), call)
    calls.intend(tx, Intent(call, number, "DeleteVideo", canonical.dumps(ids), "one", now))
    record(tx, events.CallIntended(about=about, call=call, api="DeleteVideo", targets=ids, digest=digest))
    answer = canonical.dumps({"request_id": "R", "missing": [], "refused": []})
    calls.complete(tx, call, owner="one", state=CallState.DONE, answer=answer)
    said, meaning = CallAnswer(request_id="R"), AnswerMeaning.ANSWERED
    record(tx, events.CallAnswered(about=about, call=call, state="done", answer=said, meaning=meaning))
    items.write(
        tx,
        [items.settled(each, outcome=Outcome.DELETED, note=ItemNote().text(), now_ms=now) for each in claimed],
    )
    proposals.move(tx, number, old=State.PENDING, new=State.FINISHED, note="{}")
    finished = events.ExecutionFinished(
        about=about,
        digest=digest,
        tally={Outcome.DELETED: SIZE},
        outcomes=tuple(ItemOutcome(each, Outcome.DELETED) for each in ids),
        finished_ms=now,
    )
    record(tx, finished)


if __name__ == "__main__":
    main()
