"""`/vod status`: the card without its buttons and pictures."""

import pytest

from deletion.terms.states import State
from handlers.commands.verbs import status
from handlers.text import words
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from sandbox.vod import seed
from tests.handlers.samples import WITHOUT_PLAN, Sample, view
from tests.stage import Stage


@pytest.mark.parametrize("state", State)
def test_a_status_is_the_card_without_its_buttons(state: State) -> None:
    message = status.shown(ENGLISH, view(Sample(state)))
    assert message_problems(list(message.blocks)) == []
    assert message.blocks
    assert not [block for block in message.blocks if block["type"] == "actions" or "accessory" in block]


def test_the_status_of_what_could_not_be_collected_says_why() -> None:
    message = status.shown(ENGLISH, view(Sample(State.FAILED)))
    assert "could not be read from VOD. Nothing of it can be deleted:" in message.text
    assert "(not found in VOD)" in message.text


@pytest.mark.parametrize("state", sorted(WITHOUT_PLAN - {State.FAILED}))
def test_the_status_of_what_was_not_read_yet_is_a_sentence(state: State) -> None:
    assert status.shown(ENGLISH, view(Sample(state))).text == f"Proposal #4 {words.STATES[state]}."


def test_card_audit_channel_and_status_lead_to_one_another(stage: Stage) -> None:
    number = stage.propose("ana", f"video {seed.SPRING_TEASER.video_id}")
    stage.click("bo", "Approve", number)
    row = stage.view(number).row
    assert row.audit_ts is not None
    at = f"<{stage.slack.url}/archives"
    to_card = f"{at}/C0VODDELETE/p{str(row.card_ts).replace('.', '')}|"
    to_audit = f"{at}/C0VODAUDIT1/p{row.audit_ts.replace('.', '')}|"
    audited = next(each for each in stage.slack.messages("vod-audit") if each.ts == row.audit_ts)
    asked = stage.slack.say("cy", f"/vod status {number}").reply
    assert asked is not None
    said = {name: "\n".join(texts(list(each.blocks))) for name, each in (("audit", audited), ("status", asked))}
    assert to_audit in "\n".join(texts(list(stage.card(number).blocks)))
    assert to_card in said["audit"]
    assert to_card in said["status"]
    assert to_audit in said["status"]
