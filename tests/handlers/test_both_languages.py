"""Everything that people read, in Chinese: fit for Slack, whole, and nothing of it still in English."""

import dataclasses
import re
from collections.abc import Iterator

import pytest
from slack_sdk.models.views import View

from deletion.approval.people.questions import Named, Question
from deletion.audit import events, notices
from deletion.audit.events import Event
from deletion.audit.messages.delivery import LogLine
from deletion.audit.notices import Notice
from deletion.plan.facts import Warn
from deletion.releases import Release, Released
from deletion.terms import ids
from deletion.terms.ids import ProposalNumber, QuestionId
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from deletion.views import OtherProposal, ProposalView, ToApprove
from handlers.cards import anchor_card, audit_card, proposal_card
from handlers.cards.parts import questions
from handlers.commands.files import told as list_answers
from handlers.text import reasons, words
from handlers.text.blocks import Message
from handlers.text.facts import vod_errors
from handlers.text.language import ENGLISH, Language
from handlers.text.told import audit_lines, channel, direct, private, thread
from handlers.views import answer, approve, ask
from sandbox.slack.model.block_kit.blocks import message_problems, texts, view_problems
from tests.catalogues import CHINESE
from tests.deletion.every_event import EVERY, NOTICES, ON_A_FREEZE
from tests.handlers import people_told
from tests.handlers.samples import (
    APPROVER,
    KINDS,
    NOW_MS,
    PROPOSER,
    RECORD,
    Sample,
    freeze,
    hidden_characters,
    shown,
    view,
    vote,
)
from vod import Advice

NOT_PROSE = re.compile(
    r"`[^`]*`|<[^>]*>|\b[A-Z]+(?:_[A-Z]+)+\b|--\w+|https?://\S+|\b(?=\w*\d)[0-9a-f]{4,}\b|\bU0\w+"
)
"""Code, mentions, links, dates, options, settings, ids: the same in every language."""

NAMES = """
AccessKey CA CSV Countersign DNS HD ID Normal RAM Secret Slack URL UTC VOD kB MB GB TB mp mp4 DeleteVideo
cover snapshot sprite origin cn shanghai
"""
"""Names, units and codes that Chinese sentences keep."""

SAMPLES = "Marketing Poster Teaser campaign expired in png rights source still use"
OUTSIDE = "amp bold channel click evil example gt http https lt tick"
"""What the samples say themselves, the hostile ones last."""

KEPT = frozenset(f"{NAMES} {SAMPLES} {OUTSIDE}".split())


def english_in(message: Message) -> set[str]:
    said = NOT_PROSE.sub(" ", "\n".join([message.text, *texts(list(message.blocks))]))
    return set(re.findall(r"[A-Za-z]{2,}", said)) - KEPT


def assert_chinese(message: Message) -> None:
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []
    assert english_in(message) == set(), message.text


def told(lang: Language, each: Event | Notice) -> Iterator[Message]:
    """Render something everywhere that it can be told."""
    made = view(Sample(State.FINISHED, outcomes=(Outcome.FAILED,)))
    if isinstance(each, thread.ThreadTold):
        yield thread.message(lang, each, made)
    if isinstance(each, questions.Told):
        yield from (questions.message(lang, each, made), questions.direct(lang, each, made))
    if isinstance(each, direct.DirectTold):
        yield direct.message(lang, each, made, approvals="C0VODDELETE")
    if isinstance(each, private.PrivateTold):
        yield private.message(lang, each, made)
    if isinstance(each, list_answers.ListTold):
        yield list_answers.message(lang, each, approvals="<#C0VODDELETE>")
    if isinstance(each, notices.ListProblems):
        yield Message(list_answers.problems_comment(lang, each))
    if isinstance(each, channel.ChannelTold):
        yield channel.message(lang, each)
        yield from (channel.message(lang, each, found) for found in releases())
    yield from people_told.messages(lang, each)
    if isinstance(each, events.AnchorLost):
        yield from (anchor_card.card(lang, each, found) for found in (None, *releases()))


def releases() -> Iterator[Release]:
    """Return nothing to release, and deletions in every state that something else holds as well."""
    yield Release((), 0, 0, 0)
    request = KINDS["videos"].request(1)
    states = (State.APPROVED, State.EXECUTING, State.FINISHED)
    found = tuple(Released(4, request, 3, 1, 45_200_000, state, PROPOSER, None) for state in states)
    for held_by in (ids.FREEZE, ids.ANCHOR):
        yield Release(found, 75, 90, 45_200_000, held_by)


