"""When a hold begins, and that nobody waits for one that never will."""

import pytest

from deletion.approval.holds import anchoring, holding
from deletion.audit import chain
from deletion.audit.messages import audience, places
from deletion.audit.messages.delivery import CardShown, Claim, Outbox, Posted, Setback, Share
from deletion.audit.messages.silence import LONG_MS, Silence
from deletion.audit.notices import ApprovalAsked, CardPosted
from deletion.terms.ids import ProposalNumber
from deletion.terms.requests.targets import Videos
from deletion.terms.states import State
from sandbox.vod import seed
from storage.tables import items, jobs, outbox, proposals
from tests.deletion import posting
from tests.deletion.bench import BO, CY, Bench

TEASER = seed.SPRING_TEASER.video_id
TOUR = seed.WAREHOUSE_TOUR.video_id


def cards_queued(bench: Bench) -> int:
    (row,) = bench.database.read(
        lambda tx: tx.rows("SELECT count(*) AS n FROM outbox WHERE kind = 'card' AND state = 'queued'")
    )
    return int(row["n"])


def test_the_card_of_what_was_stopped_while_its_hold_was_awaited_is_not_shown_again_and_again(
    bench: Bench,
) -> None:
    number = bench.executing(Videos((TEASER,)))
    bench.posts_cards = False
    bench.freeze()
    for who in (BO, CY):
        bench.thaw(who)
        bench.step()
    while bench.step():
        pass
    assert bench.row(number).hold_until_ms is None
    bench.stop(number)
    assert bench.row(number).state == State.EXECUTING
    bench.sql("UPDATE outbox SET state = 'sent' WHERE kind = 'card'")

    shown = CardShown(ProposalNumber(number), "CAPPROVALS", "1780000000.000100", 0)
    bench.database.write(lambda tx: holding.begin(tx, shown))

    assert cards_queued(bench) == 0


