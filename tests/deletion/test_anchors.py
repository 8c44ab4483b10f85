"""Whether a record leads to the heads in the audit channel, and what an instance makes of what it saw."""

import pytest

from deletion.approval.holds import anchoring
from deletion.audit.anchors import Finding, Mismatch, OwnHead, PostedHead, mismatch
from deletion.evidence import record_check
from deletion.execution.calls import preflight
from deletion.jobs.trust import TRUST_MS, Trust, Verdict
from deletion.terms.ids import NO_RECORD, Digest, RecordId
from deletion.terms.people import Actor
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from sandbox.vod import seed
from storage import Row, Tx
from storage.tables import anchor_losses, audit_log
from tests.deletion.bench import ANA, BO, CY, Bench

OURS, OTHER = RecordId("a" * 32), RecordId("b" * 32)
HASHES = {seq: f"{seq:064x}" for seq in range(1, 6)}
OWN = OwnHead(OURS, 5, HASHES[5], 1_000)
TEASER = seed.SPRING_TEASER.video_id
NOW_S = 1_800_000_000


def head(seq: int, *, record: RecordId = OURS, digest: str | None = None, ts: float | None = None) -> PostedHead:
    found = digest if digest is not None else HASHES.get(seq, "f" * 64)
    return PostedHead(record, seq, found, f"{ts if ts is not None else NOW_S + seq:.6f}")


@pytest.mark.parametrize(
    ("heads", "finding"),
    [
        ((), None),
        ((head(5),), None),
        ((head(3), head(1)), None),
        ((head(3, record=NO_RECORD),), None),
        ((head(6),), Finding.BEHIND),
        ((head(6, record=NO_RECORD),), Finding.BEHIND),
        ((head(3, digest="f" * 64),), Finding.DIFFERENT),
        ((head(0, digest=""),), Finding.DIFFERENT),
        ((head(5, record=OTHER),), Finding.OTHER_RECORD),
        ((head(5), head(6, ts=NOW_S)), Finding.BEHIND),
        ((head(6), head(3, record=OTHER)), Finding.BEHIND),
    ],
)
def test_a_record_leads_to_every_head_in_the_channel_or_it_is_said_how_not(
    heads: tuple[PostedHead, ...], finding: Finding | None
) -> None:
    found = mismatch(heads, OWN, HASHES, accepted="")
    assert (found.finding if found else None) is finding


def test_an_empty_record_leads_to_no_head_and_an_empty_channel_asks_for_nothing() -> None:
    empty = OwnHead(OTHER, 0, "")
    assert mismatch((), empty, {}, accepted="") is None
    assert mismatch((head(1),), empty, {}, accepted="") == Mismatch(Finding.OTHER_RECORD, head(1), empty)


def test_what_two_people_have_looked_at_asks_for_nothing_more_and_what_came_later_does() -> None:
    heads = (head(7), head(6))
    assert mismatch(heads, OWN, HASHES, accepted=head(7).ts) is None
    assert mismatch(heads, OWN, HASHES, accepted=head(6).ts) == Mismatch(Finding.BEHIND, head(7), OWN)


def test_only_of_a_record_that_is_behind_it_is_known_how_much_is_lost() -> None:
    assert Mismatch(Finding.BEHIND, head(8), OWN).lost == 3
    assert Mismatch(Finding.DIFFERENT, head(3), OWN).lost is None


def test_a_look_is_about_one_server_gets_old_and_is_forgotten_in_doubt() -> None:
    now = [0]
    trust = Trust(lambda: now[0])
    assert trust.known("one") is Verdict.UNKNOWN
    began, doubts = trust.begin()
    trust.looked(Verdict.HOLDS, server="one", began_ms=began, doubts=doubts)
    now[0] = 10
    assert trust.known("one", within_ms=10) is Verdict.HOLDS
    assert trust.known("another") is Verdict.UNKNOWN
    assert trust.known("one", within_ms=9) is Verdict.UNKNOWN
    trust.doubt()
    assert trust.known("one") is Verdict.UNKNOWN


def test_what_was_seen_before_a_doubt_is_not_believed_after_it() -> None:
    trust = Trust(lambda: 0)
    began, doubts = trust.begin()
    trust.doubt()
    trust.looked(Verdict.HOLDS, server="one", began_ms=began, doubts=doubts)
    assert trust.known("one") is Verdict.UNKNOWN
    assert trust.is_due(10**9)


def test_nobody_who_knows_nothing_spoils_the_look_that_is_just_under_way() -> None:
    """Else lanes that look in turn spoil each other's look for ever."""
    trust = Trust(lambda: 0)
    assert not trust.vouches("one", within_ms=10)
    began, doubts = trust.begin()
    assert not trust.vouches("one", within_ms=10)
    trust.looked(Verdict.HOLDS, server="one", began_ms=began, doubts=doubts)
    assert trust.vouches("one", within_ms=10)


