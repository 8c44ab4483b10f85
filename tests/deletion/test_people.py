from itertools import product

import pytest

from deletion.terms.people import Actor, Person, unfit
from deletion.terms.refusals import Rule

HOME, AWAY = "THOME", "TAWAY"


@pytest.mark.parametrize(
    ("deleted", "is_bot", "is_guest", "is_stranger", "team"), list(product(*[(False, True)] * 4, (HOME, AWAY)))
)
def test_only_full_members_of_this_workspace_may_take_part(
    *, deleted: bool, is_bot: bool, is_guest: bool, is_stranger: bool, team: str
) -> None:
    person = Person(Actor(team, "U1"), deleted, is_bot, is_guest, is_stranger)
    reasons = {
        Rule.DEACTIVATED: deleted,
        Rule.BOT: is_bot,
        Rule.STRANGER: is_stranger or team != HOME,
        Rule.GUEST: is_guest,
    }

    refusal = unfit(person, home_team=HOME)

    if refusal is None:
        assert not any(reasons.values())
    else:
        assert reasons[refusal.rule]


def test_a_person_is_named_by_workspace_and_user() -> None:
    assert str(Actor("T1", "U1")) == "T1/U1"
    assert Actor("T1", "U1") != Actor("T2", "U1")
