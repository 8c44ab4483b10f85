"""A question, its answer and a comment on the page: an approver asks, the proposer answers, then it is approved.

The forms are in the language of whoever fills them in, what is said to all in that of the channel.
"""

from playwright.sync_api import Locator, expect

from handlers.text.language import Language
from sandbox.workbench.cards import ASK, COMMENT, FINISHED
from tests.workbench.test_page_care import found_by_axe
from tests.workbench.visitor import Visitor


def form_of(visitor: Visitor) -> Locator:
    return visitor.tab.get_by_role("dialog")


def fill(visitor: Visitor, title: str, asks: str, text: str) -> None:
    """Fill in the form that has this title and asks this."""
    form = form_of(visitor)
    expect(form.get_by_role("heading", name=title)).to_be_visible()
    assert found_by_axe(visitor.tab) == []
    form.get_by_label(asks).fill(text)
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)


def test_a_question_is_asked_answered_and_the_proposal_approved_with_a_comment(
    visitor: Visitor, lang: Language
) -> None:
    (video,) = visitor.untouched()
    number = visitor.propose(f"video {video.video_id}")
    visitor.become("bo")
    expect(visitor.card(number)).to_contain_text("Still plays afterwards")
    visitor.press(number, ASK)
    asks = lang.say("What do you want to know before you decide?")
    fill(visitor, lang.say("Ask about #{number}", number=number), asks, "Is it still in the *campaign*?")
    expect(visitor.card(number)).to_contain_text("1 question is open")

    visitor.become("ana")
    visitor.card(number).get_by_role("button", name="repl").click()
    thread = visitor.tab.get_by_role("region", name="Thread", exact=True)
    expect(thread).to_contain_text("Is it still in the *campaign*?")
    thread.get_by_role("button", name="Answer… (proposer)").click()
    expect(form_of(visitor)).to_contain_text("Is it still in the *campaign*?")
    title = lang.say("Answer about #{number}", number=number)
    fill(visitor, title, lang.say("Your answer"), "No, that ended in May.")
    expect(thread).to_contain_text("No, that ended in May.")
    expect(visitor.card(number)).not_to_contain_text("question is open")

    visitor.become("bo")
    visitor.press(number, COMMENT)
    expect(form_of(visitor)).to_contain_text(video.title)
    title = lang.say("Approve #{number}", number=number)
    fill(visitor, title, lang.say("Comment"), "Agreed with the rights team.")
    visitor.until(number, FINISHED, deleted=1)
    expect(visitor.tab.get_by_text("Agreed with the rights team.").first).to_be_visible()
