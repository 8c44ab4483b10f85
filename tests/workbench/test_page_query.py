"""A deletion proposed by a query, typed on the page, shown on its card and approved there."""

from playwright.sync_api import expect

from sandbox.workbench.cards import FINISHED
from tests.workbench.visitor import Visitor


def test_a_query_is_typed_shown_and_approved(visitor: Visitor) -> None:
    library = visitor.vod.library
    made = [library.add_video(title=f"Harvest festival {n}", tags=("harvest",)).video_id for n in range(3)]
    other = library.add_video(title="Harvest festival, kept", tags=("keep",)).video_id
    number = visitor.propose('--where tag=harvest title~"harvest festival"')
    card = visitor.card(number)
    expect(card).to_contain_text('tag=harvest title~"harvest festival"')
    for one in made:
        expect(card).to_contain_text(one)
    expect(card).not_to_contain_text(other)
    visitor.become("bo")
    visitor.approve(number)
    visitor.until(number, FINISHED, deleted=3)
    assert [library.video(one) for one in made] == [None] * 3
    assert library.video(other) is not None


def test_a_query_that_is_not_understood_is_answered_with_the_part_that_is_wrong(visitor: Visitor) -> None:
    before = len(visitor.slack.ephemerals("ana"))
    visitor.type("/vod delete --where tga=harvest created<soon --reason x")
    answer = visitor.tab.locator("main .message.ephemeral").last
    assert visitor.slack.wait_until(lambda: len(visitor.slack.ephemerals("ana")) > before)
    expect(answer).to_contain_text("Did you mean tag?")
    expect(answer).to_contain_text("“soon” is not a date")