def test_whoever_puts_all_on_hold_has_what_is_under_way_before_its_jobs_and_those_before_the_log(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As whoever stops one: in another order the two would wait for each other on PostgreSQL."""
    bench.executing(Videos((TEASER,)))
    bench.freeze()
    bench.thaw(BO)
    bench.step()
    order: list[str] = []
    for module, name in ((proposals, "under_way"), (jobs, "run_now"), (holding, "record")):
        real = getattr(module, name)

        def noted(*args: object, _real: object = real, _name: str = name, **more: object) -> object:
            order.append(_name)
            return _real(*args, **more)  # type: ignore[operator] # it is what was there

        monkeypatch.setattr(module, name, noted)
    bench.thaw(CY)
    bench.posts_cards = False
    bench.step()

    assert order == ["under_way", "run_now", "record"]


def test_a_roll_call_that_stops_a_deletion_has_its_items_before_the_log(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a batch that is claimed meanwhile: in another order the two would wait for each other on PostgreSQL."""
    number = bench.executing(Videos((TEASER,)))
    bench.people.unknown.add(BO)
    bench.ctx.roll.forget(bench.ctx.owner, number)
    order: list[str] = []
    for module, name in ((items, "settle_pending"), (chain, "append")):
        real = getattr(module, name)

        def noted(*args: object, _real: object = real, _name: str = name, **more: object) -> object:
            order.append(_name)
            return _real(*args, **more)  # type: ignore[operator] # it is what was there

        monkeypatch.setattr(module, name, noted)
    bench.step()

    assert order[:3] == ["settle_pending", "append", "append"]
    assert [event["rule"] for event in bench.events("vote.voided")] == ["unknown person"]
    assert len(bench.events("execution.stopped")) == 1


def hide(bench: Bench) -> None:
    """Let people see nothing any more."""
    bench.channel.unread, bench.channel.hides = "connection_refused", True


def awaited(bench: Bench) -> list[int]:
    """Return the numbers of the holds that were put on hold anew."""
    return [event["hold_no"] for event in bench.events("hold.awaited")]


def test_a_look_that_finds_people_blind_puts_on_hold_anew_what_had_begun_and_once(bench: Bench) -> None:
    bench.ctx = bench.with_rules(hold_s=600)
    begun, waiting = bench.approved(Videos((TEASER,))), bench.propose(Videos((TOUR,)))
    bench.posts_cards = False
    bench.approve(waiting)
    bench.until(waiting, State.APPROVED)
    hide(bench)
    for _ in range(3):
        anchoring.look(bench.ctx)
    (event,) = bench.events("hold.awaited")
    assert (event["hold_no"], event["silence"]) == (2, "connection_refused")
    assert bench.row(begun).hold_until_ms is None
    assert (bench.row(waiting).hold_no, bench.row(waiting).hold_until_ms) == (1, None)
    assert "hold.awaited" in bench.news("thread")


def test_a_closed_audit_channel_hides_nothing_that_people_could_stop(bench: Bench) -> None:
    number = bench.approved(Videos((TEASER,)))
    bench.channel.unread = "audit_is_archived"
    anchoring.look(bench.ctx)
    assert awaited(bench) == []
    assert bench.row(number).hold_until_ms is not None


def test_what_another_instance_has_shown_people_stays_shown_however_long_this_one_is_cut_off(bench: Bench) -> None:
    """Else an instance without a way to Slack would put everything on hold for ever."""
    number = bench.approved(Videos((TEASER,)))
    bench.posts_cards = False
    hide(bench)
    anchoring.look(bench.ctx)
    bench.post_cards()
    anchoring.look(bench.ctx)
    assert bench.row(number).hold_until_ms is not None
    assert awaited(bench) == [2]


def test_a_second_outage_lets_the_hold_begin_a_second_time(bench: Bench) -> None:
    bench.approved(Videos((TEASER,)))
    hide(bench)
    anchoring.look(bench.ctx)
    bench.post_cards()
    bench.channel.unread = None
    anchoring.look(bench.ctx)
    hide(bench)
    anchoring.look(bench.ctx)
    assert awaited(bench) == [2, 3]


def test_a_card_that_is_taken_in_an_outage_begins_no_hold_and_is_shown_anew_after_it(bench: Bench) -> None:
    number = bench.approved(Videos((TEASER,)))
    hide(bench)
    anchoring.look(bench.ctx)
    bench.sql("UPDATE outbox SET state = 'sent' WHERE kind = 'card'")
    taken = CardShown(ProposalNumber(number), "CAPPROVALS", "1780000000.000100", 2)
    bench.database.write(lambda tx: anchoring.card_shown(bench.ctx, tx, taken))
    anchoring.look(bench.ctx)
    assert awaited(bench) == [2]
    assert bench.row(number).hold_until_ms is None
    assert cards_queued(bench) == 0
    bench.channel.unread = None
    anchoring.look(bench.ctx)
    assert cards_queued(bench) == 1
    bench.database.write(lambda tx: anchoring.card_shown(bench.ctx, tx, taken))
    assert bench.row(number).hold_until_ms is not None


def test_an_outage_that_could_not_be_written_down_is_written_down_with_the_next_look(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.approved(Videos((TEASER,)))
    hide(bench)
    with monkeypatch.context() as broken:
        broken.setattr(holding, "record", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            anchoring.look(bench.ctx)
    anchoring.look(bench.ctx)
    assert awaited(bench) == [2]


def test_the_watch_looks_every_ten_seconds_while_something_is_on_hold_and_else_every_minute(bench: Bench) -> None:
    number = bench.propose(Videos((TEASER,)))
    assert anchoring.watch(bench.ctx)
    bench.monotonic_ms += 10_000
    assert not anchoring.watch(bench.ctx)
    bench.approve(number)
    bench.until(number, State.APPROVED)
    assert anchoring.watch(bench.ctx)
    bench.monotonic_ms += 9_999
    assert not anchoring.watch(bench.ctx)


def silence(since_ms: int) -> Silence:
    return Silence(places.APPROVALS, "restricted_action", since_ms)


def test_a_silence_hides_only_holds_that_began_before_it(bench: Bench) -> None:
    bench.ctx = bench.with_rules(hold_s=600)
    number = bench.approved(Videos((TEASER,)))
    begun_ms = (bench.row(number).hold_until_ms or 0) - 600_000
    bench.clock.advance(60)
    holding.begin_anew_unseen(bench.database, bench.ctx.config.policy, silence(begun_ms - 1))
    assert awaited(bench) == []
    holding.begin_anew_unseen(bench.database, bench.ctx.config.policy, silence(begun_ms))
    assert awaited(bench) == [2]


def test_what_an_earlier_version_approved_without_a_hold_is_put_on_one(bench: Bench) -> None:
    number = bench.approved(Videos((TEASER,)))
    bench.sql("UPDATE proposals SET hold_no = 0, hold_until_ms = NULL, hold_s = NULL")
    holding.begin_anew_unseen(bench.database, bench.ctx.config.policy, silence(bench.clock.ms))
    assert awaited(bench) == [1]
    assert holding.is_awaited(bench.row(number))


def be_silent(bench: Bench, lane: str, code: str = "restricted_action") -> None:
    bench.sql("UPDATE outbox SET state = 'queued', error = :code WHERE lane = :lane", lane=lane, code=code)
    bench.database.write(lambda tx: outbox.note_silent(tx, lane, code=code))


@pytest.mark.parametrize("lane", ["approvals", "audit"])
def test_no_intent_is_written_while_a_channel_takes_nothing_from_the_first_refusal_on(
    bench: Bench, lane: str
) -> None:
    """Also when it falls silent only after the batch was looked at."""
    number = bench.executing(Videos((TEASER,)))
    bench.database.write(lambda tx: outbox.add(tx, lane=lane, kind="thread", proposal_id=number, message="{}"))
    bench.meddled.before["get_media"] = lambda: be_silent(bench, lane)
    for _ in range(3):
        bench.step()
        bench.clock.advance(1)
    assert bench.events("call.intent") == []
    assert awaited(bench) == []
    bench.database.write(lambda tx: outbox.note_settled(tx, lane))
    bench.sql("UPDATE outbox SET state = 'sent'")
    bench.advance(60)
    assert bench.vod.ledger.ids() == [TEASER]


def test_nothing_starts_when_a_channel_falls_silent_while_the_items_are_dealt_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = bench.approved(Videos((TEASER,)))
    bench.database.write(lambda tx: outbox.add(tx, lane="audit", kind="thread", proposal_id=number, message="{}"))
    real = items.add_all

    def silent(*args: object) -> None:
        real(*args)  # type: ignore[arg-type] # it is what was there
        tx = args[0]
        outbox.note_silent(tx, "audit", code="is_archived")  # type: ignore[arg-type] # as above

    monkeypatch.setattr(items, "add_all", silent)
    bench.settle()
    assert bench.state(number) == State.APPROVED
    assert bench.events("execution.started") == []


def test_a_call_that_is_written_down_is_not_sent_once_a_channel_takes_nothing(bench: Bench) -> None:
    number = bench.executing(Videos((TEASER,)))
    bench.database.write(lambda tx: outbox.add(tx, lane="audit", kind="thread", proposal_id=number, message="{}"))
    bench.meddled.before["delete_videos"] = lambda: be_silent(bench, "audit")
    bench.step()
    assert bench.vod.ledger.calls() == ()
    (answered,) = bench.events("call.answered")
    assert answered["answer"]["not_sent"] == "a channel takes no messages"


def test_only_a_silence_that_is_more_than_a_hiccup_lets_holds_begin_anew(bench: Bench) -> None:
    number = bench.approved(Videos((TEASER,)))
    bench.database.write(lambda tx: outbox.add(tx, lane="approvals", kind="card", proposal_id=number, message="{}"))
    be_silent(bench, "approvals")
    bench.clock.ms += LONG_MS - 1
    assert [each.place for each in anchoring.listen(bench.ctx)] == ["approvals"]
    assert awaited(bench) == []
    bench.clock.ms += 1
    anchoring.listen(bench.ctx)
    anchoring.listen(bench.ctx)
    assert awaited(bench) == [2]
    assert "approvals: restricted_action" in (anchoring.fault(bench.ctx) or "")


def test_a_post_that_nobody_needs_any_more_does_not_end_a_silence(bench: Bench) -> None:
    number = ProposalNumber(bench.approved(Videos((TEASER,))))
    bench.sql("UPDATE outbox SET state = 'sent'")
    bench.database.write(posting.somebody_sends)
    bench.database.write(lambda tx: audience.channel(tx, ApprovalAsked(number=number, of=("UBO",))))
    bench.database.write(lambda tx: audience.thread(tx, CardPosted(number=number)))
    slack = Outbox(bench.database, owner="slack", lease_ms=60_000, shown=holding.begin)

    def claim() -> Claim:
        found = slack.claim(Share.ALL)
        assert found is not None
        return found

    slack.not_sent(claim(), Setback(code="restricted_action", pause_ms=0, silent=True))
    slack.sent(claim(), Posted("C1", ""), pause_ms=0)
    assert [each.place for each in anchoring.listen(bench.ctx)] == ["approvals"]
    slack.sent(claim(), Posted("C1", "1.000001"), pause_ms=0)
    assert list(anchoring.listen(bench.ctx)) == []
