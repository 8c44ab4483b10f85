"""What every run is held to, whatever happened in it: the ledger of VOD, the log, and the words people saw."""

import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from deletion.approval.shown import Shown
from deletion.audit.messages.audit_channel import DECISIONS
from deletion.terms.ids import Digest, proposal_ref
from deletion.terms.requests.targets import ImagesOf
from deletion.terms.states import State
from handlers.cards import ids
from sandbox.slack import Message
from tests.harness import plans
from tests.scene import Scene

HARMLESS = frozenset("\n\u200d\u200c\ufe0f")
"""Line breaks of our own, and the joiners that emoji and several scripts need."""

HEAD = re.compile(r"Head of the log: event (\d+), `([0-9a-f]{64})`")

OBEYED = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})

MARKUP = re.compile(r"<[^>]*>")
CARD_LINK = (
    r"http://127\.0\.0\.1:\d+/archives/C[0-9A-Z]+/p\d{16}\|(#\d+|The card|In the audit channel|an earlier one)"
)
CONSOLE_LINK = r"https://vod\.console\.aliyun\.com/#/media/video/detail/[0-9a-zA-Z]+/video\|[^<>|]+"
OWN_MARKUP = re.compile(rf"<(@U[0-9A-Z]+|#C[0-9A-Z]+|!date\^\d+\^[^<>|]*\|[^<>|]*|{CARD_LINK}|{CONSOLE_LINK})>")
"""People, channels, moments, links to cards and to VOD's console: all that we put between angle brackets."""

FORMATTED = re.compile(r"\*bold\*|_italic_|~gone~")
"""What hostile texts hold that would be shown formatted where it is no code."""


def said(stage: Scene) -> list[Message]:
    """Return every message of the bot's, to whomever it was shown, oldest first."""
    return [m for m in stage.slack.workspace.everything() if m.user == stage.slack.bot_user_id]


def refusals(stage: Scene, action: str) -> Counter[tuple[str, str, str]]:
    """Return what was refused whom by which rule, and how often: in events, or counted, told already or not."""
    found = Counter(_refusal(e["ref"], e["actor"], e["data"]["rule"]) for e in stage.events(action))
    for each in stage.events("refusals.counted"):
        if each["data"]["refused"] == action:
            found[_refusal(each["ref"], each["actor"], each["data"]["rule"])] += each["data"]["count"]
    sql = "SELECT ref, actor, rule, more FROM refusals WHERE action = :action"
    for row in stage.database.read(lambda tx: tx.rows(sql, action=action)):
        found[_refusal(row["ref"], row["actor"], row["rule"])] += row["more"]
    return found


def _refusal(ref: str, actor: str, rule: str) -> tuple[str, str, str]:
    return ref, actor.rpartition("/")[2], rule


def audit_messages(stage: Scene) -> list[Message]:
    """Return what the audit channel shows, the lines under each message after it."""
    return [m for top in stage.slack.messages("vod-audit") for m in stage.slack.thread("vod-audit", top.ts)]


def audit_channel(stage: Scene) -> str:
    """Return all that the audit channel says."""
    return "\n".join(map(in_blocks, audit_messages(stage)))


def audit_card(stage: Scene, number: int) -> Message:
    """Return the message by which the audit channel shows a proposal."""
    ts = stage.view(number).row.audit_ts
    return next(m for m in stage.slack.messages("vod-audit") if m.ts == ts)


def audit_lines(stage: Scene, number: int) -> str:
    """Return the lines under a proposal in the audit channel."""
    lines = stage.slack.thread("vod-audit", audit_card(stage, number).ts)[1:]
    return "\n".join(map(in_blocks, lines))


def heads_told(stage: Scene) -> list[tuple[int, str]]:
    """Return the heads of the log that stand at the top level of the audit channel, oldest first."""
    posts = (message.text for message in stage.slack.messages("vod-audit"))
    return [(int(head[1]), head[2]) for head in map(HEAD.fullmatch, posts) if head]


def value_for(stage: Scene, number: int, digest: str | None = None) -> str:
    """Return what the buttons of a proposal's card carry, or what they would with another digest."""
    view = stage.view(number)
    return ids.button_value(
        Shown(view.record, proposal_ref(number), Digest(view.row.digest or "" if digest is None else digest))
    )


def button_value(message: Message, action_id: str = ids.APPROVE) -> str:
    """Return what a button of a message carries."""
    found = [e for block in message.blocks for e in block.get("elements", []) if e.get("action_id") == action_id]
    return str(found[0]["value"])


BESIDES = frozenset({ids.VIEW_ALL, ids.ASK, ids.COMMENT})
"""Buttons that decide nothing, or what another one decides as well."""


def every_button(message: Message) -> list[str]:
    """Return the labels of a message's buttons."""
    return [label for label, _ in _buttons(message)]


