"""What cannot be sent is said where it is typed, and nothing is written down of a call that nobody could make."""

import pytest

from sandbox.vod import seed
from tests.e2e.evidence import assert_lawful, assert_nothing_was_deleted
from tests.stage import Opener

ENGINES = ("sqlite", "postgres")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_address_with_a_scheme_in_capitals_is_sent_as_vod_writes_it(stage_on: Opener, engine: str) -> None:
    stage = stage_on(engine)
    shown = f"HTTP://{stage.vod.image_domain}{seed.SPRING_POSTER.path}"
    number = stage.propose("ana", f"image {shown}")
    stage.click("bo", "Approve", number)
    stage.advance(61)

    assert len(stage.events("call.intent")) == len(stage.vod.ledger.calls()) == 1
    assert stage.vod.library.image(seed.SPRING_POSTER.image_id) is None
    assert set(stage.outcomes(number).values()) == {"deleted"}
    assert_lawful(stage)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", ["/image/a b.png", "/image/a\u2003b.png", f"/image/{'a' * 2100}.png"])
def test_an_address_that_cannot_be_sent_is_refused_at_once(stage_on: Opener, engine: str, path: str) -> None:
    stage = stage_on(engine)
    reply = stage.say("ana", f'/vod delete image "http://{stage.vod.image_domain}{path}" --reason x').reply

    assert reply is not None
    assert "Nothing was stored or deleted" in reply.text
    assert "URL" in reply.text
    assert stage.events("proposal.made") == []
    assert stage.events("call.intent") == []
    assert_nothing_was_deleted(stage)
