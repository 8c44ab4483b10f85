import json

import pytest

from deletion.terms import canonical
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.states import State


@pytest.mark.parametrize("rule", Rule)
def test_every_refusal_survives_being_stored(rule: Rule) -> None:
    refusal = Refusal(rule, Seen(number=7, state=State.PENDING, urls=("a", "b")))

    assert Refusal.from_json(json.loads(canonical.dumps(refusal.to_json()))) == refusal


def test_a_refusal_needs_no_facts() -> None:
    assert Refusal.from_json(Refusal(Rule.BOT).to_json()) == Refusal(Rule.BOT)


def test_an_unknown_rule_is_not_read() -> None:
    with pytest.raises(ValueError, match="because"):
        Refusal.from_json({"rule": "because", "facts": {}})


def test_what_an_earlier_version_saw_besides_is_passed_over() -> None:
    stored = {"rule": "not open", "facts": {"number": 7, "state": "pending", "note": {"why": ["a"]}}}

    assert Refusal.from_json(stored) == Refusal(Rule.NOT_OPEN, Seen(number=7, state=State.PENDING))
