"""What every run is held to, whatever happened in it: the ledger of VOD, the log, and the words people saw."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from deletion.terms.states import State
from deletion.terms.targets import ImagesOf
from handlers.cards import ids
from sandbox.slack import Message
from tests.scene import Scene

HARMLESS = frozenset("\n\u200d\u200c\ufe0f")
"""Line breaks of our own, and the joiners that emoji and several scripts need."""

OBEYED = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})

MARKUP = re.compile(r"<[^>]*>")
CARD_LINK = r"http://127\.0\.0\.1:\d+/archives/C[0-9A-Z]+/p\d{16}\|(?:#\d+|The card)"
OWN_MARKUP = re.compile(rf"<(@U[0-9A-Z]+|#C[0-9A-Z]+|!date\^\d+\^[^<>|]*\|[^<>|]*|{CARD_LINK})>")
"""People, channels, moments and links to cards: all that our own words put between angle brackets."""


def said(stage: Scene) -> list[Message]:
    """Return every message of the bot's, to whomever it was shown, oldest first."""
    return [m for m in stage.slack.workspace.everything() if m.user == stage.slack.bot_user_id]


def audit_channel(stage: Scene) -> str:
    """Return all that the audit channel says, in its threads too."""
    posts = stage.slack.messages("vod-audit")
    return "\n".join(in_blocks(each) for post in posts for each in stage.slack.thread("vod-audit", post.ts))


def button_value(message: Message, action_id: str = ids.APPROVE) -> str:
    """Return what a button of a message carries."""
    found = [e for block in message.blocks for e in block.get("elements", []) if e.get("action_id") == action_id]
    return str(found[0]["value"])


def buttons(message: Message) -> list[str]:
    """Return the labels of a message's buttons."""
    elements = [e for block in message.blocks if block["type"] == "actions" for e in block["elements"]]
    return [str(element["text"]["text"]) for element in elements]


def in_blocks(message: Message) -> str:
    """Return all texts in a message's blocks, a line each."""
    return "\n".join(text for _, text in texts(list(message.blocks)))


def texts(node: Any) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of every text in blocks; alt texts and titles count as plain_text."""
    if isinstance(node, list):
        for entry in node:
            yield from texts(entry)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield str(node.get("type")), node["text"]
        if isinstance(node.get("alt_text"), str):
            yield "plain_text", node["alt_text"]
        yield from texts([value for key, value in node.items() if key not in {"text", "alt_text"}])
        yield from texts([node["text"]] if isinstance(node.get("text"), dict) else [])


def assert_nothing_was_deleted(stage: Scene) -> None:
    """Hold that VOD was never asked to delete anything, and that the log holds."""
    assert stage.vod.ledger.calls() == ()
    assert stage.verify().holds, stage.verify().text()


def assert_lawful(stage: Scene) -> None:
    """Hold that only approved things were sent, that the log holds, and that the channel shows its head."""
    strangers = set(stage.vod.ledger.ids()) - _approved(stage)
    assert strangers == set()
    report = stage.verify()
    assert report.holds, report.text()
    assert f"event {report.events}, `{report.head}`" in stage.slack.messages("vod-audit")[-1].text
    assert_words_are_only_words(stage)


def assert_words_are_only_words(stage: Scene) -> None:
    """Hold that nothing from outside mentions, links or hides in any version of any message."""
    for message in said(stage):
        for version in message.history:
            _check("mrkdwn", version.text)
            for kind, text in texts(list(version.blocks)):
                _check(kind, text)


def assert_told_as_finished(stage: Scene, number: int, *, proposer: str, tally: str) -> None:
    """Hold that card, thread, direct message and audit channel tell the same end of a proposal, once each."""
    assert stage.state(number) is State.FINISHED
    card = stage.card(number)
    assert tally in card.text
    assert tally in in_blocks(card)
    assert buttons(card) == []
    results = f"#{number} is finished"
    for place in (stage.thread(number), stage.slack.dm(proposer)):
        told = [message.text for message in place if results in message.text]
        assert len(told) == 1, told
        assert tally in told[0]
    log = audit_channel(stage)
    for event in ("proposed a deletion", "plan fixed", "clicked Approve", "counted:", "finished"):
        assert re.search(rf"#{number}: .*{event}", log), event


def _approved(stage: Scene) -> set[str]:
    """Return the names, as VOD is told them, of everything in plans that were approved."""
    named: set[str] = set()
    for approval in stage.database.read(
        lambda tx: tx.rows("SELECT * FROM audit WHERE action = 'proposal.approved'")
    ):
        number = int(approval["ref"].rpartition("/")[2])
        view = stage.view(number)
        assert view.plan is not None
        assert json.loads(approval["payload"])["data"]["digest"] == view.row.digest
        match view.plan.request:
            case ImagesOf(video_id=video_id):
                named.add(video_id)
            case _:
                named |= {target.id for target in view.plan.targets}
    return named


def _check(kind: str, text: str) -> None:
    hidden = [
        f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in OBEYED and char not in HARMLESS
    ]
    assert hidden == [], (hidden, text)
    if kind == "mrkdwn":
        foreign = [markup for markup in MARKUP.findall(text) if not OWN_MARKUP.fullmatch(markup)]
        assert foreign == [], text
