"""Results on the page: what became of every item as a file in the thread, and the rest proposed again."""

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import expect

from sandbox.vod import seed
from sandbox.workbench.cards import AGAIN, FINISHED, PENDING, WITHDRAWN
from tests.workbench.visitor import Visitor


def test_the_outcomes_of_many_are_a_file_in_the_thread_and_the_rest_is_proposed_again(visitor: Visitor) -> None:
    tab = visitor.tab
    ids = [visitor.vod.library.add_video(title=f"scene {n}", has_cover=False).video_id for n in range(16)]
    number = visitor.propose(f"video {' '.join(ids)} {seed.FORBIDDEN.video_id}")
    visitor.become("bo")
    visitor.approve(number)
    visitor.until(number, FINISHED, deleted=16, refused=1)
    expect(visitor.card(number)).to_contain_text("NOT ALL DELETED · 1 of 17 refused by VOD")
    expect(visitor.card(number)).to_contain_text("CSV file into the thread")

    visitor.card(number).get_by_role("button", name="replies").click()
    thread = tab.get_by_role("region", name="Messages of the thread")
    listed = thread.locator(".message", has_text=f"proposal-{number}-outcomes.csv")
    with tab.expect_download() as loading:
        listed.get_by_role("link", name="Download").click()
    text = Path(loading.value.path()).read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows] == [*ids, seed.FORBIDDEN.video_id]
    assert [row["outcome"] for row in rows] == ["deleted (absence verified)"] * 16 + ["refused by VOD"]
    tab.get_by_role("button", name="Close thread").click()

    dialog = visitor.dialog(number, AGAIN)
    visitor.press(number, AGAIN)
    asked = tab.get_by_role("dialog")
    expect(asked).to_contain_text("It is a new proposal")
    asked.get_by_role("button", name=dialog["deny"]["text"], exact=True).click()
    expect(asked).to_have_count(0)
    visitor.press(number, AGAIN)
    asked.get_by_role("button", name=dialog["confirm"]["text"], exact=True).click()
    again = number + 1
    assert visitor.slack.wait_until(lambda: visitor.label(number, AGAIN) == "", 20)
    visitor.until(again, PENDING)
    expect(visitor.card(again)).to_contain_text(f"Again: the rest of #{number}")
    expect(visitor.card(again)).to_contain_text(seed.FORBIDDEN.video_id)
    expect(visitor.card(number)).to_contain_text(f"The rest was proposed again as #{again}")
    expect(visitor.card(number).get_by_role("button", name=re.compile("rest again"))).to_have_count(0)
    told = tab.locator("main .message.ephemeral", has_text=f"Proposal #{again} is stored: 1 video, the rest of")
    expect(told).to_be_visible()
    visitor.type(f"/vod withdraw {again}")
    visitor.until(again, WITHDRAWN)
    expect(visitor.card(number).get_by_role("button", name=re.compile("rest again"))).to_be_visible()
