"""The audit channel's lines: every event that can be recorded has one, and none says what did not happen."""

from typing import get_args

import pytest

from deletion.audit import codec, events
from deletion.audit.events import Event, UnknownEvent
from deletion.audit.fields import CallAnswer, ItemOutcome
from deletion.audit.messages.audit_channel import LINES
from deletion.audit.messages.delivery import LogLine
from deletion.terms.ids import CallId, Digest, proposal_ref
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.outcomes import Outcome
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH, Language
from handlers.text.told import audit_lines
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from tests.catalogues import CHINESE
from tests.deletion.every_event import ABOUT, BO, CY, EVERY, ON_A_FREEZE
from tests.handlers.samples import (
    APPROVER,
    NOW_MS,
    SECOND,
    Sample,
    hidden_characters,
    media_id,
    mrkdwn_texts,
    outside_code,
    plan_of,
)

CALL = CallId("c" * 32)


def lines(*happened: Event) -> list[LogLine]:
    return [LogLine(seq, NOW_MS, event) for seq, event in enumerate(happened, 1)]


def what(event: Event) -> str:
    return audit_lines.what(ENGLISH, event)


def assert_slack_takes(message: Message) -> None:
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []


def test_every_event_of_the_log_has_words_and_no_words_are_idle() -> None:
    assert set(get_args(audit_lines.Logged)) == {*codec.by_action().values(), UnknownEvent}
    assert {type(event) for event in EVERY} == {*codec.by_action().values(), UnknownEvent}


def test_an_event_that_nobody_wrote_words_for_is_an_error_of_ours() -> None:
    with pytest.raises(TypeError, match="no words for Event"):
        what(Event(about=ABOUT))


@pytest.mark.parametrize("event", [*EVERY, *ON_A_FREEZE], ids=lambda event: type(event).__name__)
def test_slack_takes_as_many_as_there_can_be_and_no_outside_text_gets_out(event: Event) -> None:
    message = audit_lines.message(ENGLISH, lines(*[event] * LINES), plan_of(Sample(count=20)))
    assert_slack_takes(message)
    formatted = [message.text, *mrkdwn_texts(message)]
    assert not [text for text in formatted if "<!" in text or "<@U0DEE" in text or "<http" in text]
    shown = "\n".join(texts(list(message.blocks)))
    assert all(f"`{seq}` 2026-01-01 00:00:00 " in shown for seq in range(1, LINES + 1))
    assert "None" not in message.text


@pytest.mark.parametrize("event", [*EVERY, *ON_A_FREEZE], ids=lambda event: type(event).__name__)
def test_no_line_reads_as_if_the_program_approved_or_froze_anything(event: Event) -> None:
    told = outside_code(what(event))
    assert "Countersign" not in told
    assert (" froze " in told) == isinstance(event, events.FreezeBegun)
    assert "had an answer" not in told


def test_a_quorum_is_told_with_the_people_who_made_it() -> None:
    event = events.ProposalApproved(about=ABOUT, digest=Digest("d" * 64), approvals=(str(BO), str(CY)))
    assert what(event) == f"Quorum reached on plan `{'d' * 64}`: approved by <@{APPROVER}> and <@{SECOND}>"


def test_a_plan_is_fixed_not_frozen() -> None:
    event = events.PlanFrozen(about=ABOUT, digest=Digest("d" * 64), revision=1, targets=("v1",))
    assert what(event) == f"plan fixed: `{'d' * 64}`, revision 1, 1 item: `v1`"


WHOLE = Digest("0123456789abcdef" * 4)

WITH_DIGEST = (
    events.PlanFrozen(about=ABOUT, digest=WHOLE, revision=1, targets=tuple(map(media_id, range(20)))),
    events.PlanChanged(about=ABOUT, old=Digest("f" * 64), digest=WHOLE, drift=(), targets=("v" * 80,) * 20),
    events.ProposalApproved(
        about=ABOUT, digest=WHOLE, approvals=tuple(f"T/U{n:010}" for n in range(100)), hold_s=60
    ),
)


