"""The page shows each person what Slack would have notified them of, so that noise is seen."""

from playwright.sync_api import expect

from sandbox.workbench.cards import FINISHED
from tests.workbench.visitor import Visitor


def test_people_see_what_they_were_notified_of_and_follow_it(visitor: Visitor) -> None:
    tab, (video,) = visitor.tab, visitor.untouched()
    before = {name: len(visitor.slack.notified(name)) for name in ("bo", "dee")}
    number = visitor.propose(f"video {video.video_id}")
    assert visitor.slack.wait_until(lambda: len(visitor.slack.notified("bo")) > before["bo"])
    visitor.become("bo")
    visitor.open("Notifications")

    newest = tab.locator(".notification").first
    expect(newest).to_contain_text("mention in #vod-deletions")
    expect(newest).to_contain_text("Ana proposes to delete 1 video")
    expect(tab.locator('.person:has(input[value="bo"]) .notified')).to_contain_text(str(before["bo"] + 1))
    newest.click()
    expect(tab.locator(".message.target")).to_contain_text(f"#{number}")

    visitor.approve(number)
    visitor.until(number, FINISHED, deleted=1)
    assert len(visitor.slack.notified("dee")) == before["dee"], "who audits is not pinged"
