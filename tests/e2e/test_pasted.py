"""What people paste, over real wires: nothing takes long, nothing is guessed, nothing secret is shown."""

import time

from deletion.terms.states import State
from handlers.cards import ids
from handlers.views import reject
from sandbox.vod import seed
from tests.e2e.test_refusals import press
from tests.harness import plans
from tests.stage import Opener, Stage

TEASER, TOUR = seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id
SIGNATURE = "auth_key=1767225600-0-0-9f86d081884c7d65"


def test_a_guest_does_not_hold_the_program_with_what_they_type(stage: Stage) -> None:
    began = time.process_time()
    reply = stage.slack.say("gus", "/vod " + "<http://" * 5_000, forged=True).reply
    assert reply is not None
    assert time.process_time() - began < 2


def test_a_pasted_list_is_proposed_and_what_was_done_to_it_is_said(stage: Stage) -> None:
    told = stage.say(
        "ana", f'/vod delete video ["{TEASER}";`{TOUR}`, {TEASER}] \u2014reason=\u201erights expired\u201d'
    )
    assert told.reply is not None
    assert "Separators, quotes and marks around names were left out." in told.reply.text
    assert f"Named several times, taken once: `{TEASER}`." in told.reply.text
    assert plans.ids_of(stage.view(1).plan) == [TEASER, TOUR]  # type: ignore[arg-type] # it was read
    assert stage.view(1).row.reason == "rights expired"


def test_an_images_signature_is_shown_to_nobody(open_stage: Opener) -> None:
    stage = open_stage()
    address = f"https://{stage.vod.image_domain}/image/default/gone.png"
    told = stage.say(
        "ana", f"/vod delete image {address}?{SIGNATURE} {address}?x-oss-process=image/resize,w_200 --reason x"
    )
    assert told.reply is not None
    assert "1 image" in told.reply.text
    channels = [message for name in ("vod-deletions", "vod-audit") for message in stage.slack.messages(name)]
    said = [*channels, *stage.slack.dm("ana"), *stage.slack.ephemerals("ana"), told.reply]
    seen = [f"{message.text} {message.blocks}" for message in said]
    assert not [text for text in seen if SIGNATURE in text or "resize" in text]
    record = stage.database.read(lambda tx: tx.rows("SELECT payload FROM audit"))
    assert not [row for row in record if SIGNATURE in row["payload"]]


def test_a_reason_that_shows_nothing_neither_proposes_nor_rejects(stage: Stage) -> None:
    told = stage.say("ana", f'/vod delete video {TEASER} --reason "\u200b\u2800"')
    assert told.reply is not None
    assert "The reason is missing" in told.reply.text
    number = stage.propose("ana", f"video {TEASER}")
    press(stage, "bo", number, ids.REJECT)
    delivery = stage.slack.submit("bo", {reject.BLOCK_ID: "\u200b\u2800\u00a0"})
    assert "The reason is blank" in delivery.field_errors[reject.BLOCK_ID]
    assert stage.state(number) is State.PENDING
