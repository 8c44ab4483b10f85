"""The page shows each person what Slack would have notified them of, so that noise is seen."""

from datetime import datetime, timedelta

from playwright.sync_api import expect

from handlers.text.language import ENGLISH, Language
from sandbox.workbench.cards import FINISHED
from tests.catalogues import CHINESE
from tests.workbench.test_page_care import found_by_axe
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


def until_working_day(now: datetime) -> float:
    """Seconds until ten o'clock of a Monday; nothing that waits now waits then."""
    monday = (now + timedelta(days=14 - now.weekday())).replace(hour=10, minute=0, second=0, microsecond=0)
    return (monday - now).total_seconds()


def test_approvers_are_reminded_the_next_morning_each_in_their_language(visitor: Visitor) -> None:
    slack, tab, (video,) = visitor.slack, visitor.tab, visitor.untouched()
    slack.clock.advance(until_working_day(slack.clock.now()))
    visitor.speak("zh-CN", "cy")
    number = visitor.propose(f"video {video.video_id}")
    before = {name: len(slack.dm(name)) for name in ("bo", "cy")}
    slack.clock.advance(timedelta(hours=23, minutes=10).total_seconds())
    slack.workspace.notify()
    assert slack.wait_until(lambda: all(len(slack.dm(name)) > before[name] for name in before), 20)
    for name, lang in (("bo", ENGLISH), ("cy", CHINESE)):
        visitor.become(name)
        visitor.open("Notifications")
        newest = tab.locator(".notification").first
        expect(newest).to_contain_text("direct message in Countersign")
        assert found_by_axe(tab) == []
        newest.click()
        said = tab.locator(".message.target")
        expect(said).to_contain_text(reminder(lang, 1))
        expect(said).to_contain_text(f"#{number}")
    visitor.speak("en-US", "cy")


def reminder(lang: Language, number: int) -> str:
    """How the message begins."""
    said = lang.say_n(
        "*{n} deletion waits for your decision*: approve or reject it on its card.",
        "*{n} deletions wait for your decision*: approve or reject them on their cards.",
        number,
    )
    return said.replace("*", "")
