"""What people are called and which language they read: remembered for a while, and never in anybody's way."""

from typing import Any

import pytest
from slack_sdk import WebClient

from deletion.terms.people import Actor
from handlers.slack.api import profiles
from handlers.slack.api.profiles import Profiles
from handlers.slack.api.users import SlackDirectory
from handlers.text.language import ENGLISH
from sandbox.slack import SlackSandbox
from sandbox.slack.model.directory import TEAM_ID
from tests.catalogues import CHINESE


class Clock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(local_slack: SlackSandbox) -> WebClient:
    return WebClient(local_slack.bot_token, base_url=local_slack.api_url, timeout=2, retry_handlers=[])


@pytest.fixture
def people(client: WebClient, clock: Clock) -> Profiles:
    return Profiles(client, ENGLISH, monotonic_s=clock)


def asked(slack: SlackSandbox) -> int:
    return sum(call.method == "users.info" for call in slack.calls)


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-CN", CHINESE), ("zh-TW", CHINESE), ("en-US", ENGLISH), ("de-DE", ENGLISH)]
)
def test_a_person_reads_the_language_they_set_in_slack(
    local_slack: SlackSandbox, client: WebClient, locale: str, language: object
) -> None:
    local_slack.change_person("bo", locale=locale)
    bo = local_slack.user("bo")
    assert Profiles(client, CHINESE).language(bo.id) is language
    assert Profiles(client, CHINESE).name(bo.id) == bo.label


def test_what_is_known_is_told_without_asking(local_slack: SlackSandbox, people: Profiles) -> None:
    local_slack.change_person("bo", locale="zh-CN")
    bo = local_slack.user("bo").id
    assert people.known_language(bo) is ENGLISH
    assert people.language(bo) is CHINESE
    assert people.known_language(bo) is CHINESE


def test_a_language_is_remembered_for_a_while(local_slack: SlackSandbox, people: Profiles, clock: Clock) -> None:
    bo = local_slack.user("bo").id
    assert people.language(bo) is ENGLISH
    local_slack.change_person("bo", locale="zh-CN")
    assert people.language(bo) is ENGLISH
    clock.now_s = profiles.REMEMBERED_S
    assert people.language(bo) is CHINESE


def test_a_question_about_somebodys_rights_tells_the_language_as_well(
    local_slack: SlackSandbox, client: WebClient, people: Profiles
) -> None:
    local_slack.change_person("bo", locale="zh-CN")
    bo = local_slack.user("bo").id
    SlackDirectory(client, people.learn).read(Actor(TEAM_ID, bo))
    assert people.known_language(bo) is CHINESE


def test_whom_an_answer_could_not_wait_for_is_looked_up_afterwards(
    local_slack: SlackSandbox, people: Profiles, clock: Clock
) -> None:
    local_slack.change_person("bo", locale="zh-CN")
    bo = local_slack.user("bo").id
    assert people.known_language(bo) is ENGLISH
    assert asked(local_slack) == 0
    assert [people.look_up_one(), people.look_up_one()] == [True, False]
    assert people.known_language(bo) is CHINESE
    assert not people.look_up_one()
    local_slack.change_person("bo", locale="en-US")
    clock.now_s = profiles.REMEMBERED_S
    assert people.known_language(bo) is CHINESE
    assert people.look_up_one()
    assert people.known_language(bo) is ENGLISH


def test_only_so_many_wait_to_be_looked_up(people: Profiles) -> None:
    for number in range(profiles.WANTED_MOST + 5):
        people.known_language(f"U{number}")
    looked_up = 0
    while people.look_up_one():
        looked_up += 1
    assert looked_up == profiles.WANTED_MOST


def test_a_profile_is_asked_for_once_until_it_is_old(
    local_slack: SlackSandbox, people: Profiles, clock: Clock
) -> None:
    bo = local_slack.user("bo").id
    assert [people.name(bo), people.name(bo), people.language(bo)] == ["Bo", "Bo", ENGLISH]
    assert asked(local_slack) == 1
    clock.now_s += profiles.REMEMBERED_S
    assert people.name(bo) == "Bo"
    assert asked(local_slack) == 2


def test_somebody_slack_does_not_know_is_not_asked_about_at_once_again(
    local_slack: SlackSandbox, people: Profiles, clock: Clock
) -> None:
    assert [people.name("U0NOBODY"), people.name("U0NOBODY")] == [None, None]
    assert asked(local_slack) == 1
    clock.now_s += profiles.RETRY_S
    assert people.name("U0NOBODY") is None
    assert asked(local_slack) == 2


def test_an_old_profile_is_better_than_none(local_slack: SlackSandbox, people: Profiles, clock: Clock) -> None:
    local_slack.change_person("bo", locale="zh-CN")
    bo = local_slack.user("bo").id
    people.name(bo)
    clock.now_s += profiles.REMEMBERED_S
    local_slack.faults.add("http_503", "users.info")
    assert (people.name(bo), people.language(bo)) == ("Bo", CHINESE)


@pytest.mark.parametrize("fault", ["ratelimited", "http_503", "reset_before", "internal_error"])
def test_a_failed_look_up_is_no_error(local_slack: SlackSandbox, people: Profiles, fault: str) -> None:
    local_slack.faults.add(fault, "users.info")
    bo = local_slack.user("bo").id
    assert (people.name(bo), people.language(bo)) == (None, ENGLISH)


def test_after_a_slow_answer_nobody_is_asked_about_for_a_while(
    local_slack: SlackSandbox, client: WebClient, people: Profiles, clock: Clock
) -> None:
    asking = client.users_info

    def slowly(**arguments: Any) -> object:
        clock.now_s += 2 * profiles.SLOW_S
        return asking(**arguments)

    client.users_info = slowly  # type: ignore[assignment, method-assign] # the same call, slower
    assert people.name(local_slack.user("bo").id) == "Bo"
    assert people.name(local_slack.user("cy").id) is None
    clock.now_s += profiles.RETRY_S
    assert people.name(local_slack.user("cy").id) == "Cy"


def test_of_many_people_the_one_asked_for_longest_ago_is_forgotten(people: Profiles) -> None:
    for number in range(profiles.MOST + 1):
        people.learn({"id": f"U{number}", "name": "x", "locale": "zh-CN"})
    assert people.known_language("U0") is ENGLISH
    assert people.known_language("U1") is CHINESE


@pytest.mark.parametrize("record", [{"profile": None}, {"profile": "none"}, {"profile": {"display_name": None}}])
def test_a_user_object_of_another_shape_names_nobody_and_harms_nobody(
    people: Profiles, record: dict[str, object]
) -> None:
    people.learn({"id": "U1", "locale": "zh-CN", **record})
    assert people.known_language("U1") is CHINESE
    assert people.name("U1") is None
