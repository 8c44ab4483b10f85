from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.slack.control.mrkdwn import plain, unescape, visible
from sandbox.slack.control.transcript import render, render_view
from sandbox.slack.model.messages import Draft, Message
from sandbox.slack.model.modals import Modals
from sandbox.slack.model.workspace import Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(Clock())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ask <@U0BO93LXT6W> or <@U0BO93LXT6W|bo>", "ask @Bo or @Bo"),
        ("<@U0NOBODY001>", "@U0NOBODY001"),
        ("in <#C0VODAUDIT1> and <#C9|x>", "in #vod-audit and #C9"),
        ("<!subteam^S0APPROVERS> <!subteam^S9>", "@media-approvers @S9"),
        ("<!channel> <!here>", "[@channel, notifying everybody] [@here, notifying everybody]"),
        ("&lt;!channel&gt; &amp;lt;", "<!channel> &lt;"),
        ("<https://a.example|words> <https://a.example>", "words (https://a.example) https://a.example"),
        ("<!date^1735689600^{date_num} {time}|then>", "2025-01-01 00:00 UTC"),
        (
            "<!date^1735689600^{date} {date_short} {date_long}|x>",
            "January 1st, 2025 Jan 1, 2025 Wednesday, January 1st, 2025",
        ),
        ("<!date^1735689600^on {date_pretty}^https://a.example|x>", "on January 1st, 2025 (https://a.example)"),
        ("<!date^soon^{date}|then>", "then"),
        ("<!date^1735689600^{century}|then>", "then"),
        ("a < b > c", "a < b > c"),
    ],
)
def test_mrkdwn_reads_as_a_person_reads_it(workspace: Workspace, written: str, read: str) -> None:
    assert plain(written, workspace) == read


def test_a_near_date_has_a_name(workspace: Workspace) -> None:
    now = int(workspace.clock.now().timestamp())
    assert plain(f"<!date^{now}^{{date_pretty}}|x>", workspace) == "today"


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("two\nlines\ttabbed\r", "two\nlines\\x09tabbed\\x0d"),
        ("课程 é 😀", "课程 é 😀"),
        ("\U000e0041", "\\U000e0041"),
        ("\u2028", "\\u2028"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(text: str) -> dict[str, Any]:
    return {"type": "button", "text": words(text)}


def posted(workspace: Workspace, *blocks: dict[str, Any], **fields: Any) -> Message:
    draft = Draft(user="U0COUNTER01", text=fields.pop("text", "top-level"), blocks=blocks, **fields)
    return workspace.post("C0VODDELETE", draft)


def body(message: Message, workspace: Workspace) -> list[str]:
    return render(message, workspace).splitlines()[1:]


CARD: list[tuple[dict[str, Any], list[str]]] = [
    ({"type": "header", "text": words("Delete?")}, ["  Delete?", "  ======="]),
    ({"type": "section", "text": mrkdwn("by <@U0BO93LXT6W>")}, ["  by @Bo"]),
    ({"type": "section", "text": words("by <@U0BO93LXT6W>")}, ["  by <@U0BO93LXT6W>"]),
    (
        {"type": "section", "fields": [mrkdwn("Size\n3 GB")], "accessory": button("Why?")},
        ["    Size: 3 GB", "  [ Why? ]"],
    ),
    (
        {"type": "context", "elements": [mrkdwn("one"), {"type": "image", "alt_text": "a cat"}]},
        ["  · one · [image: a cat]"],
    ),
    (
        {"type": "actions", "elements": [button("Approve: delete 3 videos"), button("Reject")]},
        ["  [ Approve: delete 3 videos ]  [ Reject ]"],
    ),
    (
        {
            "type": "actions",
            "elements": [{"type": "overflow", "options": [{"text": words("Hold")}, {"text": words("Withdraw")}]}],
        },
        ["  [ overflow: Hold | Withdraw ]"],
    ),
    ({"type": "divider"}, ["  " + "-" * 40]),
    ({"type": "image", "alt_text": "a cat"}, ["  [image: a cat]"]),
    (
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "raw <!here> "},
                        {"type": "user", "user_id": "U0BO93LXT6W"},
                        {"type": "link", "url": "https://a.example", "text": "x"},
                        {"type": "link", "url": "https://b.example"},
                        {"type": "broadcast", "range": "here"},
                        {"type": "date", "timestamp": 1735689600, "format": "{date_num}"},
                        {"type": "emoji", "name": "eyes"},
                    ],
                },
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "first"}]}],
                },
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
            ],
        },
        [
            "  raw <!here> @Box (https://a.example)https://b.example[@here, notifying everybody]2025-01-01:eyes:",
            "  1. first",
            "  > quoted",
        ],
    ),
]


