"""A long list that is read slowly: its proposer sees how far it is, in one message, and can take it back."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest

from deletion import work
from deletion.collection.following import TOLD_EVERY_MS
from deletion.collection.stage import WRITTEN_AT_ONCE
from deletion.jobs.context import Context
from deletion.plan.library.reading import Reader, Reading
from deletion.terms.requests.targets import BATCH, Request
from deletion.terms.states import State
from handlers.cards import ids
from sandbox.slack import FaultKind, Message
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted, buttons, in_blocks
from tests.e2e.test_sudden_death import Killed
from tests.stage import Opener, Stage

MANY = 600
LIMITS = {"COUNTERSIGN_MAX_ITEMS": "1000", "COUNTERSIGN_MAX_GIGABYTES": "100000"}
A_MINUTE_AND_MORE = 61
FAR = re.compile(r"Reading from VOD: (\d+) of 600 read; about (\d+) a minute, about (\d+) (s|min) left")
ENGINES = ["sqlite", "postgres"]

Meanwhile = Callable[[int], None]
"""What happens after a batch was read, which is given how many were by now."""


def slow(stage: Stage, *, seconds: float, meanwhile: Meanwhile = lambda _: None, owner: str = "one") -> Context:
    """Return an instance of the bot that reads one batch after the other, each taking so long."""
    ctx, read = stage.program.context, [0]

    class Slow(Reader):
        def read(self, request: Request, between: Callable[[], None] = lambda: None) -> Reading:
            found = super().read(request, between)
            read[0] += 1
            stage.clock.advance(seconds)
            stage.settle_messages()
            meanwhile(read[0])
            return found

    reader = Slow(ctx.client, ctx.quota, lambda _: None)
    return replace(ctx, reader=reader, readers=1, monotonic_ms=stage.clock, owner=owner)


def ask(stage: Stage, who: str = "ana") -> int:
    """Let somebody propose many videos; nothing is read yet."""
    library = stage.vod.library
    made = [library.add_video(title=f"take {n}", has_cover=False).video_id for n in range(MANY)]
    delivery = stage.slack.say(who, f"/vod delete video {' '.join(made)} --reason x")
    assert delivery.reply is not None
    return int(next(word for word in delivery.reply.text.split() if word.startswith("#"))[1:])


def read_on(ctx: Context) -> None:
    while work.run_one(ctx):
        pass


def read_whole(stage: Stage, number: int, ctx: Context) -> None:
    """Read until it is read: on a busy machine a call may take too long, and is made again."""
    while stage.state(number) is State.COLLECTING:
        if not work.run_one(ctx):
            stage.clock.advance(1)


def told(stage: Stage, who: str = "ana") -> list[Message]:
    """Return the messages in which somebody is told how a reading goes or went."""
    heads = ("🔎 Reading", "*Reading #", "*#")
    return [each for each in stage.slack.dm(who) if each.text.startswith(heads)]


def staged(stage: Stage) -> int:
    sql = "SELECT count(*) AS n FROM plan_rows"
    (row,) = stage.database.read(lambda tx: tx.rows(sql))
    return int(row["n"])


def sets_without_plan(stage: Stage) -> list[int]:
    sql = "SELECT s.id FROM row_sets s WHERE NOT EXISTS (SELECT 1 FROM plans p WHERE p.rows_id = s.id)"
    return [row["id"] for row in stage.database.read(lambda tx: tx.rows(sql))]


@pytest.mark.parametrize("engine", ENGINES)
def test_one_message_says_how_far_it_is_and_then_where_the_card_is(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, **LIMITS)
    number = ask(stage)
    texts = list[str]()

    def look(_: int) -> None:
        texts.extend(unescape(each.text) for each in told(stage))

    read_whole(stage, number, slow(stage, seconds=3, meanwhile=look))
    stage.settle()
    seen = [found for found in map(FAR.search, texts) if found]
    assert len({found[1] for found in seen}) > 5
    for found in seen:
        # 20 in 3 seconds, and what a busy machine takes besides.
        assert 0 < int(found[2]) <= 400, found[0]
    assert [int(found[1]) for found in seen] == sorted(int(found[1]) for found in seen)

    (message,) = told(stage)
    assert f"#{number} was read" in message.text
    assert "600 videos" in message.text
    assert f"<#{stage.slack.channel('vod-deletions').id}>" in message.text
    assert stage.card(number).ts.replace(".", "") in in_blocks(message)
    assert not buttons(message)
    assert_nothing_was_deleted(stage)
    assert_lawful(stage)


def test_updates_are_ten_seconds_apart(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    read_whole(stage, ask(stage), slow(stage, seconds=2))
    sql = "SELECT created_ms FROM outbox WHERE kind = 'reading' ORDER BY id"
    times = [row["created_ms"] for row in stage.database.read(lambda tx: tx.rows(sql))]
    *under_way, _ = times
    assert len(under_way) >= 4
    assert all(after - before >= TOLD_EVERY_MS for before, after in itertools.pairwise(under_way))


def test_of_what_is_soon_read_nobody_is_told(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)
    read_on(slow(stage, seconds=0))
    stage.settle()
    assert told(stage) == []
    assert [f"#{number} is open for approval" in each.text for each in stage.slack.dm("ana")] == [True]


@pytest.mark.parametrize("engine", ENGINES)
def test_another_instance_goes_on_with_the_same_message_after_a_kill(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, **LIMITS)
    number = ask(stage)

    def die(batch: int) -> None:
        if batch == 15:
            raise Killed

    with pytest.raises(Killed):
        read_on(slow(stage, seconds=3, meanwhile=die))
    (before,) = told(stage)
    assert "Reading from VOD" in before.text
    kept = staged(stage)
    assert 14 * BATCH - 2 * BATCH <= kept <= 15 * BATCH

    stage.clock.advance(A_MINUTE_AND_MORE)
    batches = list[int]()
    read_whole(stage, number, slow(stage, seconds=3, meanwhile=batches.append, owner="two"))
    stage.settle()
    assert len(batches) == (MANY - kept) // BATCH, "nothing that was kept is read once more"
    (after,) = told(stage)
    assert after.ts == before.ts
    assert f"#{number} was read" in after.text
    assert stage.state(number) is State.PENDING
    assert_lawful(stage)


def test_a_first_message_whose_answer_is_lost_is_not_posted_twice(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)

    def lose(batch: int) -> None:
        if batch == 2:
            stage.slack.faults.add(FaultKind.RESET_AFTER, "chat.postMessage")

    read_whole(stage, number, slow(stage, seconds=4, meanwhile=lose))
    stage.advance(60)
    assert stage.slack.faults.pending() == []
    (message,) = told(stage)
    assert f"#{number} was read" in message.text


def test_where_slack_updates_it_no_more_nobody_is_pinged_again(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)

    def close(batch: int) -> None:
        if batch == 15:
            stage.slack.faults.add(FaultKind.ERROR, "chat.update", error="edit_window_closed", times=1)

    read_whole(stage, number, slow(stage, seconds=3, meanwhile=close))
    stage.settle()
    assert stage.slack.faults.pending() == []
    (message,) = told(stage)
    assert f"#{number} was read" in message.text, "the next update went through"
    assert stage.database.read(lambda tx: tx.rows("SELECT id FROM outbox WHERE state <> 'sent'")) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_who_withdraws_by_the_button_ends_the_reading_within_a_batch(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, **LIMITS)
    number = ask(stage)
    batches = list[int]()

    def withdraw(batch: int) -> None:
        batches.append(batch)
        if batch == 15:
            (message,) = told(stage)
            assert buttons(message) == ["Withdraw"]
            delivery = stage.slack.click("ana", "Withdraw", match=f"#{number}")
            assert delivery.error is None

    read_on(slow(stage, seconds=3, meanwhile=withdraw))
    assert batches[-1] == 15
    stage.settle()
    assert stage.state(number) is State.WITHDRAWN
    assert [each["data"] for each in stage.events("proposal.withdrawn")]
    assert staged(stage) == 0
    (message,) = told(stage)
    assert message.text == f"*Reading #{number} was stopped*: you withdrew it. Nothing will be deleted."
    assert not buttons(message)
    assert any(f"You withdrew #{number}" in each for each in stage.answers("ana"))
    assert stage.slack.messages("vod-deletions") == []
    assert_nothing_was_deleted(stage)
    assert stage.verify().holds


def test_the_command_ends_it_too(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)
    batches = list[int]()

    def withdraw(batch: int) -> None:
        batches.append(batch)
        if batch == 2:
            stage.slack.say("ana", f"/vod withdraw {number}")

    read_on(slow(stage, seconds=1, meanwhile=withdraw))
    stage.settle()
    assert batches == [1, 2]
    assert stage.state(number) is State.WITHDRAWN
    assert (staged(stage), sets_without_plan(stage)) == (0, [])
    assert told(stage) == [], "it was over before anybody was told of it"


def test_somebody_else_cannot_withdraw_it(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)

    def click(batch: int) -> None:
        if batch == 15:
            (message,) = told(stage)
            (button,) = [each for block in message.blocks for each in block.get("elements", ()) if "value" in each]
            value = str(button["value"])
            assert ids.read_button(value) is not None
            stage.slack.click_message("bo", message.channel, message.ts, ids.WITHDRAW, value)
            stage.settle_messages()

    read_whole(stage, number, slow(stage, seconds=3, meanwhile=click))
    stage.settle()
    assert stage.state(number) is State.PENDING
    (answer,) = stage.slack.dm("bo")
    assert answer.text.startswith(f"Only the proposer of #{number} can withdraw it.")
    assert len(stage.events("withdrawal.refused")) == 1


def test_a_click_that_comes_when_the_card_is_there_already_withdraws_it(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)
    found = list[tuple[Message, str]]()

    def keep(batch: int) -> None:
        if batch == 15:
            (message,) = told(stage)
            (button,) = [each for block in message.blocks for each in block.get("elements", ()) if "value" in each]
            found.append((message, str(button["value"])))

    read_whole(stage, number, slow(stage, seconds=3, meanwhile=keep))
    stage.settle()
    assert stage.state(number) is State.PENDING
    ((message, value),) = found
    card = stage.card(number)
    stage.slack.click_message("ana", "vod-deletions", card.ts, ids.WITHDRAW, value)
    stage.settle()
    assert stage.state(number) is State.WITHDRAWN
    # The same words approve nothing and reject nothing.
    assert message.ts != card.ts


def test_what_names_only_what_was_asked_for_approves_nothing(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)
    with pytest.raises(Killed):
        read_on(slow(stage, seconds=3, meanwhile=_dies_at(15)))
    (message,) = told(stage)
    (button,) = [each for block in message.blocks for each in block.get("elements", ()) if "value" in each]
    stage.advance(A_MINUTE_AND_MORE)
    assert stage.state(number) is State.PENDING
    card = stage.card(number)
    stage.slack.click_message("bo", "vod-deletions", card.ts, ids.APPROVE, str(button["value"]))
    stage.settle()
    assert stage.state(number) is State.PENDING
    assert not stage.view(number).votes
    assert len(stage.events("vote.refused")) == 1


def _dies_at(last: int) -> Meanwhile:
    def die(batch: int) -> None:
        if batch == last:
            raise Killed

    return die


def test_what_fails_says_so_where_it_was_being_read_and_leaves_no_rows(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)

    def forbid(batch: int) -> None:
        if batch == 15:
            stage.vod.faults.set("forbidden_ram")

    read_on(slow(stage, seconds=3, meanwhile=forbid))
    stage.settle()
    assert stage.state(number) is State.FAILED
    (message, *_) = told(stage)
    assert f"Reading #{number} is over: it was not opened." in message.text.replace("*", "")
    assert (staged(stage), sets_without_plan(stage)) == (0, [])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_kill_after_it_was_withdrawn_leaves_no_rows_either(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine, **LIMITS)
    number = ask(stage)

    def withdraw_and_die(batch: int) -> None:
        if batch == 15:
            stage.slack.say("ana", f"/vod withdraw {number}")
            raise Killed

    with pytest.raises(Killed):
        read_on(slow(stage, seconds=3, meanwhile=withdraw_and_die))
    assert staged(stage) > WRITTEN_AT_ONCE
    stage.advance(A_MINUTE_AND_MORE)
    assert (staged(stage), sets_without_plan(stage)) == (0, [])
    (message,) = told(stage)
    assert "was stopped" in message.text


def test_a_list_that_waits_for_vod_leaves_no_rows_when_it_is_withdrawn(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)

    def fail(batch: int) -> None:
        if batch == 15:
            stage.vod.faults.set("unavailable")

    read_on(slow(stage, seconds=3, meanwhile=fail))
    assert stage.state(number) is State.COLLECTING
    # What VOD told before it failed is kept, a whole chunk or not.
    assert staged(stage) == 15 * BATCH
    stage.settle()
    (message,) = told(stage)
    assert "Reading from VOD is paused after 300 of 600; retrying automatically." in message.text
    stage.say("ana", f"/vod withdraw {number}")
    assert (staged(stage), sets_without_plan(stage)) == (0, [])


def test_the_status_says_how_far_it_is_as_well(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)
    replies = list[str]()

    def ask_status(batch: int) -> None:
        if batch == 20:
            delivery = stage.slack.say("bo", f"/vod status {number}")
            assert delivery.reply is not None
            replies.append(delivery.reply.text)

    read_whole(stage, number, slow(stage, seconds=3, meanwhile=ask_status))
    (reply,) = replies
    found = FAR.search(reply)
    assert found is not None, reply
    assert 300 <= int(found[1]) <= 400
    assert f"Proposal #{number} is being read from VOD." in reply


def test_it_is_told_in_the_language_of_its_reader(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    stage.slack.change_person("ana", locale="zh-CN")
    number = ask(stage)
    texts = list[str]()
    listen = slow(stage, seconds=3, meanwhile=lambda _: texts.extend(each.text for each in stage.slack.dm("ana")))
    read_whole(stage, number, listen)
    stage.settle()
    assert any("正在从 VOD 读取" in each for each in texts)
    assert any(f"#{number} 已读取完毕" in each.text for each in stage.slack.dm("ana"))


@pytest.mark.parametrize(
    ("where", "words"), [("category-id=77", "400 of 600 found; about"), ("category=Old", "400 found so far")]
)
def test_how_much_a_query_found_is_told_too(open_stage: Opener, where: str, words: str) -> None:
    stage = open_stage(**LIMITS)
    library = stage.vod.library
    # All of one second, for a search goes on from the time of the last one found.
    created = library.now()
    for n in range(MANY):
        library.add_video(title=f"take {n}", category="Old", category_id=77, has_cover=False, created=created)
    texts = list[str]()
    ctx = slow(stage, seconds=0)
    search = ctx.client.search

    def slowly(*args: object, **more: object) -> object:
        found = search(*args, **more)  # type: ignore[arg-type] # as they were given
        stage.clock.advance(6)
        stage.settle_messages()
        texts.extend(each.text for each in stage.slack.dm("ana"))
        return found

    ctx.client.search = slowly  # type: ignore[method-assign,assignment] # the slow one
    stage.slack.say("ana", f"/vod delete --where {where} --reason x")
    read_on(ctx)
    stage.settle()
    found = [each for each in texts if "Looking in VOD for what matches" in each]
    assert any(words in each for each in found), found
    assert "#1 was read" in told(stage)[0].text


def test_a_vote_on_what_was_withdrawn_is_read_no_further(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS)
    number = ask(stage)
    stage.settle()
    assert staged(stage) == MANY
    assert stage.slack.click("bo", "Approve", match=f"#{number}").error is None
    batches = list[int]()

    def withdraw(batch: int) -> None:
        batches.append(batch)
        if batch == 15:
            assert staged(stage) > MANY
            stage.slack.say("ana", f"/vod withdraw {number}")

    read_on(slow(stage, seconds=1, meanwhile=withdraw))
    assert batches[-1] == 15
    assert staged(stage) == MANY, "what the vote read is gone, and the plan is not"
    stage.settle()
    assert stage.verify().holds


def test_what_a_vote_read_again_is_dropped_once_it_counts(open_stage: Opener) -> None:
    stage = open_stage(**LIMITS, COUNTERSIGN_APPROVALS_NEEDED="2")
    number = ask(stage)
    stage.settle()
    stage.click("bo", "Approve", number)
    assert len(stage.view(number).approved_by) == 1
    assert staged(stage) == MANY
