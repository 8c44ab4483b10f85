import re

from playwright.sync_api import expect

from sandbox.vod import seed
from tests.workbench.visitor import Visitor


def test_a_video_is_proposed_by_one_and_deleted_by_another(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.become("bo")
    visitor.approve(number)
    expect(visitor.card(number)).to_contain_text("Finished. 1 video: 1 deleted")
    assert visitor.vod.library.video(video.video_id) is None
    visitor.tab.get_by_role("searchbox").fill(video.video_id)
    gone = visitor.tab.locator(".gone")
    expect(gone.locator("s")).to_have_count(1)
    gone.get_by_role("button", name=f"Proposal #{number}").click()
    expect(visitor.tab.locator(".message.target")).to_contain_text(f"· #{number}")


def test_one_stream_of_a_video_is_deleted(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    stream = video.streams[0]
    number = visitor.propose(f"stream {video.video_id} {stream.job_id}")
    visitor.become("cy")
    visitor.approve(number)
    expect(visitor.card(number)).to_contain_text("1 stream: 1 deleted")
    left = visitor.vod.library.video(video.video_id)
    assert left is not None
    assert stream not in left.streams


def test_a_source_file_is_deleted_and_the_video_stays(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"mezzanine {video.video_id}")
    visitor.become("bo")
    visitor.approve(number)
    expect(visitor.card(number)).to_contain_text("1 source file: 1 deleted")
    visitor.tab.get_by_role("searchbox").fill(video.video_id)
    expect(visitor.tab.locator(".medium s")).to_have_text("source file")


def test_an_image_is_deleted(visitor: Visitor) -> None:
    image = seed.SPRING_POSTER
    number = visitor.propose(f"image {image.image_id}")
    visitor.become("bo")
    visitor.approve(number)
    expect(visitor.card(number)).to_contain_text("1 image: 1 deleted")
    assert visitor.vod.library.image(image.image_id) is None


def test_going_back_in_the_confirm_dialog_sends_nothing(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.become("bo")
    answers = len(visitor.slack.ephemerals("bo"))
    visitor.press(number, "Approve")
    dialog = visitor.tab.get_by_role("dialog")
    expect(dialog).to_contain_text("gone for good")
    dialog.get_by_role("button", name="Go back").click()
    expect(dialog).to_have_count(0)
    assert len(visitor.slack.ephemerals("bo")) == answers
    assert visitor.vod.library.video(video.video_id) is not None


def test_a_rejection_needs_a_reason_and_tells_it(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.become("bo")
    visitor.press(number, "Reject")
    modal = visitor.tab.get_by_role("dialog")
    modal.get_by_role("button", name=re.compile("^Reject")).click()
    expect(modal.locator(".field-error")).to_have_text("This is a required field")
    field = modal.get_by_role("textbox")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("we still need <!channel> *this* one")
    modal.get_by_role("button", name=re.compile("^Reject")).click()
    expect(modal).to_have_count(0)
    card = visitor.card(number)
    expect(card).to_contain_text("Rejected by @Bo Lindqvist")
    expect(card).to_contain_text("we still need <!channel> *this* one")


def test_the_results_are_in_a_thread_beside_the_channel(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.become("bo")
    visitor.approve(number)
    expect(visitor.card(number)).to_contain_text("Finished.")
    visitor.card(number).get_by_role("button", name=re.compile(r"\d+ repl")).click()
    thread = visitor.tab.get_by_role("region", name="Messages of the thread")
    expect(thread).to_contain_text(f"#{number} is finished.")
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
    visitor.tab.get_by_role("button", name=re.compile(r"^Open .*\.csv")).click()
    table = visitor.tab.get_by_role("dialog").get_by_role("table")
    expect(table.locator("tbody tr")).to_have_count(21)
    expect(table).to_contain_text(videos[7].video_id)


def test_the_proposer_is_refused_in_private(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.approve(number)
    refusal = visitor.tab.locator(".message.ephemeral").last
    expect(refusal).to_contain_text("Only visible to you")
    expect(refusal).to_contain_text("Ask another approver to decide")
    visitor.become("cy")
    expect(visitor.card(number)).to_be_visible()
    expect(visitor.tab.locator("main")).not_to_contain_text("Ask another approver to decide")


def test_an_approval_needs_no_mouse(visitor: Visitor) -> None:
    (video,) = visitor.untouched()
    tab = visitor.tab
    visitor.composer.focus()
    tab.keyboard.type("/vod d")
    expect(tab.get_by_role("option").first).to_contain_text("/vod delete video")
    tab.keyboard.press("Enter")
    tab.keyboard.type(f'{video.video_id} --reason "by keyboard"')
    tab.keyboard.press("Enter")
    expect(tab.locator(".message.ephemeral").last).to_contain_text("is stored")
    tab.locator('input[value="ana"]').focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator('input[value="bo"]')).to_be_checked()
    button = tab.locator("main .message").last.get_by_role("button", name=re.compile("^Approve"))
    expect(button).to_be_visible()
    for _ in range(400):
        tab.keyboard.press("Tab")
        if button.evaluate("it => it === document.activeElement"):
            break
    tab.keyboard.press("Enter")
    confirm = tab.get_by_role("dialog").get_by_role("button", name="Approve the deletion")
    for _ in range(5):
        if confirm.evaluate("it => it === document.activeElement"):
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.locator("main .message").filter(has_text="by keyboard").last).to_contain_text("1 deleted")
