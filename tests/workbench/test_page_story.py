import re

from playwright.sync_api import expect

from sandbox.vod import seed
from sandbox.workbench.cards import APPROVE, FINISHED, PENDING, REJECT, REJECTED, number_in
from tests.workbench.visitor import Visitor


def test_a_video_is_proposed_by_one_and_deleted_by_another(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.become("bo")
    visitor.approve(number)
    visitor.until(number, FINISHED, deleted=1)
    assert visitor.vod.library.video(video.video_id) is None
    visitor.tab.get_by_role("searchbox").fill(video.video_id)
    gone = visitor.tab.locator(".gone")
    expect(gone.locator("s")).to_have_count(1)
    gone.get_by_role("button", name=f"Proposal #{number}").click()
    expect(visitor.tab.locator(".message.target")).to_have_attribute("data-ts", visitor.message(number).ts)


def test_one_stream_of_a_video_is_deleted(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    stream = video.streams[0]
    number = visitor.propose(f"stream {video.video_id} {stream.job_id}")
    visitor.become("cy")
    visitor.approve(number)
    visitor.until(number, FINISHED, deleted=1)
    left = visitor.vod.library.video(video.video_id)
    assert left is not None
    assert stream not in left.streams


def test_a_source_file_is_deleted_and_the_video_stays(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"mezzanine {video.video_id}")
    visitor.become("bo")
    visitor.approve(number)
    visitor.until(number, FINISHED, deleted=1)
    visitor.tab.get_by_role("searchbox").fill(video.video_id)
    expect(visitor.tab.locator(".medium s")).to_have_text("source file")


def test_an_image_is_deleted(visitor: Visitor) -> None:
    image = seed.SPRING_POSTER
    number = visitor.propose(f"image {image.image_id}")
    visitor.become("bo")
    visitor.approve(number)
    visitor.until(number, FINISHED, deleted=1)
    assert visitor.vod.library.image(image.image_id) is None


def test_going_back_in_the_confirm_dialog_sends_nothing(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.become("bo")
    answers = len(visitor.slack.ephemerals("bo"))
    said = visitor.dialog(number, APPROVE)
    visitor.press(number, APPROVE)
    dialog = visitor.tab.get_by_role("dialog")
    expect(dialog).to_contain_text(said["text"]["text"])
    dialog.get_by_role("button", name=said["deny"]["text"], exact=True).click()
    expect(dialog).to_have_count(0)
    assert len(visitor.slack.ephemerals("bo")) == answers
    assert visitor.vod.library.video(video.video_id) is not None


def test_a_rejection_needs_a_reason_and_tells_it(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.become("bo")
    visitor.press(number, REJECT)
    modal = visitor.tab.get_by_role("dialog")
    modal.locator("button[type=submit]").click()
    expect(modal.locator(".field-error")).to_have_text("This is a required field")
    field = modal.get_by_role("textbox")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("we still need <!channel> *this* one")
    modal.locator("button[type=submit]").click()
    expect(modal).to_have_count(0)
    visitor.until(number, REJECTED)
    card = visitor.card(number)
    expect(card).to_contain_text("Rejected by Bo")
    expect(card).to_contain_text("we still need <!channel> *this* one")


def test_the_results_are_in_a_thread_beside_the_channel(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.become("bo")
    visitor.approve(number)
    visitor.until(number, FINISHED)
    visitor.card(number).get_by_role("button", name=re.compile(r"\d+ repl")).click()
    thread = visitor.tab.get_by_role("region", name="Messages of the thread")
    expect(thread.locator(".message")).not_to_have_count(1)
    line = visitor.tab.get_by_role("region", name="Thread").get_by_role("textbox", name="Message the thread")
    line.fill("thank you")
    line.press("Enter")
    expect(thread.locator(".message").last).to_contain_text("thank you")
    line.fill("/vod list")
    line.press("Enter")
    expect(visitor.tab.locator(".thread .trouble")).to_contain_text("no slash commands in threads")


def test_the_list_of_a_proposal_opens_as_a_table(visitor: Visitor) -> None:
    videos = visitor.untouched(21)
    number = visitor.propose("video " + " ".join(video.video_id for video in videos))
    visitor.card(number).get_by_role("button", name=re.compile(r"\d+ repl")).click()
    thread = visitor.tab.get_by_role("region", name="Messages of the thread")
    thread.get_by_role("button", name=re.compile(r"^Open .*\.csv")).click()
    table = visitor.tab.get_by_role("dialog").get_by_role("table")
    expect(table.locator("tbody tr")).to_have_count(21)
    expect(table).to_contain_text(videos[7].video_id)


def test_the_proposer_is_refused_in_private(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    before = len(visitor.slack.ephemerals("ana"))
    visitor.approve(number)
    assert visitor.slack.wait_until(lambda: len(visitor.slack.ephemerals("ana")) > before)
    refusal = visitor.tab.locator(f'main .message.ephemeral[data-ts="{visitor.slack.ephemerals("ana")[-1].ts}"]')
    expect(refusal).to_contain_text("Only visible to you")
    visitor.become("cy")
    expect(visitor.card(number)).to_be_visible()
    expect(refusal).to_have_count(0)
    visitor.until(number, PENDING)


def test_an_approval_needs_no_mouse(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    tab, before = visitor.tab, len(visitor.slack.ephemerals("ana"))
    visitor.composer.focus()
    tab.keyboard.type("/vod d")
    expect(tab.get_by_role("option").first).to_contain_text("/vod delete video")
    tab.keyboard.press("Enter")
    tab.keyboard.type(f'{video.video_id} --reason "by keyboard"')
    tab.keyboard.press("Enter")
    assert visitor.slack.wait_until(lambda: len(visitor.slack.ephemerals("ana")) > before)
    number = number_in(visitor.slack.ephemerals("ana")[-1].text)
    assert number is not None
    visitor.until(number, PENDING)
    label, said = visitor.label(number, APPROVE), visitor.dialog(number, APPROVE)
    tab.locator('input[value="ana"]').focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator('input[value="bo"]')).to_be_checked()
    button = visitor.card(number).get_by_role("button", name=label, exact=True)
    expect(button).to_be_visible()
    for _ in range(400):
        tab.keyboard.press("Tab")
        if button.evaluate("it => it === document.activeElement"):
            break
    tab.keyboard.press("Enter")
    confirm = tab.get_by_role("dialog").get_by_role("button", name=said["confirm"]["text"], exact=True)
    for _ in range(5):
        if confirm.evaluate("it => it === document.activeElement"):
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    visitor.until(number, FINISHED, deleted=1)
