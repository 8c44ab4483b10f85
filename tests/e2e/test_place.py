"""A deletion is bound to where it was approved for: in another place nothing is sent, and nothing is said of it."""

from collections.abc import Callable, Iterator

import pytest

from deletion.terms.states import State
from sandbox.vod import VodSandbox, seed
from tests.e2e.deletions import send_one_batch, step_until
from tests.e2e.evidence import assert_lawful, audit_channel, in_blocks
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")
TEASER = seed.SPRING_TEASER.video_id
OTHER_ACCOUNT = "6543210987655678"


@pytest.fixture
def elsewhere() -> Iterator[VodSandbox]:
    """Another VOD, in which there is nothing: whatever is asked for there is gone."""
    with VodSandbox.start(seed_library=False) as other:
        yield other


def another_address(stage: Stage, other: VodSandbox) -> None:
    stage.restart(VOD_ENDPOINT=other.url)


def another_account(stage: Stage, other: VodSandbox) -> None:
    """At the same address, but with another key: it has a library of its own."""
    other.account = OTHER_ACCOUNT
    stage.restart(VOD_ENDPOINT=other.url, VOD_STS_ENDPOINT=other.url)


def another_region(stage: Stage, other: VodSandbox) -> None:
    stage.restart(VOD_REGION="eu-central-1", VOD_ENDPOINT=other.url)


Move = Callable[[Stage, VodSandbox], None]
MOVES: dict[str, Move] = {"address": another_address, "account": another_account, "region": another_region}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_sent_in_one_place_is_not_called_deleted_in_another(
    stage_on: Opener, elsewhere: VodSandbox, engine: str, move: Move
) -> None:
    stage = stage_on(engine)
    number = stage.propose("ana", f"video {TEASER}")
    stage.vod.faults.set("late", "DeleteVideo", seconds=36_000)
    stage.clock.advance(0)
    send_one_batch_after_hold(stage, number)

    move(stage, elsewhere)
    stage.advance(3600)
    assert stage.state(number) is State.EXECUTING
    assert stage.outcomes(number) == {TEASER: "accepted"}
    assert stage.events("items.settled") == []
    assert "it was approved for account …3456 in cn-shanghai" in stage.thread(number)[-1].text
    assert elsewhere.ledger.calls() == ()

    stage.vod.library.settle()
    stage.restart(VOD_REGION="cn-shanghai", VOD_ENDPOINT=stage.vod.url, VOD_STS_ENDPOINT=stage.vod.url)
    stage.advance(60)
    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert_lawful(stage)


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_approved_in_one_place_is_not_sent_in_another(
    stage_on: Opener, elsewhere: VodSandbox, engine: str, move: Move
) -> None:
    stage = stage_on(engine, COUNTERSIGN_HOLD_SECONDS="60")
    elsewhere.library.add_video(video_id=TEASER, title="Theirs")
    number = stage.propose("ana", f"video {TEASER}")
    stage.click("bo", "Approve", number)

    move(stage, elsewhere)
    stage.advance(61)
    assert stage.state(number) is State.STALE
    assert stage.vod.ledger.calls() == elsewhere.ledger.calls() == ()
    assert stage.events("call.intent") == []
    assert "account …3456 in cn-shanghai" in stage.slack.dm("ana")[-1].text
    assert_lawful(stage)


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_open_proposal_of_one_place_is_neither_approved_nor_closed_in_another(
    stage_on: Opener, elsewhere: VodSandbox, engine: str, move: Move
) -> None:
    """It was closed, as gone: the other place does not hold the video."""
    stage = stage_on(engine)
    number = stage.propose("ana", f"video {TEASER}")

    move(stage, elsewhere)
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.PENDING
    assert "was planned for account …3456 in cn-shanghai" in stage.answers("bo")[-1]
    assert [event["data"]["rule"] for event in stage.events("vote.voided")] == ["other place"]

    stage.restart(VOD_REGION="cn-shanghai", VOD_ENDPOINT=stage.vod.url, VOD_STS_ENDPOINT=stage.vod.url)
    stage.click("bo", "Approve", number)
    stage.advance(60)
    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert_lawful(stage)


def test_the_place_is_on_the_card_and_in_the_audit_channel(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    assert f"account …3456 in cn-shanghai at {stage.vod.endpoint}" in in_blocks(stage.card(number))
    stage.click("bo", "Approve", number)
    stage.advance(60)

    assert f"account {stage.vod.account} in cn-shanghai" in audit_channel(stage)
    assert f"(account …3456 in cn-shanghai at {stage.vod.endpoint})" in audit_channel(stage)
    assert (
        stage.events("items.settled")[0]["data"]["where"] == f"{stage.vod.account}/cn-shanghai/{stage.vod.endpoint}"
    )


def test_an_account_that_sts_does_not_tell_is_known_by_its_key(stage: Stage) -> None:
    """Where GetCallerIdentity is refused, a fingerprint of the key stands for the account, and never the key."""
    stage.vod.faults.set("forbidden_ram", "GetCallerIdentity")
    stage.restart()
    number = stage.propose("ana", f"video {TEASER}")
    shown = stage.view(number).plan
    assert shown is not None
    assert (shown.place.account or "").startswith("key-")
    assert stage.vod.access_key_id not in audit_channel(stage)
    stage.click("bo", "Approve", number)
    stage.advance(60)
    assert stage.outcomes(number) == {TEASER: "deleted"}


def test_while_sts_is_silent_everything_waits_and_nothing_is_concluded(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.vod.faults.set("unavailable", "GetCallerIdentity")
    stage.restart()
    stage.click("bo", "Approve", number)
    assert "is saved, but VOD cannot be read right now" in stage.answers("bo")[-1]
    assert stage.state(number) is State.PENDING

    stage.vod.faults.clear()
    stage.advance(120)
    assert stage.outcomes(number) == {TEASER: "deleted"}
    assert_lawful(stage)


def send_one_batch_after_hold(stage: Stage, number: int) -> None:
    """Let the deletion begin and exactly one call of it be made, which VOD carries out later."""
    send_one_batch(stage, number)
    step_until(stage, lambda: bool(stage.outcomes(number)))