def test_what_is_known_of_another_server_is_forgotten_together_with_the_look_under_way() -> None:
    trust = Trust(lambda: 0)
    began, doubts = trust.begin()
    trust.looked(Verdict.HOLDS, server="one", began_ms=began, doubts=doubts)
    began, doubts = trust.begin()
    assert not trust.vouches("another", within_ms=10)
    trust.looked(Verdict.HOLDS, server="one", began_ms=began, doubts=doubts)
    assert trust.known() is Verdict.UNKNOWN
    assert trust.is_due(10**9)


def own(bench: Bench) -> tuple[RecordId, int]:
    return bench.database.read(lambda tx: (RecordId(audit_log.record_id(tx)), audit_log.head(tx).seq))


def show_a_head_that_is_missing(bench: Bench, *, ts: float = NOW_S) -> None:
    record, seq = own(bench)
    bench.channel.heads.append(head(seq + 1, record=record, digest="c" * 64, ts=ts))


def loss(bench: Bench) -> anchor_losses.LossRow | None:
    return bench.database.read(anchor_losses.current)


def test_nothing_starts_on_a_record_that_is_behind_and_it_is_said_once(bench: Bench) -> None:
    number = bench.approved(Videos((TEASER,)))
    show_a_head_that_is_missing(bench)
    for _ in range(3):
        bench.advance(60)

    assert bench.state(number) == State.APPROVED
    assert bench.vod.ledger.calls() == ()
    (event,) = bench.events("anchor.lost")
    assert (event["finding"], event["posted_seq"] - event["seq"]) == ("behind", 1)
    assert "anchor.lost" in bench.news("channel")


def test_two_people_one_of_them_an_approver_take_the_record_for_the_true_one(bench: Bench) -> None:
    number = bench.approved(Videos((TEASER,)))
    show_a_head_that_is_missing(bench)
    bench.settle()
    found = loss(bench)
    assert found is not None

    assert isinstance(bench.anchor(BO, found.id, found.digest), int)
    bench.advance(60)
    assert bench.state(number) == State.APPROVED
    assert isinstance(bench.anchor(CY, found.id, found.digest), int)
    bench.advance(60)

    assert bench.state(number) == State.FINISHED
    assert bench.vod.ledger.ids() == [TEASER]
    assert len(bench.events("anchor.restored")) == 1
    assert loss(bench) is None


def test_what_is_approved_is_on_hold_anew_when_the_record_is_taken_for_the_true_one(bench: Bench) -> None:
    bench.ctx = bench.with_rules(hold_s=600)
    number = bench.approved(Videos((TEASER,)))
    show_a_head_that_is_missing(bench)
    bench.advance(700)
    found = loss(bench)
    assert found is not None
    for who in (BO, CY):
        bench.anchor(who, found.id, found.digest)
    bench.advance(500)
    assert bench.vod.ledger.calls() == ()
    assert not isinstance(bench.stop(number), int)
    assert bench.state(number) == State.STOPPED


def test_a_vote_is_void_and_the_question_asked_anew_when_the_channel_shows_another_head_by_then(
    bench: Bench,
) -> None:
    bench.approved(Videos((TEASER,)))
    show_a_head_that_is_missing(bench)
    bench.settle()
    first = loss(bench)
    assert first is not None
    bench.anchor(BO, first.id, first.digest)
    show_a_head_that_is_missing(bench, ts=NOW_S + 50)
    bench.advance(60)

    second = loss(bench)
    assert second is not None
    assert second.id != first.id
    assert len(bench.events("anchor.lost")) == 2
    assert [event["rule"] for event in bench.events("vote.voided")] == ["not lost"]
    refused = bench.anchor(CY, first.id, first.digest)
    assert getattr(refused, "rule", None) == "not lost"


def test_a_vote_that_counted_is_void_as_well_when_the_question_is_asked_anew_and_the_log_says_so(
    bench: Bench,
) -> None:
    bench.approved(Videos((TEASER,)))
    show_a_head_that_is_missing(bench)
    bench.settle()
    first = loss(bench)
    assert first is not None
    bench.anchor(BO, first.id, first.digest)
    bench.settle()
    show_a_head_that_is_missing(bench, ts=NOW_S + 50)
    bench.anchor(CY, first.id, first.digest)
    bench.advance(60)

    assert [event["was_counted"] for event in bench.events("vote.voided")] == [True, False]
    report = record_check.examine(bench.database)
    assert report.holds, report.text()


def test_while_the_channel_cannot_be_read_nothing_starts_and_people_are_told_once(bench: Bench) -> None:
    bench.channel.unread = "channel_not_found"
    number = bench.approved(Videos((TEASER,)))
    for _ in range(6):
        bench.advance(60)
    assert bench.state(number) == State.APPROVED
    assert bench.vod.ledger.calls() == ()
    assert bench.news("thread").count("AuditChannelUnread") == 1
    assert "channel_not_found" in str(anchoring.fault(bench.ctx))

    bench.channel.unread = None
    bench.advance(60)
    assert bench.state(number) == State.FINISHED
    assert anchoring.fault(bench.ctx) is None


def test_a_batch_under_way_is_held_when_the_channel_shows_more_by_then(bench: Bench) -> None:
    number = bench.executing(Videos((TEASER,)))
    show_a_head_that_is_missing(bench)
    bench.monotonic_ms += TRUST_MS
    bench.settle()
    assert bench.vod.ledger.calls() == ()
    assert bench.state(number) == State.EXECUTING
    assert loss(bench) is not None


