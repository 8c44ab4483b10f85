"""What people are called and which language they read: remembered for a while, and never in anybody's way."""

import pytest
from slack_sdk import WebClient

from deletion.terms.people import Actor
from handlers.slack import profiles
from handlers.slack.profiles import Profiles
from handlers.slack.users import SlackDirectory
from handlers.text.language import ENGLISH
from sandbox.slack import SlackSandbox
from sandbox.slack.model.directory import TEAM_ID
from sandbox.slack.model.faults import FaultKind
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


def test_nobody_waits_for_a_slack_that_does_not_say(
    local_slack: SlackSandbox, people: Profiles, clock: Clock
) -> None:
    local_slack.change_person("bo", locale="zh-CN")
    bo = local_slack.user("bo").id
    local_slack.faults.add(FaultKind.INTERNAL_ERROR, "users.info")
    assert (people.language(bo), people.name(bo)) == (ENGLISH, None)
    clock.now_s = profiles.RETRY_S
    assert people.language(bo) is CHINESE


def test_of_many_people_the_one_asked_for_longest_ago_is_forgotten(people: Profiles) -> None:
    for number in range(profiles.MOST + 1):
        people.learn({"id": f"U{number}", "name": "x", "locale": "zh-CN"})
    assert people.known_language("U0") is ENGLISH
    assert people.known_language("U1") is CHINESE
