"""Messages and files that look like ours and are somebody else's: they count for nothing."""

import pytest

from handlers.cards import ids
from sandbox.slack import FaultKind, Message
from sandbox.slack.model.messages import Draft, File
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted
from tests.e2e.test_long_lists import rows, some_videos
from tests.stage import Opener, Stage

ENGINES = ("sqlite", "postgres")
MANY = 25


def attached(stage: Stage, number: int) -> list[Message]:
    """Return the messages with files under a card."""
    return [message for message in stage.thread(number) if message.files]


def drop_file(stage: Stage, who: str, number: int, content: bytes) -> None:
    """Share a file in the thread of a card, called as the bot calls the list."""
    name, card, user = f"proposal-{number}-plan-1.csv", stage.card(number), stage.slack.user(who).id
    workspace = stage.slack.workspace
    file = File(
        "F0FORGED", name, name, content=content, uploaded=True, completed=True, channels=(card.channel,), user=user
    )
    workspace.store_file(file)
    workspace.post(card.channel, Draft(user=user, text="the list", thread_ts=card.ts, files=(file,)))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_by_somebody_else_is_not_taken_for_the_list(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    stage.slack.faults.add(FaultKind.RESET_BEFORE, "files.completeUploadExternal", times=2)
    wanted = some_videos(stage, MANY)
    number = stage.propose("ana", f"video {' '.join(wanted)}")
    drop_file(stage, "ana", number, b"number,id\r\n1,harmless\r\n")
    stage.advance(10)
    stage.click("bo", "Approve", number)
    assert "nothing can be approved unseen" in stage.answers("bo")[-1]
    assert_nothing_was_deleted(stage)

    stage.advance(60)
    forged, ours = attached(stage, number)
    assert (forged.user, ours.user) == (stage.slack.user("ana").id, stage.slack.bot_user_id)
    (file,) = (stage.slack.workspace.file(each.id) for each in ours.files)
    assert [row[1] for row in rows(file.content)[1:]] == wanted

    stage.click("bo", "Approve", number)
    assert stage.outcomes(number) == dict.fromkeys(wanted, "deleted")
    assert_lawful(stage)


def test_a_list_that_came_out_with_other_content_is_posted_anew(stage: Stage) -> None:
    stage.slack.faults.add(FaultKind.RESET_AFTER, "files.completeUploadExternal")
    number = stage.propose("ana", f"video {' '.join(some_videos(stage, MANY))}")
    (file,) = stage.slack.files
    stage.slack.workspace.store_file(File(**{**file.__dict__, "content": file.content[:-1]}))
    stage.advance(60)

    assert len(attached(stage, number)) == 2
    assert [other.id == file.id for other in stage.slack.files] == [True, False]
    assert stage.slack.files[1].content == file.content


def test_without_the_scope_to_read_it_back_a_list_is_posted_anew(stage: Stage) -> None:
    stage.slack.scopes.discard("files:read")
    stage.slack.faults.add(FaultKind.RESET_AFTER, "files.completeUploadExternal")
    number = stage.propose("ana", f"video {' '.join(some_videos(stage, MANY))}")
    stage.advance(60)

    assert len(attached(stage, number)) == 2
    assert stage.database.read(lambda tx: tx.rows("SELECT id FROM outbox WHERE state <> 'sent'")) == []


@pytest.mark.parametrize("who", ["ana", "another app"])
def test_a_message_by_somebody_else_is_not_taken_for_the_card(stage: Stage, who: str) -> None:
    stage.slack.faults.add(FaultKind.RESET_BEFORE, "chat.postMessage", channel="vod-deletions")
    number = stage.propose("ana", f"video {some_videos(stage, 1)[0]}")
    (owed,) = stage.database.read(lambda tx: tx.rows("SELECT nonce FROM outbox WHERE kind = 'card'"))
    payload = {"outbox_id": owed["nonce"], "proposal_id": number}
    draft = Draft(
        user=stage.slack.user("ana").id if who == "ana" else "U0ANOTHERAPP",
        text="#1 was withdrawn",
        metadata={"event_type": ids.METADATA_EVENT, "event_payload": payload},
    )
    stage.slack.workspace.post(stage.slack.channel("vod-deletions").id, draft)
    stage.advance(60)

    assert stage.card(number).user == stage.slack.bot_user_id
    assert len(stage.slack.messages("vod-deletions")) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_the_list_follows_a_card_that_was_posted_anew(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    wanted = some_videos(stage, MANY)
    number = stage.propose("ana", f"video {' '.join(wanted)}")
    stage.slack.workspace.remove(stage.card(number))
    stage.slack.faults.add(FaultKind.DOWN, "files.getUploadURLExternal")
    stage.say("ana", "/vod freeze")
    stage.say("bo", "/vod unfreeze")
    stage.say("cy", "/vod unfreeze")
    stage.click("bo", "Approve", number)
    assert "nothing can be approved unseen" in stage.answers("bo")[-1]

    stage.slack.faults.clear()
    stage.advance(60)
    assert len(attached(stage, number)) == 1
    stage.click("bo", "Approve", number)
    assert stage.outcomes(number) == dict.fromkeys(wanted, "deleted")
