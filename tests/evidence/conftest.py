"""The record of a long day, on either engine: proposals in many states, votes, a freeze and its end."""

from pathlib import Path

import pytest

from deletion.terms.states import State
from handlers.cards import ids as ids_
from handlers.views import answer, approve, ask, reject
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from tests.e2e.deletions import propose, step_until, videos
from tests.evidence.owners import Owned
from tests.stage import Stage
from tests.storage.postgres import Server

SETTINGS = {
    "COUNTERSIGN_STOP_ON": "none",
    "COUNTERSIGN_HOLD_SECONDS": "60",
    "COUNTERSIGN_CANARY_FROM": "30",
    "COUNTERSIGN_EXPIRES_HOURS": "24",
}


def lived_through(stage: Stage) -> dict[str, int]:
    """Let people do all that they can do; return the proposals by what became of them."""
    numbers = {
        "done": propose(stage, videos(stage, 3, forbidden=(1,))),
        "big": propose(stage, videos(stage, 31)),
        "halted": propose(stage, videos(stage, 25)),
        "rejected": propose(stage, videos(stage, 1)),
        "withdrawn": propose(stage, videos(stage, 1)),
        "stopped": propose(stage, videos(stage, 2)),
        "changed": propose(stage, ids := videos(stage, 2)),
        "missing": stage.propose("ana", "video " + "0" * 32),
    }
    stage.click("cy", "Ask", numbers["done"])
    stage.slack.submit("cy", {ask.BLOCK_ID: "Why now?"})
    stage.settle()
    stage.click("ana", "Answer", numbers["done"])
    stage.slack.submit("ana", {answer.BLOCK_ID: "The rights ended."})
    stage.click("bo", "Approve with", numbers["done"])
    stage.slack.submit("bo", {approve.COMMENT_BLOCK: "Checked."})
    stage.settle()
    for name in ("big", "stopped", "halted"):
        stage.click("bo", "Approve", numbers[name])
    stage.click("cy", "Stop", numbers["stopped"])
    stage.clock.advance(61)
    step_until(stage, lambda: stage.state(numbers["halted"]) is State.EXECUTING)
    step_until(stage, lambda: len(stage.vod.ledger.calls()) > 1)
    stage.settle_messages()
    stage.click("cy", "Stop", numbers["halted"])
    stage.advance(61)
    stage.say("gus", "/vod freeze wrong folder")
    for who in ("ana", "bo"):
        stage.say(who, "/vod unfreeze")
    stage.say("gus", "/vod freeze once more")
    stage.say("ana", "/vod unfreeze")
    stage.click("cy", "Reject", numbers["rejected"])
    stage.slack.submit("cy", {reject.BLOCK_ID: "still in use"})
    stage.say("ana", f"/vod withdraw {numbers['withdrawn']}")
    stage.vod.library.change_video(ids[0], title="Needed after all")
    stage.click("bo", "Approve", numbers["changed"])
    stage.slack.click_message("ana", "vod-deletions", stage.card(numbers["done"]).ts, ids_.AGAIN)
    stage.settle()
    numbers["again"] = numbers["missing"] + 1
    numbers["approved"] = propose(stage, videos(stage, 2))
    stage.click("bo", "Approve", numbers["approved"])
    stage.advance(120)
    assert {name: stage.state(number) for name, number in numbers.items()} == {
        "done": State.FINISHED,
        "big": State.FINISHED,
        "halted": State.FINISHED,
        "rejected": State.REJECTED,
        "withdrawn": State.WITHDRAWN,
        "stopped": State.STOPPED,
        "changed": State.PENDING,
        "missing": State.FAILED,
        "again": State.PENDING,
        "approved": State.APPROVED,
    }
    return numbers


def laid_down(folder: Path, url: str | None = None) -> Owned:
    """Return the record in a folder, or at a URL, closed and at rest; whoever edits it puts it back."""
    with SlackSandbox.start(environ={}) as slack, VodSandbox.start() as vod:
        stage = Stage.open(slack, vod, folder, timings=None, database_url=url, **SETTINGS)
        numbers = lived_through(stage)
        stage.close()
    return Owned(url or f"sqlite:///{folder / 'countersign.db'}", numbers)


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Owned:
    return laid_down(tmp_path_factory.mktemp("record"))


@pytest.fixture(scope="module")
def on_postgres(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Owned:
    return laid_down(tmp_path_factory.mktemp("record"), postgres.new_record())


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def written(request: pytest.FixtureRequest) -> Owned:
    """Return the record on either engine."""
    found: Owned = request.getfixturevalue(f"on_{request.param}")
    return found
