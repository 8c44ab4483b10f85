"""Files on the page: in a form of the app, in messages, and in a message's menu with the app's shortcuts."""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, expect

from sandbox.workbench.cards import PENDING
from sandbox.workbench.shortcuts import message_shortcuts
from tests.workbench.visitor import Visitor

DROP = """(zone, [name, text]) => {
    const given = new DataTransfer();
    given.items.add(new File([text], name));
    for (const type of ["dragover", "drop"])
        zone.dispatchEvent(new DragEvent(type, {dataTransfer: given, bubbles: true, cancelable: true}));
}"""


FILE_BLOCK = "countersign_propose_file"


def csv_of(ids: Sequence[str], name: str = "rights expired.csv") -> FilePayload:
    content = "\r\n".join(["video_id,title", *(f"{one},x" for one in ids)])
    return {"name": name, "mimeType": "text/csv", "buffer": content.encode()}


def opened_form(visitor: Visitor) -> Locator:
    visitor.type("/vod delete --file")
    form = visitor.tab.get_by_role("dialog", name="Propose a deletion")
    expect(form).to_be_visible()
    return form


def submit(form: Locator, reason: str = "rights expired") -> None:
    form.get_by_label("What to delete").select_option("video")
    form.get_by_label("Reason").fill(reason)
    form.locator("button[type=submit]").click()


def propose(visitor: Visitor) -> None:
    """Look at what would go, and propose it."""
    shown = visitor.tab.get_by_role("dialog", name="Check, then propose")
    expect(shown).to_contain_text("This would delete")
    shown.locator("button[type=submit]").click()
    expect(visitor.tab.get_by_role("dialog")).to_have_count(0)


def test_a_list_chosen_in_the_form_is_proposed(visitor: Visitor) -> None:
    ids = [video.video_id for video in visitor.untouched(3)]
    before = len(visitor.slack.ephemerals("ana"))
    form = opened_form(visitor)
    form.locator("input[type=file]").set_input_files(csv_of(ids))
    expect(form.locator(".chosen-file")).to_contain_text("rights expired.csv")
    expect(form.locator(".chosen-file")).to_contain_text("122 B")
    expect(form.locator("input[type=file]")).to_have_count(0)
    submit(form)
    propose(visitor)
    number = visitor.told(before)
    for one in ids:
        expect(visitor.card(number)).to_contain_text(one)


def test_what_is_wrong_with_a_file_is_said_at_its_field(visitor: Visitor) -> None:
    form = opened_form(visitor)
    expect(form.get_by_label("What to delete")).to_be_focused()
    form.locator("button[type=submit]").click()
    expect(form.get_by_role("alert").first).to_have_text("This is a required field")
    expect(form.get_by_label("What to delete")).to_be_focused()
    expect(form.get_by_label("What to delete")).to_have_attribute("aria-invalid", "true")
    field = form.locator(f'[data-block="{FILE_BLOCK}"]')
    field.locator(".file-input").evaluate(DROP, ["plan.pdf", "%PDF"])
    expect(field.get_by_role("alert")).to_contain_text("plan.pdf cannot be used here")
    expect(field.get_by_role("alert")).to_contain_text("CSV, TSV, TXT or XLSX")
    field.locator(".file-input").evaluate(DROP, ["list.csv", "id\n"])
    expect(field.get_by_role("alert")).to_have_count(0)
    remove = field.get_by_role("button", name="Remove list.csv")
    expect(remove).to_be_focused()
    field.locator(".file-input").evaluate(DROP, ["other.csv", "id\n"])
    expect(field.get_by_role("alert")).to_have_text("Only one file can be given here.")
    expect(field.locator(".chosen-file")).to_have_count(1)
    remove.click()
    expect(field.locator("input[type=file]")).to_be_focused()
    assert not [file for file in visitor.slack.files if file.name == "plan.pdf"]
    visitor.tab.keyboard.press("Escape")
    expect(form).to_have_count(0)


def test_a_file_in_a_message_is_proposed_from_its_menu_by_keyboard(visitor: Visitor) -> None:
    tab = visitor.tab
    ids = [video.video_id for video in visitor.untouched(2)]
    with tab.expect_file_chooser() as choosing:
        tab.locator("main").get_by_role("button", name="Attach files").click()
    choosing.value.set_files(csv_of(ids, "from Cy.csv"))
    expect(tab.locator("main .chosen-file")).to_contain_text("from Cy.csv")
    visitor.type("/vod list")
    expect(tab.locator("main").get_by_role("alert")).to_contain_text("A command takes no files")
    visitor.type("these, please")
    message = tab.locator("main .message").last
    expect(message).to_contain_text("these, please")
    expect(message.locator(".file")).to_contain_text("from Cy.csv86 B")
    with tab.expect_download() as loading:
        message.get_by_role("link", name="Download").click()
    assert Path(loading.value.path()).read_bytes() == csv_of(ids)["buffer"]

    before = len(visitor.slack.ephemerals("ana"))
    menu = message.get_by_role("button", name="More actions")
    menu.focus()
    tab.keyboard.press("Enter")
    item = tab.get_by_role("menu").get_by_role("menuitem", name=message_shortcuts()[0]["name"])
    expect(item).to_be_focused()
    tab.keyboard.press("Escape")
    expect(item).to_have_count(0)
    expect(menu).to_be_focused()
    tab.keyboard.press("Enter")
    expect(item).to_be_focused()
    tab.keyboard.press("Enter")
    form = tab.get_by_role("dialog", name="Propose a deletion")
    expect(form.get_by_label("File")).to_contain_text("from Cy.csv")
    submit(form)
    propose(visitor)
    visitor.until(visitor.told(before), PENDING)


def test_a_private_answer_has_no_menu_and_strangers_have_none(visitor: Visitor) -> None:
    visitor.slack.say("ana", "hello")
    visitor.type("/vod list")
    answer = visitor.tab.locator("main .message.ephemeral").last
    expect(answer).to_be_visible()
    expect(answer.get_by_role("button", name="More actions")).to_have_count(0)
    expect(visitor.tab.get_by_role("button", name="More actions").first).to_be_attached()
    visitor.become("eve")
    expect(visitor.tab.locator("main .message").first).to_be_visible()
    expect(visitor.tab.get_by_role("button", name="More actions")).to_have_count(0)
