"""What is said outside the card: every kind of news has words, at every length, and outside text stays text."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import deletion
import handlers
from deletion.audit.notices import News, Notice
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.outcomes import Outcome
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import State
from handlers.cards.proposal_card import Message
from handlers.text import messages, words
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from storage.tables.audit_log import AuditRow
from tests.handlers.samples import (
    APPROVER,
    BIDI,
    HOSTILE,
    KINDS,
    SECOND,
    Sample,
    hidden_characters,
    member_of,
    mrkdwn_texts,
    outside_code,
    view,
)
from tests.stage import Stage

TOLD_IN = {
    "thread": Notice.THREAD,
    "channel": Notice.CHANNEL,
    "direct": Notice.DIRECT,
    "private": Notice.PRIVATE,
}


def assert_slack_takes(message: Message) -> None:
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []


def shown(message: Message) -> str:
    return "\n".join(texts(list(message.blocks)))


def told_by_the_code() -> Iterator[tuple[Notice, News]]:
    """Find every call of notices.thread, .channel, .direct and .private, and the News each names."""
    for package in (deletion, handlers):
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                form = member_of("notices", node.func) if isinstance(node, ast.Call) else None
                if isinstance(node, ast.Call) and form in TOLD_IN:
                    named = [member_of("News", part) for arg in node.args for part in _expressions(arg)]
                    found = [News[news] for news in named if isinstance(news, str)]
                    assert found, ast.unparse(node)
                    yield from ((TOLD_IN[form], news) for news in found)


def _expressions(arg: ast.expr) -> Iterator[ast.expr]:
    return (part for part in ast.walk(arg) if isinstance(part, ast.expr))


def test_everything_the_code_can_tell_was_told_and_arrived(story: Stage) -> None:
    owed = story.database.read(lambda tx: tx.rows("SELECT kind, state, message FROM outbox"))
    told = {(row["kind"], canonical.loads(row["message"]).get("news")) for row in owed}
    assert {(kind, news) for kind, news in told if news is not None} == set(told_by_the_code())
    assert {kind for kind, news in told if news is None} == {Notice.CARD, Notice.MANIFEST, Notice.AUDIT}
    assert {row["state"] for row in owed} == {"sent"}


def test_every_kind_of_news_is_told_somewhere() -> None:
    assert {news for _, news in told_by_the_code()} == set(News)


def test_every_message_of_a_long_day_is_sound(story: Stage) -> None:
    legitimate = {f"<@{person.id}>" for person in story.slack.people.values()}
    said = story.slack.workspace.everything()
    assert len(said) > 150
    for message in said:
        assert message.text
        assert set(message.broadcasts) <= legitimate
        assert "{" not in re.sub(r"\{date_short_pretty\} at \{(time|time_secs)\}", "", message.text)
        assert "None" not in message.text
        assert "(empty)" not in message.text
        assert message.text == message.text.strip()


def test_a_result_names_the_troubled_first_and_counts_the_rest() -> None:
    outcomes = [Outcome.DELETED] * 18 + [Outcome.REFUSED, Outcome.CHANGED]
    message = messages.results(view(Sample(State.FINISHED, count=20, outcomes=outcomes)))
    assert message.text.startswith("#4 is finished. 20 videos: 18 deleted, 1 refused, 1 changed. Teaser 19 (")
    lines = "\n".join(texts(list(message.blocks[1:]))).split("\n")
    assert [line.partition(" (")[0] for line in lines[:4]] == ["Teaser 19", "Teaser 20", "Teaser 1", "Teaser 2"]
    assert "… and 5 more" in lines


@pytest.mark.parametrize("outcome", Outcome)
def test_the_causes_of_a_refusal_are_told_only_with_one(outcome: Outcome) -> None:
    message = messages.results(view(Sample(State.FINISHED, outcomes=(outcome,))))
    assert (words.WHY_REFUSED in shown(message)) == (outcome is Outcome.REFUSED)
    assert words.OUTCOMES[outcome] in shown(message)


NOTES: list[tuple[Mapping[str, Json], str]] = [
    ({"drift": [["title", "Old", "New"]]}, ": title was Old, is New."),
    ({"drift": [["category", "", "New"]]}, ": category was empty, is New."),
    ({"code": "Forbidden.RAM", "advice": "Grant vod:DeleteVideo."}, ": Forbidden.RAM. Grant vod:DeleteVideo."),
    ({"code": "X", "advice": ""}, ": X."),
    ({"because": "VOD refused this account"}, ": VOD refused this account."),
    ({"sent_ms": 5}, "."),
]


@pytest.mark.parametrize(("note", "ending"), NOTES, ids=str)
def test_a_troubled_item_says_why(note: Mapping[str, Json], ending: str) -> None:
    sample = Sample(State.FINISHED, outcomes=(Outcome.CHANGED,), item_note=note)
    line = shown(messages.results(view(sample))).split("\n")[1]
    assert line.endswith(f"{words.OUTCOMES[Outcome.CHANGED]}{ending}")


def test_what_was_deleted_after_all_carries_no_trouble_from_the_way() -> None:
    note: Mapping[str, Json] = {"code": "ServiceUnavailable", "advice": "Wait.", "sent_ms": 5}
    message = messages.results(view(Sample(State.FINISHED, item_note=note)))
    assert "ServiceUnavailable" not in shown(message) + message.text


@pytest.mark.parametrize(("kind", "count"), [*((kind, 20) for kind in KINDS), ("videos", 1), ("videos", 1_000)])
def test_slack_takes_a_result_at_its_largest_and_no_line_is_lost(kind: str, count: int) -> None:
    note: dict[str, Json] = {"drift": [["title", HOSTILE * 3, BIDI * 5]] * 12}
    facts = {"title": "t" * 500}
    count = min(count, KINDS[kind].most)
    made = view(Sample(State.FINISHED, kind, count, facts=facts, outcomes=(Outcome.CHANGED,), item_note=note))
    message = messages.results(made)
    assert_slack_takes(message)
    assert shown(message).count("changed since it was approved") == min(count, messages.TOLD_APART)


def forms(facts: dict[str, Json]) -> Iterator[Message]:
    """Render every kind of news with these facts, everywhere it can be told."""
    made = view(Sample(State.FINISHED, reason=HOSTILE))
    for form, news in sorted(set(told_by_the_code())):
        match form:
            case Notice.THREAD:
                yield messages.thread(news, facts, made)
            case Notice.CHANNEL:
                yield messages.channel(news, facts)
            case Notice.DIRECT:
                yield messages.direct(news, facts, made)
            case _:
                yield messages.private(news, facts, made)


HOSTILE_FACTS: dict[str, Json] = {
    "number": 4,
    "channel": "C0VODDELETE",
    "actor": APPROVER,
    "why": HOSTILE.ljust(500, "`"),
    "because": HOSTILE * 9,
    "counted": 1,
    "needed": 2,
    "count": 10**6,
    "until_ms": 1_767_225_600_000,
    "people": [APPROVER, SECOND],
    "target": HOSTILE * 9,
    "outcome": "deleted",
    "state": "approved",
    "canary": True,
    "done": 10,
    "total": 10**6,
    "per_minute": 10**6,
    "left_s": 10**6,
    "code": HOSTILE * 9,
    "advice": BIDI * 9,
    "vod": {"code": HOSTILE * 9, "advice": BIDI * 9, "request_id": HOSTILE * 9},
    "drift": [[HOSTILE, BIDI, HOSTILE * 9, BIDI * 9]] * 40,
    "refusal": Refusal(Rule.NOT_OPEN, {"number": 4, "state": "stale", "note": {"why": HOSTILE}}).to_json(),
    "problems": [["no such stream", HOSTILE]] * 50,
}


@pytest.mark.parametrize("left_out", [True, False])
def test_no_outside_text_gets_out_of_any_news(*, left_out: bool) -> None:
    facts = {**HOSTILE_FACTS, "problems": None} if left_out else HOSTILE_FACTS
    if left_out:
        facts = {name: value for name, value in facts.items() if name not in {"refusal", "problems"}}
        facts |= {"left_out": [[HOSTILE, "missing"]] * 50, "refusal": HOSTILE_FACTS["refusal"]}
    for message in forms(facts):
        assert_slack_takes(message)
        formatted = [message.text, *mrkdwn_texts(message)]
        assert not [text for text in formatted if "<!" in text.replace("<!date^", "")]
        assert not [text for text in formatted if "<@U0DEE" in text or "<http" in text]


def told(news: News, facts: dict[str, Json]) -> str:
    return messages.thread(news, {"number": 4, **facts}, view(Sample(State.EXECUTING))).text


def test_who_stopped_a_deletion_or_what_is_told_with_how_much_stays() -> None:
    before = told(News.STOPPED, {"actor": APPROVER})
    by_a_person = told(News.STOPPED, {"actor": APPROVER, "because": "a person stopped it", "count": 1})
    by_itself = told(News.STOPPED, {"actor": None, "because": "an item ended as: failed", "count": 40})
    assert before == f"<@{APPROVER}> stopped this before it began. Nothing was deleted."
    assert by_a_person.startswith(
        f"*<@{APPROVER}> stopped this.* Nothing more is sent: 1 item was still waiting. What was sent"
    )
    assert by_itself.startswith(
        "*Stopped: an item ended as: failed.* Nothing more is sent: 40 items were still waiting. "
    )


@pytest.mark.parametrize(
    ("per_minute", "left_s", "ending"),
    [
        (None, None, "."),
        (560, 40, "; about 560 a minute, about 40 s left."),
        (1_200, 89, "; about 1,200 a minute, about 89 s left."),
        (1, 90, "; about 1 a minute, about 2 min left."),
        (1, 7_500, "; about 1 a minute, about 2 h 5 min left."),
    ],
)
def test_progress_is_told_with_its_rate_and_the_time_left(
    per_minute: int | None, left_s: int | None, ending: str
) -> None:
    facts: dict[str, Json] = {"done": 1_000, "total": 5_000, "per_minute": per_minute, "left_s": left_s}
    assert told(News.PROGRESS, facts) == f"1,000 of 5,000 done{ending}"


@pytest.mark.parametrize("news", [News.FROZEN, News.THAW_COUNTED])
def test_a_frozen_channel_is_told_how_it_goes_on(news: News) -> None:
    facts: dict[str, Json] = {"actor": APPROVER, "why": "", "people": [APPROVER], "counted": 1, "needed": 2}
    text = messages.channel(news, facts).text
    assert "two people, one of them an approver" in text
    assert "`/vod thaw`" in text
    assert "reason" not in text


def test_two_people_who_asked_to_thaw_and_are_no_approvers_are_told_who_is_missing() -> None:
    facts: dict[str, Json] = {"actor": APPROVER, "people": [APPROVER, SECOND], "counted": 2, "needed": 2}
    assert messages.channel(News.THAW_COUNTED, facts).text == (
        f"<@{APPROVER}> and <@{SECOND}> asked to thaw: 2 of 2. None of them is an approver: now an approver has to "
        "type `/vod thaw`."
    )


def test_a_freezes_reason_stands_as_code() -> None:
    message = messages.channel(News.FROZEN, {"actor": APPROVER, "why": "*bold* `tick` <!channel>"})
    assert not [text for text in mrkdwn_texts(message) if "bold" in outside_code(text)]
    assert "bold" in message.text


def test_a_rejections_reason_stands_as_code() -> None:
    facts: dict[str, Json] = {"number": 4, "actor": APPROVER, "why": "*bold* `tick` _x_"}
    for message in (
        messages.thread(News.REJECTED, facts, view(Sample())),
        messages.direct(News.REJECTED, facts, None),
    ):
        assert not [text for text in mrkdwn_texts(message) if "bold" in outside_code(text)]
        assert "bold" in message.text


def test_the_head_of_the_log_can_be_told_without_its_events() -> None:
    rows = [
        AuditRow(seq, "a" * 64, "b" * 64, "c" * 64, 1, "countersign", "x", "proposal/4", "{}") for seq in (7, 9)
    ]
    message = messages.bare_head(rows)
    assert_slack_takes(message)
    assert message.text == f"Events 7 to 9 are in the log. Head: event 9, `{'b' * 64}`"


def test_a_closed_proposal_is_told_with_its_own_reason() -> None:
    gone = messages.direct(News.STALE, {"number": 4, "drift": []}, None)
    broken = messages.direct(News.STALE, {"number": 4, "drift": [], "because": "the stored plan is broken"}, None)
    assert gone.text == "#4 is closed: nothing of it is in VOD any more. Nothing was deleted here."
    assert broken.text == "#4 is closed: the stored plan is broken. Nothing was deleted here."