ALL = pytest.mark.parametrize("each", [*EVERY, *ON_A_FREEZE, *NOTICES], ids=lambda each: type(each).__name__)


@ALL
def test_whatever_is_told_is_told_in_chinese(each: Event | Notice) -> None:
    for message in told(CHINESE, each):
        assert_chinese(message)


@pytest.mark.parametrize("each", [*EVERY, *ON_A_FREEZE], ids=lambda each: type(each).__name__)
def test_every_line_for_auditors_is_in_chinese(each: Event) -> None:
    if not isinstance(each, events.UnknownEvent):
        assert_chinese(audit_lines.message(CHINESE, [LogLine(7, NOW_MS, each)], view(Sample()).plan))


def cards() -> Iterator[ProposalView]:
    for state in State:
        for kind in KINDS:
            yield view(Sample(state, kind, min(3, KINDS[kind].most), warnings=tuple(Warn)))
    yield view(Sample(State.EXECUTING, count=60, canary=1, frozen=freeze("")))
    yield view(Sample(State.APPROVED, hold_until_ms=NOW_MS + 1, frozen=freeze("")))
    for outcome in Outcome:
        yield view(Sample(State.FINISHED, count=2, outcomes=(outcome,)))
    other = OtherProposal(3, None)
    yield view(Sample(State.PENDING, again_of=other))
    yield view(Sample(State.FINISHED, outcomes=(Outcome.REFUSED,), again_of=other, again=other))


def named(made: ProposalView) -> str:
    return f"{made.state} {type(made.request).__name__}"


@pytest.mark.parametrize("made", list(cards()), ids=named)
def test_every_card_is_in_chinese(made: ProposalView) -> None:
    assert_chinese(proposal_card.card(CHINESE, made))
    assert_chinese(audit_card.audit_card(CHINESE, made, link=None))


@pytest.mark.parametrize("rule", Rule)
def test_every_refusal_is_in_chinese(rule: Rule) -> None:
    seen = Seen(number=4, state=State.REJECTED, asked=10**10, most=3, needed=2, others=1, actor="U0BO93LXT6W")
    for refused in (Refusal(rule), Refusal(rule, dataclasses.replace(seen, urls=("https://a.example/1.png",) * 9))):
        assert english_in(Message(words.refusal(CHINESE, refused))) == set()
        assert words.refusal(CHINESE, refused) != words.refusal(ENGLISH, refused)


@pytest.mark.parametrize("why", sorted(set(Why) - {Why.EARLIER_WORDS}))
def test_every_cause_is_in_chinese(why: Why) -> None:
    cause = Cause(why=why, outcome=Outcome.FAILED)
    assert english_in(Message(reasons.cause(CHINESE, cause))) == set()


@pytest.mark.parametrize("advice", Advice)
def test_every_advice_is_in_chinese(advice: Advice) -> None:
    assert english_in(Message(vod_errors.advice(CHINESE, advice))) == set()


def forms() -> Iterator[View]:
    shown_, plan = shown(4), view(Sample(count=3, warnings=tuple(Warn))).plan
    assert plan is not None
    asked = tuple(Question(QuestionId(n), PROPOSER, "still in use") for n in range(1, 6))
    yield from (
        approve.build(CHINESE, shown_, "C1", ToApprove(plan, asked), asks_number=asks) for asks in (True, False)
    )
    yield ask.build(CHINESE, shown_, "C1")
    yield ask.over(
        CHINESE, ask.title(CHINESE, 4), words.refusal(CHINESE, Refusal(Rule.OWN_QUESTION)), "still in use"
    )
    yield answer.build(CHINESE, Named(RECORD, ProposalNumber(4), QuestionId(1)), asked[0], "C1")


@pytest.mark.parametrize("form", list(forms()), ids=lambda form: str(form.callback_id))
def test_every_form_of_a_card_is_in_chinese(form: View) -> None:
    made = form.to_dict()
    assert view_problems(made) == []
    assert english_in(Message(str(made["title"]["text"]), tuple(made["blocks"]))) == set()


def test_a_card_with_questions_comments_and_approvers_is_in_chinese() -> None:
    votes = (dataclasses.replace(vote(APPROVER), comment="still in use"),)
    for kind in KINDS:
        made = dataclasses.replace(
            view(Sample(kind=kind, count=min(3, KINDS[kind].most), votes=votes)),
            questions=(Question(QuestionId(1), APPROVER, "still in use"),),
            approvers=frozenset({APPROVER}),
        )
        assert_chinese(proposal_card.card(CHINESE, made))