def buttons(message: Message) -> list[str]:
    """Return the labels of a message's buttons that decide something: neither show, nor ask, nor a second way."""
    return [label for label, action_id in _buttons(message) if action_id not in BESIDES]


def _buttons(message: Message) -> list[tuple[str, str]]:
    elements = [e for block in message.blocks if block["type"] == "actions" for e in block["elements"]]
    return [(str(element["text"]["text"]), str(element.get("action_id"))) for element in elements]


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


def result_in_thread(stage: Scene, number: int) -> Message:
    """Return the reply under a card that tells how its deletion ended; files may come before or after it."""
    (result,) = [reply for reply in stage.thread(number) if f"#{number} is finished" in reply.text]
    return result


def assert_nothing_was_deleted(stage: Scene) -> None:
    """Hold that VOD was never asked to delete anything, and that the log holds."""
    assert stage.vod.ledger.calls() == ()
    assert stage.verify().holds, stage.verify().text()


def assert_lawful(stage: Scene, *, told_from: int = 1) -> None:
    """Hold that only approved things were sent, that the log holds, and that the audit channel tells all of it.

    ``told_from``: the first event that this Slack was to be told.
    """
    strangers = set(stage.vod.ledger.ids()) - _approved(stage)
    assert strangers == set()
    report = stage.verify()
    assert report.holds, report.text()
    assert_every_event_is_told_once(stage, told_from=told_from)
    assert_heads_are_posted(stage)
    assert_words_are_only_words(stage)


def assert_every_event_is_told_once(stage: Scene, *, told_from: int = 1) -> None:
    """Hold that the audit channel names every event of the log exactly once, in its order within each place."""
    tops = stage.slack.messages("vod-audit")
    threads = [stage.slack.thread("vod-audit", top.ts)[1:] for top in tops]
    places = [_numbers(tops), *map(_numbers, threads)]
    assert places == [sorted(place) for place in places]
    told = sorted(number for number in itertools.chain(*places) if number >= told_from)
    wanted = range(told_from, stage.verify().events + 1)
    assert told == list(wanted), (sorted(set(wanted) - set(told)), [n for n in told if told.count(n) > 1])


def assert_heads_are_posted(stage: Scene) -> None:
    """Hold that every head in the audit channel is one of the log, and that one follows the newest decision."""
    rows = stage.database.read(lambda tx: tx.rows("SELECT seq, hash, action FROM audit ORDER BY seq"))
    hashes = {row["seq"]: row["hash"] for row in rows}
    decisions = {event.action for event in DECISIONS}
    heads = heads_told(stage)
    assert [hashes[seq] for seq, _ in heads] == [posted for _, posted in heads]
    decided = [row["seq"] for row in rows if row["action"] in decisions]
    assert not decided or heads[-1][0] >= decided[-1]


def assert_words_are_only_words(stage: Scene) -> None:
    """Hold that nothing from outside mentions, links, formats or hides in any version of any message."""
    for message in said(stage):
        for version in message.history:
            _check("mrkdwn", version.text)
            for kind, text in texts(list(version.blocks)):
                _check(kind, text)
                assert kind != "mrkdwn" or not FORMATTED.search(re.sub("`[^`]*`", "", text)), text


def assert_told_as_finished(stage: Scene, number: int, *, proposer: str, tally: str) -> None:
    """Hold that card, thread, direct message and audit channel tell the same end of a proposal, once each."""
    assert stage.state(number) is State.FINISHED
    card = stage.card(number)
    assert tally in card.text
    assert tally in in_blocks(card)
    is_left = bool(set(stage.outcomes(number).values()) - {"deleted", "already gone"})
    assert [label.partition(":")[0] for label in buttons(card)] == ["Propose the rest again"] * is_left
    results = f"#{number} is finished"
    for place in (stage.thread(number), stage.slack.dm(proposer)):
        told = [message.text for message in place if results in message.text]
        assert len(told) == 1, told
        assert tally in told[0]
    assert tally in audit_card(stage, number).text
    log = audit_lines(stage, number)
    for event in ("proposed a deletion", "plan fixed:", "clicked Approve", "counted:", "finished[:,]"):
        assert re.search(rf"#{number}: .*{event}", log), event


def _numbers(lines: Iterable[Message]) -> list[int]:
    """Return the numbers of the events that messages tell, in the order in which they stand there."""
    told = "\n".join(map(in_blocks, lines))
    return [int(number) for number in re.findall(r"^`(\d+)` ", told, re.MULTILINE)]


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
                named |= set(plans.every_id(stage.database, view))
    return named


def _check(kind: str, text: str) -> None:
    hidden = [
        f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in OBEYED and char not in HARMLESS
    ]
    assert hidden == [], (hidden, text)
    if kind == "mrkdwn":
        foreign = [markup for markup in MARKUP.findall(text) if not OWN_MARKUP.fullmatch(markup)]
        assert foreign == [], text