@pytest.mark.parametrize("lang", [ENGLISH, CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize("event", WITH_DIGEST, ids=lambda event: type(event).__name__)
def test_a_digest_is_told_whole_where_a_proof_is_compared_with_it(lang: Language, event: Event) -> None:
    message = audit_lines.message(lang, lines(*[event] * LINES), plan_of(Sample(count=20)))
    assert_slack_takes(message)
    shown = "\n".join(texts(list(message.blocks)))
    assert shown.count(f"`{WHOLE}`") == LINES


def test_a_line_says_which_event_when_about_what_and_what() -> None:
    message = audit_lines.message(ENGLISH, lines(events.ProposalWithdrawn(about=ABOUT, by=BO)))
    assert message.text == f"`1` 2026-01-01 00:00:00 #4: <@{APPROVER}> withdrew it"


def test_what_is_about_no_proposal_says_so() -> None:
    refused = events.ProposalRefused(about=proposal_ref(None), by=BO, refusal=Refusal(Rule.GUEST))
    message = audit_lines.message(ENGLISH, lines(refused))
    assert message.text.endswith(f"no proposal: <@{APPROVER}> was refused a proposal: `guest`")


def test_items_are_named_by_title_and_id_so_that_a_search_finds_them() -> None:
    settled = events.ItemsSettled(about=ABOUT, items=(ItemOutcome(media_id(1), Outcome.DELETED),))
    message = audit_lines.message(ENGLISH, lines(settled), plan_of(Sample()))
    assert message.text.endswith(f"result: `Teaser 1` (`{media_id(1)}`) deleted")


def test_of_many_items_the_rest_is_counted() -> None:
    targets = tuple(media_id(n) for n in range(23))
    told = what(events.PlanFrozen(about=ABOUT, digest=Digest("d" * 64), revision=1, targets=targets))
    assert told.endswith(f"`{media_id(19)}` and 3 more")


def test_a_result_that_is_not_the_wished_one_says_so_first() -> None:
    good = events.ExecutionFinished(about=ABOUT, digest=Digest(""), tally={Outcome.DELETED: 2})
    bad = events.ExecutionFinished(about=ABOUT, digest=Digest(""), tally={Outcome.DELETED: 2, Outcome.FAILED: 1})
    assert what(good) == "finished: 2 deleted"
    assert what(bad) == "finished, NOT ALL DELETED: 2 deleted, 1 failed"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (CallAnswer(code="Throttling.User", request_id="7B"), "VOD's error `Throttling.User`, request `7B`"),
        (CallAnswer(request_id="7B"), "VOD answered, request `7B`"),
        (
            CallAnswer(request_id="7B", missing=("a",), refused=("b", "c")),
            "VOD answered, request `7B`, 1 missing, 2 refused",
        ),
        (CallAnswer(not_sent="no longer fresh"), "not sent: `no longer fresh`"),
        (CallAnswer(because=Cause(why=Why.CLOSED)), "not sent: `the proposal was closed first`"),
    ],
)
def test_what_vod_answered_is_told(answer: CallAnswer, told: str) -> None:
    assert what(events.CallAnswered(about=ABOUT, call=CALL, state="done", answer=answer)).endswith(told)


def test_an_unknown_event_is_shown_raw() -> None:
    raw = '{"action":"policy.changed","data":{"to":"<!here>"}}'
    told = what(UnknownEvent(about=ABOUT, by=BO, named="policy.changed", payload=raw))
    assert told == '`policy.changed` `{"action":"policy.changed","data":{"to":"&lt;!here&gt;"}}`'


def test_a_head_is_one_line_of_its_own() -> None:
    message = audit_lines.head(ENGLISH, 9, "b" * 64)
    assert_slack_takes(message)
    assert message.text == f"Head of the log: event 9, `{'b' * 64}`"


def test_a_stretch_of_an_earlier_version_ends_with_its_head_however_long_it_is() -> None:
    message = audit_lines.stretch(ENGLISH, lines(*[EVERY[0]] * LINES), 15, "b" * 64)
    assert_slack_takes(message)
    anchor = f"Head of the log: event 15, `{'b' * 64}`"
    assert message.text.endswith(f"\n{anchor}")
    assert list(texts(list(message.blocks)))[-1] == anchor


def test_events_that_cannot_be_shown_are_named() -> None:
    message = audit_lines.bare(ENGLISH, lines(*EVERY[:2]))
    assert_slack_takes(message)
    assert message.text == "Events that could not be shown here; they are in the log: `1`, `2`."
