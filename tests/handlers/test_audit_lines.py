"""The audit channel: every action that is ever recorded has a line, and every message leads to its head."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import deletion
import handlers
from deletion.audit import chain
from deletion.audit.notices import AUDIT_LINES
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.states import Event
from handlers.cards.proposal_card import Message
from handlers.text import messages
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from storage.tables import audit_log
from storage.tables.audit_log import AuditRow
from tests.handlers.samples import (
    APPROVER,
    BIDI,
    HOME,
    HOSTILE,
    NOW_MS,
    hidden_characters,
    media_id,
    member_of,
    mrkdwn_texts,
    outside_code,
)
from tests.stage import Stage

RECORDERS = {"record", "refuse"}


def recorded_by_the_code() -> Iterator[str]:
    """Find the action of every call of audit.record, refuse and close."""
    for package in (deletion, handlers):
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in RECORDERS:
                    yield from _literals(node)
                elif isinstance(node, ast.Call) and _name(node.func) == "close":
                    named = filter(None, (member_of("Event", arg) for arg in node.args))
                    yield from (f"proposal.{Event[name]}".replace(" ", "_") for name in named)


def _literals(call: ast.Call) -> Iterator[str]:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    named = [str(arg.value) for arg in given if isinstance(arg, ast.Constant) and "." in str(arg.value)]
    # Two calls pass an action on: refuse() itself, and close(), whose events are found where it is called.
    assert len(named) == 1 or _passes_on(call), ast.unparse(call)
    yield from named


def _passes_on(call: ast.Call) -> bool:
    return any(
        keyword.arg == "action" and isinstance(keyword.value, ast.Name | ast.Call) for keyword in call.keywords
    )


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def row(action: str, data: dict[str, Json], seq: int = 7, ref: str = "proposal/4") -> AuditRow:
    actor = f"{HOME}/{APPROVER}"
    payload = canonical.dumps({"action": action, "actor": actor, "at_ms": NOW_MS, "data": data, "ref": ref})
    return AuditRow(seq, "a" * 64, "b" * 64, "c" * 64, NOW_MS, actor, action, ref, payload)


def line(action: str, data: dict[str, Json], ref: str = "proposal/4") -> str:
    return messages.audit([row(action, data, ref=ref)]).text.split("\n")[0]


def assert_slack_takes(message: Message) -> None:
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []


def test_every_action_that_is_recorded_has_words_and_no_words_are_idle() -> None:
    assert set(recorded_by_the_code()) == set(messages._AUDIT)


def test_everything_that_can_be_recorded_happened_on_the_long_day(story: Stage) -> None:
    found = story.database.read(lambda tx: tx.rows("SELECT DISTINCT action FROM audit"))
    assert {row["action"] for row in found} == set(messages._AUDIT)


def test_every_event_of_the_long_day_has_a_whole_line(story: Stage) -> None:
    for event in audit_log.every(story.database):
        message = messages.audit([event])
        assert_slack_takes(message)
        assert message.text.startswith(f"`{event.seq}` ")
        assert "None" not in message.text
        assert event.action not in message.text


def test_the_channel_shows_every_event_once_and_in_order(story: Stage) -> None:
    shown = [
        text
        for message in story.slack.messages("vod-audit")
        for block in message.blocks[:-1]
        for text in texts([block])
    ]
    numbers = [int(text.split("`")[1]) for part in shown for text in part.split("\n")]
    assert numbers == list(range(1, story.database.read(audit_log.head).seq + 1))


def test_every_message_in_the_channel_names_the_head_it_leads_to(story: Stage) -> None:
    heads = {event.seq: event.hash for event in audit_log.every(story.database)}
    for message in story.slack.messages("vod-audit"):
        assert message.metadata is not None
        named = message.metadata["event_payload"]
        assert heads[named["seq"]] == named["hash"]
        anchor = f"Head of the log: event {named['seq']}, `{named['hash']}`"
        assert message.text.endswith(f"\n{anchor}")
        assert list(texts(list(message.blocks)))[-1] == anchor


LARGE: dict[str, dict[str, Json]] = {
    "plan.frozen": {"digest": "d" * 64, "targets": [f"https://img.example/{'&' * 100}{n}" for n in range(1_000)]},
    "call.intent": {"api": "DeleteImage", "targets": [f"https://img.example/{'&' * 100}{n}" for n in range(20)]},
    "items.held": {"items": [[HOSTILE * 3, "changed", {}]] * 20},
    "items.settled": {"items": [[BIDI * 5, "deleted"]] * 20},
    "proposal.made": {"reason": HOSTILE.ljust(500, "`")},
    "proposal.rejected": {"why": HOSTILE.ljust(500, "*")},
}


@pytest.mark.parametrize("action", LARGE)
def test_slack_takes_the_longest_message_and_no_event_is_lost(action: str) -> None:
    rows = [row(action, LARGE[action], seq) for seq in range(1, AUDIT_LINES + 1)]
    message = messages.audit(rows)
    assert_slack_takes(message)
    assert [text for text in mrkdwn_texts(message) if "<!" in text or "<http" in text or "<@U0DEE" in text] == []
    shown = "\n".join(texts(list(message.blocks)))
    assert all(f"`{seq}` 2026-01-01 00:00:00 #4: " in shown for seq in range(1, AUDIT_LINES + 1))
    assert message.text.endswith(f"`{'b' * 64}`")


@pytest.mark.parametrize("action", ["items.held", "proposal.made", "proposal.rejected"])
def test_outside_words_stand_as_code(action: str) -> None:
    short: dict[str, Json] = {"items": [["*bold*", "changed", {}]], "reason": "*bold*", "why": "*bold*"}
    assert "*bold*" not in outside_code(line(action, short))


def test_of_many_targets_the_rest_is_counted() -> None:
    told = line("plan.frozen", {"digest": "d" * 64, "targets": [media_id(n) for n in range(23)]})
    assert told.endswith(f"`{media_id(19)}` and 3 more")


def test_a_line_says_when_about_what_who_and_what() -> None:
    told = line("proposal.withdrawn", {})
    assert told == f"`7` 2026-01-01 00:00:00 #4: <@{APPROVER}> withdrew the proposal"


def test_what_is_about_no_proposal_says_so() -> None:
    assert " no proposal: " in line("proposal.refused", {"rule": "guest"}, ref="proposal/none")


def test_what_the_program_did_by_itself_is_told_as_its_own_deed() -> None:
    made = row("proposal.expired", {})
    assert "#4: Countersign let" in messages.audit([AuditRow(**{**made.__dict__, "actor": chain.SYSTEM})]).text


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"code": "Throttling.User"}, "Throttling.User"),
        ({"request_id": "7B", "missing": [], "refused": []}, "answered"),
        ({"request_id": "7B", "missing": ["a"], "refused": ["b", "c"]}, "answered, 1 missing, 2 refused"),
        ({"not sent": "no longer fresh"}, "not sent"),
    ],
)
def test_what_vod_answered_is_told_in_a_word(answer: dict[str, Json], told: str) -> None:
    assert line("call.answered", {"call": "c" * 32, "answer": answer}).endswith(f": {told}")


def test_an_action_nobody_wrote_words_for_is_still_shown_by_its_name() -> None:
    assert line("<!here>.done", {}).endswith("&lt;!here&gt;.done")