def test_a_call_is_not_made_when_another_server_answers_than_was_looked_at(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica took over between the look and the call: what it lacks, nobody knows yet."""
    number = bench.executing(Videos((TEASER,)))
    may_send, looks = preflight.Preflight.why_not_now, bench.channel.looks

    def after_a_failover(self: preflight.Preflight, tx: Tx) -> object:
        if bench.channel.looks == looks:
            monkeypatch.setattr(type(tx), "server", lambda _: "a replica")
        return may_send(self, tx)

    monkeypatch.setattr(preflight.Preflight, "why_not_now", after_a_failover)
    bench.settle()

    answers = [event["answer"].get("not_sent") for event in bench.events("call.answered")]
    assert answers[0] == "the record was not compared with the audit channel"
    assert bench.channel.looks > looks
    assert bench.state(number) == State.FINISHED
    assert bench.vod.ledger.ids() == [TEASER]


def test_a_stranger_to_the_rules_cannot_vouch_for_a_record(bench: Bench) -> None:
    bench.ctx = bench.with_rules(approvers=frozenset({BO.user}), proposers=frozenset({ANA.user}))
    bench.approved(Videos((TEASER,)))
    show_a_head_that_is_missing(bench)
    bench.settle()
    found = loss(bench)
    assert found is not None
    assert getattr(bench.anchor(CY, found.id, found.digest), "rule", None) == "may not anchor"
    assert getattr(bench.anchor(BO, found.id, "0" * 64), "rule", None) == "not lost"
    assert isinstance(bench.anchor(BO, found.id, found.digest), int)
    assert getattr(bench.anchor(BO, found.id, Digest(found.digest)), "rule", None) == "already anchored"


def test_no_head_is_posted_before_the_newest_ones_were_looked_at(bench: Bench) -> None:
    bench.channel.unread = "ratelimited"
    assert not anchoring.may_post_head(bench.ctx)
    bench.channel.unread = None
    assert anchoring.may_post_head(bench.ctx)
    looks = bench.channel.looks
    assert anchoring.may_post_head(bench.ctx)
    assert bench.channel.looks == looks


EDITED = [
    ("UPDATE anchor_losses SET accepted = 1 WHERE id = 1", "accepted: the log says 0, the table says 1"),
    (
        "UPDATE anchor_losses SET closed_ms = NULL WHERE id = 1",
        "closed_ms: the log says a time",
    ),
    ("UPDATE anchor_losses SET closed_ms = closed_ms + 1 WHERE accepted = 1", "closed_ms: the log says 1"),
    ("UPDATE anchor_losses SET seen_ts = '9999999999.000000' WHERE id = 2", "seen_ts: the log says"),
    ("UPDATE anchor_losses SET found = '{}' WHERE id = 1", "found: the log says a text with the SHA-256"),
    ("UPDATE anchor_losses SET digest = 'f' WHERE id = 1", "digest: the log says"),
    ("UPDATE anchor_losses SET id = 9 WHERE id = 2", "no such row"),
    ("DELETE FROM anchor_losses WHERE id = 1", "anchor_losses #1: it is in the log, but there is no such row"),
    ("UPDATE votes SET state = 'counted' WHERE subject_kind = 'anchor' AND subject_id = 1", "state: the log says"),
]


def test_an_edit_of_what_was_found_or_decided_is_named(bench: Bench) -> None:
    bench.approved(Videos((TEASER,)))
    show_a_head_that_is_missing(bench)
    bench.settle()
    assert record_check.verify(bench.database).holds
    vouch(bench, BO)
    show_a_head_that_is_missing(bench, ts=NOW_S + 50)
    vouch(bench, CY)
    for who in (BO, CY):
        vouch(bench, who)
    report = record_check.verify(bench.database)
    assert report.holds, report.text()
    states = bench.database.read(lambda tx: tx.rows("SELECT closed_ms, accepted FROM anchor_losses ORDER BY id"))
    assert [(row["closed_ms"] is None, row["accepted"]) for row in states] == [(False, 0), (False, 1)]
    kept = {table: rows_of(bench, table) for table in KEPT}
    for sql, words in EDITED:
        bench.sql(sql)
        assert words in record_check.verify(bench.database).text(), sql
        put_back(bench, kept)


KEPT = ("anchor_losses", "votes")


def vouch(bench: Bench, who: Actor) -> None:
    """Let somebody take the record for the true one, and let that count."""
    found = loss(bench)
    assert found is not None
    bench.anchor(who, found.id, found.digest)
    bench.advance(60)


def rows_of(bench: Bench, table: str) -> list[Row]:
    return bench.database.read(lambda tx: tx.rows(f"SELECT * FROM {table}"))  # noqa: S608 - a name of ours


def put_back(bench: Bench, kept: dict[str, list[Row]]) -> None:
    for table, rows in kept.items():
        bench.sql(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
        for row in rows:
            names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
            bench.sql(f"INSERT INTO {table} ({names}) VALUES ({values})", **row)  # noqa: S608 - as above
