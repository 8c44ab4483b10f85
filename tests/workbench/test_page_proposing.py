"""The form on the page: opened by a shortcut, filled in with a search, looked at, mended and proposed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from sandbox.slack import FaultKind
from sandbox.vod import seed
from sandbox.workbench.cards import PENDING
from tests.workbench.visitor import Visitor


def button(form: Locator, name: str) -> Locator:
    return form.get_by_role("button", name=name, exact=True)


def test_a_video_is_found_by_typing_looked_at_and_proposed_from_the_shortcut(visitor: Visitor) -> None:
    tab, (video, other) = visitor.tab, visitor.untouched(2)
    told = len(visitor.slack.dm("ana"))
    tab.locator("main").get_by_role("button", name="Shortcuts").click()
    tab.get_by_role("menuitem", name="Propose a deletion…").click()
    form = tab.get_by_role("dialog", name="Propose a deletion")
    button(form, "Check").click()
    expect(form.get_by_role("alert").first).to_have_text("This is a required field")
    form.get_by_label("What to delete").select_option("stream")
    expect(form.get_by_role("group", name="Streams")).to_be_visible()
    form.get_by_label("Reason").fill("rights expired")
    form.get_by_label("What to delete").select_option("video")
    search = form.get_by_role("combobox", name="Videos by title")
    expect(search).to_be_visible()
    expect(form.get_by_label("Reason")).to_have_value("rights expired")
    search.fill(video.title)
    form.get_by_role("option").filter(has_text=video.video_id).click()
    expect(form.get_by_role("list", name="Chosen")).to_contain_text(video.title)
    form.get_by_label("Or IDs and addresses").fill(other.video_id[:-1])
    visitor.slack.faults.add(FaultKind.LATE, "submit")
    button(form, "Check").click()
    expect(form.get_by_role("alert")).to_contain_text("We had some trouble connecting")
    button(form, "Check").click()
    expect(form.get_by_role("alert")).to_contain_text("it has 31 characters")
    form.get_by_label("Or IDs and addresses").fill(other.video_id)
    button(form, "Check").click()
    shown = tab.get_by_role("dialog", name="Check, then propose")
    expect(shown).to_contain_text("This would delete 2 videos")
    expect(shown).to_contain_text(other.video_id)
    button(shown, "Back").click()
    expect(form.get_by_label("Or IDs and addresses")).to_have_value(other.video_id)
    form.get_by_label("Or IDs and addresses").fill("")
    button(form, "Check").click()
    expect(shown).to_contain_text("This would delete 1 video")
    button(shown, "Propose").click()
    expect(tab.get_by_role("dialog")).to_have_count(0)
    assert visitor.slack.wait_until(lambda: len(visitor.slack.dm("ana")) > told)
    number = int(visitor.slack.dm("ana")[told].text.partition("#")[2].split()[0])
    visitor.until(number, PENDING)
    expect(visitor.card(number)).to_contain_text(video.video_id)


@pytest.fixture
def in_chinese(visitor: Visitor) -> Iterator[Visitor]:
    """Be Cy, who reads Chinese: the bot learns that when it asks Slack who wants to propose."""
    slack, tab = visitor.slack, visitor.tab
    slack.change_person("cy", locale="zh-CN")
    visitor.become("cy")
    visitor.type("/vod delete")
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    yield visitor
    slack.change_person("cy", locale="en-US")
    slack.say("cy", "/vod delete")
    slack.close_modal("cy")


def test_in_chinese_two_characters_are_enough(in_chinese: Visitor) -> None:
    visitor, tab = in_chinese, in_chinese.tab
    told = len(visitor.slack.ephemerals("cy"))
    visitor.type("/vod delete")
    form = tab.get_by_role("dialog", name="提出删除申请")
    button(form, "检查").click()
    expect(form.locator(".field-error").first).to_be_visible()
    form.get_by_label("删除什么").select_option("video")
    form.get_by_role("combobox", name="按标题查找视频").fill("预告")
    form.get_by_role("option").filter(has_text=seed.CHINESE_TEASER.title).click()
    form.get_by_label("原因").fill("版权到期")
    button(form, "检查").click()
    shown = tab.get_by_role("dialog", name="检查后提出")
    expect(shown).to_contain_text("将删除 1 个视频")
    expect(shown).to_contain_text(seed.CHINESE_TEASER.title)
    expect(shown.get_by_label("原因")).to_have_value("版权到期")
    button(shown, "提出申请").click()
    expect(tab.get_by_role("dialog")).to_have_count(0)
    assert visitor.slack.wait_until(
        lambda: "#" in "".join(m.text for m in visitor.slack.ephemerals("cy")[told + 1 :])
    )
