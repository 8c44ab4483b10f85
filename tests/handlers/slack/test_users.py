"""Who a person is, asked of Slack: whatever it cannot or will not say is a failed lookup, which is a no."""

from typing import Any

import pytest
from slack_sdk import WebClient

from deletion.terms.people import Actor, LookupFailedError, Person, unfit
from deletion.terms.refusals import Rule
from handlers.slack.api import users
from handlers.slack.api.users import SlackDirectory
from sandbox.slack import SlackSandbox
from sandbox.slack.model.directory import PARTNER_TEAM_ID, TEAM_ID
from sandbox.slack.model.faults import FaultKind

MEMBER: dict[str, Any] = {
    "id": "U1",
    "team_id": "T1",
    "deleted": False,
    "is_bot": False,
    "is_restricted": False,
    "is_ultra_restricted": False,
}


@pytest.fixture
def people(local_slack: SlackSandbox) -> SlackDirectory:
    client = WebClient(local_slack.bot_token, base_url=local_slack.api_url, timeout=2, retry_handlers=[])
    return SlackDirectory(client)


def test_everybody_in_the_workspace_is_who_they_are(local_slack: SlackSandbox, people: SlackDirectory) -> None:
    expected = {
        "ana": None,
        "bo": None,
        "gus": Rule.GUEST,
        "sol": Rule.GUEST,
        "eve": Rule.STRANGER,
        "kim": Rule.DEACTIVATED,
        "ron": Rule.BOT,
        "countersign": Rule.BOT,
    }
    found = {}
    for name in expected:
        person = people.read(Actor(TEAM_ID, local_slack.user(name).id))
        refusal = unfit(person, home_team=TEAM_ID)
        found[name] = refusal.rule if refusal else None
    assert found == expected


def test_a_persons_workspace_is_the_one_slack_says(local_slack: SlackSandbox, people: SlackDirectory) -> None:
    eve = local_slack.user("eve")
    assert people.read(Actor(TEAM_ID, eve.id)).actor == Actor(PARTNER_TEAM_ID, eve.id)


def test_nobodys_standing_is_remembered(local_slack: SlackSandbox, people: SlackDirectory) -> None:
    actor = Actor(TEAM_ID, local_slack.user("bo").id)
    assert not people.read(actor).deleted
    local_slack.change_person("bo", deleted=True)
    assert people.read(actor).deleted


def test_somebody_slack_does_not_know_is_a_failed_lookup(people: SlackDirectory) -> None:
    with pytest.raises(LookupFailedError, match="user_not_found"):
        people.read(Actor(TEAM_ID, "U0NOBODY"))


@pytest.mark.parametrize(
    "kind",
    [FaultKind.RATELIMITED, FaultKind.HTTP_503, FaultKind.RESET_BEFORE, FaultKind.DOWN, FaultKind.INTERNAL_ERROR],
)
def test_a_slack_that_fails_is_a_failed_lookup(
    local_slack: SlackSandbox, people: SlackDirectory, kind: FaultKind
) -> None:
    local_slack.faults.add(kind, "users.info")
    with pytest.raises(LookupFailedError):
        people.read(Actor(TEAM_ID, local_slack.user("bo").id))


def test_a_slack_that_is_not_there_is_a_failed_lookup(local_slack: SlackSandbox, people: SlackDirectory) -> None:
    local_slack.stop()
    with pytest.raises(LookupFailedError):
        people.read(Actor(TEAM_ID, "U1"))


def test_a_missing_scope_is_a_failed_lookup(local_slack: SlackSandbox, people: SlackDirectory) -> None:
    local_slack.scopes.remove("users:read")
    with pytest.raises(LookupFailedError, match="missing_scope"):
        people.read(Actor(TEAM_ID, local_slack.user("bo").id))


@pytest.mark.parametrize(
    ("code", "is_final"),
    [
        ("user_not_found", True),
        ("user_not_visible", True),
        ("missing_scope", False),
        ("two_factor_setup_required", False),
        ("team_not_found", False),
        ("method_deprecated", False),
    ],
)
def test_only_what_slack_says_of_the_person_is_its_last_word(
    local_slack: SlackSandbox, people: SlackDirectory, code: str, *, is_final: bool
) -> None:
    """Else a deletion would be ended, and approvals be void for good, for an error that is about the bot."""
    local_slack.faults.add(FaultKind.ERROR, "users.info", error=code)
    with pytest.raises(LookupFailedError, match=code) as failed:
        people.read(Actor(TEAM_ID, local_slack.user("bo").id))
    assert failed.value.is_final is is_final


def test_a_full_member_is_nothing_else() -> None:
    assert users._person(MEMBER, "U1") == Person(Actor("T1", "U1"), False, False, False, False)


@pytest.mark.parametrize("flag", sorted(MEMBER))
def test_a_flag_that_is_missing_is_never_taken_for_a_no(flag: str) -> None:
    user = {name: value for name, value in MEMBER.items() if name != flag}
    with pytest.raises(KeyError):
        users._person(user, "U1")


@pytest.mark.parametrize(
    "flags",
    [{"deleted": True}, {"is_stranger": True}, {"is_invited_user": True}],
)
def test_accounts_that_slack_says_less_of_are_still_told_apart(flags: dict[str, bool]) -> None:
    user = {name: value for name, value in MEMBER.items() if "restricted" not in name} | flags
    refusal = unfit(users._person(user, "U1"), home_team="T1")
    assert refusal is not None
    assert refusal.rule is (Rule.DEACTIVATED if "deleted" in flags else Rule.STRANGER)


@pytest.mark.parametrize(
    ("flags", "rule"),
    [
        ({"id": "USLACKBOT"}, Rule.BOT),
        ({"is_workflow_bot": True}, Rule.BOT),
        ({"is_bot": True}, Rule.BOT),
        ({"is_restricted": True}, Rule.GUEST),
        ({"is_ultra_restricted": True}, Rule.GUEST),
        ({"team_id": "T2"}, Rule.STRANGER),
    ],
)
def test_each_flag_alone_is_enough(flags: dict[str, Any], rule: Rule) -> None:
    refusal = unfit(users._person(MEMBER | flags, str((MEMBER | flags)["id"])), home_team="T1")
    assert refusal is not None
    assert refusal.rule is rule
