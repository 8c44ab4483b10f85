"""Operators are told of what only they can mend: once, whoever looks and how often, and once when it is over."""

from collections.abc import Callable

import pytest

import vod
from deletion.approval.people import troubles
from deletion.approval.people.troubles import QUIET_MS, Heard, Watch
from deletion.audit.fields import TroubleKind
from deletion.audit.notices import TroubleBegun, TroubleEnded
from deletion.jobs.trust import Verdict
from storage.tables.troubles import TroubleRow
from tests.deletion.bench import Bench

OPS = "C0OPERATORS"
REFUSED = vod.Denied("DeleteVideo", "Forbidden.RAM", advice=vod.Advice.PERMIT)
WRONG_KEY = vod.Denied("GetVideoInfos", "InvalidAccessKeyId.NotFound", advice=vod.Advice.CHECK_KEY_ID)


class Operator:
    """Whoever runs the bench; two instances look for them."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.heard = Heard()
        self.watches = [Watch(bench.ctx, self.heard, OPS), Watch(bench.ctx, Heard(), OPS)]

    def looks(self) -> list[tuple[str, str]]:
        """Let both look twice; return all that was told, by kind."""
        for _ in range(2):
            for watch in self.watches:
                watch.look()
        told = [each for each in self.bench.reported("channel") if isinstance(each, TroubleBegun | TroubleEnded)]
        return [("begun" if isinstance(each, TroubleBegun) else "over", each.trouble.name) for each in told]


@pytest.fixture
def operator(open_bench: Callable[..., Bench]) -> Operator:
    return Operator(open_bench())


def test_an_action_that_vod_refuses_is_told_until_it_works(operator: Operator) -> None:
    for _ in range(50):
        operator.heard("DeleteVideo", REFUSED)
    assert operator.looks() == [("begun", "action DeleteVideo")]
    operator.heard("GetVideoInfos", None)
    assert operator.looks() == [("begun", "action DeleteVideo")]

    operator.heard("DeleteVideo", None)

    assert operator.looks() == [("begun", "action DeleteVideo"), ("over", "action DeleteVideo")]


def test_a_key_that_vod_does_not_know_is_one_trouble_whatever_was_called(operator: Operator) -> None:
    for action in ("GetVideoInfos", "DeleteVideo", "SearchMedia"):
        operator.heard(action, vod.Denied(action, WRONG_KEY.code, advice=WRONG_KEY.advice))
    assert operator.looks() == [("begun", "account")]
    operator.heard("SearchMedia", None)
    assert operator.looks() == [("begun", "account"), ("over", "account")]


def test_what_is_no_refusal_of_the_account_is_nothing_for_an_operator(operator: Operator) -> None:
    operator.heard("GetVideoInfos", vod.Throttled("GetVideoInfos", "Throttling", advice=vod.Advice.SLOW_DOWN))
    operator.heard("GetVideoInfos", vod.NotFound("GetVideoInfos", "NotFound", advice=vod.Advice.NOTHING))
    assert operator.looks() == []


def test_media_of_another_application_are_nothing_for_an_operator(operator: Operator) -> None:
    """``/vod show`` of one of them would have said that VOD refuses the action."""
    for action in ("ListSnapshots", "DeleteStream"):
        error = vod.Denied(action, "Forbidden.OperateAppResource", advice=vod.Advice.PERMIT_MEDIA)
        operator.heard(action, error)
    assert operator.looks() == []


def test_what_comes_and_goes_is_told_once_an_hour(operator: Operator) -> None:
    for _ in range(20):
        operator.heard("DeleteVideo", REFUSED)
        operator.looks()
        operator.heard("DeleteVideo", None)
        operator.looks()
    assert len(operator.looks()) == 2

    operator.bench.clock.ms += QUIET_MS
    operator.heard("DeleteVideo", REFUSED)
    assert len(operator.looks()) == 3


def test_a_channel_that_is_lost_is_told_after_a_while_and_when_it_takes_messages(operator: Operator) -> None:
    bench = operator.bench
    bench.database.write(
        lambda tx: tx.run(
            "UPDATE lanes SET silent_ms = :now, silent_code = 'is_archived' WHERE lane = 'audit'", now=tx.now_ms()
        )
    )
    bench.sql(
        """
        INSERT INTO outbox (lane, kind, message, nonce, state, created_ms)
        VALUES ('audit', 'x', '{}', 'n', 'queued', 1)
        """
    )
    assert operator.looks() == []
    bench.clock.advance(120)
    assert operator.looks() == [("begun", "channel")]
    begun, doubts = bench.ctx.trust.begin()
    server = bench.database.read(lambda tx: tx.server())
    bench.ctx.trust.looked(Verdict.HOLDS, server=server, began_ms=begun, doubts=doubts)
    bench.sql("UPDATE lanes SET silent_code = 'fatal_error' WHERE lane = 'audit'")
    assert len(operator.looks()) == 1, "it can be read, but takes no messages"
    bench.ctx.trust.not_read("ConnectionResetError")
    bench.sql("UPDATE lanes SET silent_ms = NULL, silent_code = NULL")
    assert len(operator.looks()) == 1, "whether the channels can be read is not known"

    begun, doubts = bench.ctx.trust.begin()
    bench.ctx.trust.looked(Verdict.HOLDS, server=server, began_ms=begun, doubts=doubts)

    assert operator.looks() == [("begun", "channel"), ("over", "channel")]


def test_an_outage_of_slack_is_nothing_to_mend(operator: Operator) -> None:
    operator.bench.ctx.trust.not_read("ConnectionResetError")
    assert operator.looks() == []
    operator.bench.ctx.trust.not_read("not_in_channel")
    assert operator.looks() == [("begun", "channel")]


def test_jobs_that_nobody_takes_are_told(operator: Operator) -> None:
    operator.bench.sql("INSERT INTO jobs (kind, ref, lane, state, due_ms) VALUES ('expire', 9, 0, 'queued', 1)")
    assert operator.looks() == [("begun", "worker")]
    operator.bench.settle()
    assert operator.looks() == [("begun", "worker"), ("over", "worker")]


def test_it_is_looked_now_and_then(operator: Operator) -> None:
    watch = operator.watches[0]
    operator.heard("DeleteVideo", REFUSED)
    assert watch.step() is False
    operator.bench.monotonic_ms += troubles.LOOK_MS
    assert watch.step() is True
    operator.heard("DeleteVideo", None)
    assert watch.step() is False
    operator.bench.monotonic_ms += troubles.LOOK_MS
    assert watch.step() is True


def test_what_waited_while_the_program_was_down_is_no_trouble_when_it_starts(operator: Operator) -> None:
    operator.bench.sql("INSERT INTO jobs (kind, ref, lane, state, due_ms) VALUES ('expire', 9, 0, 'queued', 1)")
    watch = operator.watches[0]
    assert watch.step() is False
    operator.bench.settle()
    operator.bench.monotonic_ms += troubles.LOOK_MS
    assert watch.step() is False


def test_every_kind_has_its_way_to_be_over() -> None:
    for kind in TroubleKind:
        row = TroubleRow(str(kind), "{}", 1, None)
        assert isinstance(troubles.Seen((), frozenset(), channels_open=False).is_over(row), bool)
