"""`/vod status`: the card without its buttons and pictures."""

import pytest

from deletion.terms.states import State
from handlers.commands import status
from handlers.text import words
from handlers.text.language import ENGLISH
from sandbox.slack.blocks import message_problems
from tests.handlers.samples import WITHOUT_PLAN, Sample, view


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
