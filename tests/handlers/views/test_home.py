"""The Home tab with the longest contents, in both languages: one that Slack takes, and slack_sdk reads."""

import dataclasses
import json
from typing import Any

import pytest
from slack_sdk.models.views import View

from deletion.approval.requests.daily import Left
from deletion.home import COUNTED_MOST, ENDED_SHOWN, SHOWN, Home
from deletion.listed import Listed
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import State
from handlers.cards import ids
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH, Language
from handlers.views import home as home_view
from handlers.views.home import Around
from sandbox.slack.model.block_kit.blocks import VIEW_BYTES, home_problems, texts
from tests.catalogues import CHINESE
from tests.handlers import samples
from tests.handlers.samples import (
    APPROVER,
    BIDI,
    HOSTILE,
    NOW_MS,
    Sample,
    freeze,
    hidden_characters,
    in_list,
    listing,
)
from tests.handlers.test_both_languages import english_in
from tests.rules import rules

AROUND = Around("https://example.slack.com/", "C0VODDELETE")
POLICY = rules(home_team=samples.HOME, approvers=frozenset({APPROVER}), hold_s=30)
LONGEST = f"{HOSTILE}{BIDI}" + "&" * 2_000


def long(state: State, **facts: Any) -> Listed:
    ending = dataclasses.replace(samples.ENDINGS[State.REJECTED], why=LONGEST)
    one = in_list(Sample(state, count=3, reason=LONGEST, ending=ending), **facts)
    return dataclasses.replace(one, first_title=LONGEST)


def home(*, waiting: int = 0, mine: int = 0, under_way: int = 0, ended: int = 0, **facts: Any) -> Home:
    made: dict[str, Any] = {
        "person": Actor(samples.HOME, APPROVER),
        "waiting": listing(*[long(State.PENDING)] * waiting, total=COUNTED_MOST if waiting else 0),
        "mine": listing(*[long(State.PENDING)] * mine, total=10 * mine),
        "under_way": listing(*[long(State.APPROVED)] * under_way, total=10**6 * bool(under_way)),
        "ended": listing(*[long(State.REJECTED, finished_ms=NOW_MS)] * ended, frozen=freeze(LONGEST)),
        "may_propose": None,
        "may_approve": True,
        "left": Left(10**9, 10**9),
        "open": 10**9,
        "lately": 10**9,
        "has_voted": True,
    }
    return Home(**{**made, **facts})


EVERYTHING = home(waiting=SHOWN, mine=SHOWN, under_way=SHOWN, ended=ENDED_SHOWN)
NOTHING = home(ended=0)
LANGUAGES = pytest.mark.parametrize("lang", [ENGLISH, CHINESE], ids=str)


def checked(view: View) -> dict[str, Any]:
    made: dict[str, Any] = view.to_dict()
    assert home_problems(made) == []
    assert len(json.dumps(made).encode()) < VIEW_BYTES / 2
    view.validate_json()
    message = Message("x", tuple(made["blocks"]))
    assert hidden_characters(message) == []
    for text in texts(made["blocks"]):
        assert "<!" not in text.replace("<!date^", "")
        assert "<@U0DEE7H4PVC>" not in text.replace("&lt;@U0DEE7H4PVC&gt;", "")
    return made


@LANGUAGES
@pytest.mark.parametrize("shown", [EVERYTHING, NOTHING], ids=["everything", "nothing"])
def test_whatever_there_is_to_see_slack_takes_the_tab(lang: Language, shown: Home) -> None:
    made = checked(home_view.build(lang, shown, POLICY, AROUND, said="x" * 5_000))
    assert len(made["blocks"]) <= 60
    if lang is CHINESE:
        assert english_in(Message("", tuple(checked(home_view.build(lang, home(), POLICY, AROUND))["blocks"]))) <= {
            "vod",
        }


@LANGUAGES
@pytest.mark.parametrize("rule", [Rule.GUEST, Rule.STRANGER, Rule.NOT_A_READER, Rule.UNKNOWN_PERSON])
def test_who_is_turned_away_sees_why_and_a_way_to_try_again(lang: Language, rule: Rule) -> None:
    made = checked(home_view.turned_away(lang, Refusal(rule), NOW_MS))
    assert [block["type"] for block in made["blocks"]] == ["actions", "section", "context"]


def actions(view: View) -> list[str]:
    blocks = view.to_dict()["blocks"]
    return [block["accessory"]["action_id"] for block in blocks if "accessory" in block]


def test_each_proposal_has_the_one_button_that_is_its_readers_to_press() -> None:
    shown = home(waiting=1, mine=1, under_way=1, ended=1)
    assert actions(home_view.build(ENGLISH, shown, POLICY, AROUND)) == [ids.OPEN_CARD, ids.STOP, ids.WITHDRAW]
    auditor = dataclasses.replace(shown, person=Actor(samples.HOME, "U0AUDITOR"), may_approve=False)
    assert actions(home_view.build(ENGLISH, auditor, POLICY, AROUND)) == [ids.WITHDRAW]
    nowhere = Around("", "C0VODDELETE")
    assert ids.OPEN_CARD not in actions(home_view.build(ENGLISH, shown, POLICY, nowhere))


def test_what_is_counted_no_further_says_so() -> None:
    told = "\n".join(texts(home_view.build(ENGLISH, EVERYTHING, POLICY, AROUND).to_dict()["blocks"]))
    assert "Waiting for your approval · 1,000 or more" in told
    assert "… and 990 more: see `/vod list`." in told