@pytest.mark.parametrize(("block", "drawn"), CARD)
def test_a_block_is_drawn(workspace: Workspace, block: dict[str, Any], drawn: list[str]) -> None:
    assert body(posted(workspace, block), workspace) == drawn


def test_a_message_without_blocks_shows_its_text(workspace: Workspace) -> None:
    assert body(posted(workspace, text="one\ntwo &amp; three"), workspace) == ["  one", "  two & three"]


def test_the_head_says_who_and_with_which_marks(workspace: Workspace) -> None:
    first = posted(workspace, text="x")
    assert render(first, workspace).startswith("Countersign ")
    private = posted(workspace, thread_ts=first.ts, ephemeral_to="U0BO93LXT6W")
    assert "(only Bo sees this, in a thread)" in render(private, workspace)
    edited = workspace.edit(first, "y", (), None)
    assert "(edited)" in render(edited, workspace)
    assert "(edited 2 times)" in render(workspace.edit(edited, "z", (), None), workspace)


def test_no_title_reaches_the_terminal_raw(workspace: Workspace) -> None:
    message = posted(workspace, {"type": "section", "text": words("\u202e\x1b]0;owned\x07")})
    assert "\\u202e\\x1b]0;owned\\x07" in render(message, workspace)


def test_a_modal_is_drawn_with_the_names_of_its_fields(workspace: Workspace) -> None:
    entry = {"type": "input", "block_id": "why", "label": words("Reason"), "element": {"type": "plain_text_input"}}
    content = {"title": words("Reject"), "submit": words("Send"), "blocks": [{**entry, "optional": True}]}
    view = Modals(workspace.serial).open("U0BO93LXT6W", content)
    assert render_view(view, workspace).splitlines() == ["[ Reject ]", "  Reason (why=…) optional", "  [ Send ]"]


def live(workspace: Workspace) -> Iterator[tuple[str, list[str]]]:
    yield "<!channel> and <@U0BO93LXT6W>", ["<!channel>", "<@U0BO93LXT6W>"]
    yield "<!subteam^S0APPROVERS|@x> <!here|here>", ["<!subteam^S0APPROVERS|@x>", "<!here|here>"]
    yield "&lt;!channel&gt; @channel <https://a.example|<!channel>", ["<!channel>"]
    yield plain("nothing <#C0VODAUDIT1>", workspace), []


def test_live_mentions_are_found_in_text_and_blocks(workspace: Workspace) -> None:
    for written, found in live(workspace):
        assert posted(workspace, text=written).broadcasts == found
        assert posted(workspace, {"type": "section", "text": mrkdwn(written)}, text="").broadcasts == found
        assert posted(workspace, {"type": "section", "text": words(written)}, text="").broadcasts == []


def test_live_mentions_are_found_in_rich_text(workspace: Workspace) -> None:
    elements = [
        {"type": "text", "text": "<!channel>"},
        {"type": "user", "user_id": "U0BO93LXT6W"},
        {"type": "broadcast", "range": "channel"},
    ]
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
    assert posted(workspace, block, text="").broadcasts == ["user:U0BO93LXT6W", "broadcast:channel"]


def test_entities_are_undone_once() -> None:
    assert unescape("&amp;lt;") == "&lt;"
