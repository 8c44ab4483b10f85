"""What the command answers: help that matches the parser, lists that fit, problems all told."""

import dataclasses

import pytest

from deletion.audit.notices import Channels
from deletion.policy.decisions import EVERY_MEMBER
from deletion.terms.states import State
from handlers.cards.proposal_card import Message
from handlers.commands import answers, parsing
from handlers.commands.parsing import Problems
from handlers.text import words
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from storage.tables.proposals import ProposalRow
from tests.handlers.samples import (
    APPROVER,
    BIDI,
    HOSTILE,
    KINDS,
    PROPOSER,
    WITHOUT_PLAN,
    Sample,
    hidden_characters,
    mrkdwn_texts,
    outside_code,
    view,
)
from tests.rules import rules

POLICY = rules(
    approvers=frozenset({APPROVER}),
    proposers=frozenset({PROPOSER}),
    approvals_needed=2,
    expires_after_s=86_400,
    execute_within_s=86_400,
    max_items=1_000,
)


def assert_slack_takes(message: Message) -> None:
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []
    assert not [text for text in (message.text, *mrkdwn_texts(message)) if "<!" in text.replace("<!date^", "")]


def shown(message: Message) -> str:
    return "\n".join(texts(list(message.blocks)))


def rows(count: int, reason: str = "rights expired") -> list[ProposalRow]:
    row = view(Sample(reason=reason)).row
    return [dataclasses.replace(row, id=number) for number in range(count, 0, -1)]


def test_help_explains_every_form_and_the_rules_in_force() -> None:
    message = answers.help_page(POLICY)
    assert_slack_takes(message)
    assert all(usage in shown(message) for usage in answers.USAGE.values())
    assert all(meaning in shown(message) for meaning in answers.MEANING.values())
    rules = list(texts(list(message.blocks)))[-1]
    assert f"May propose: <@{PROPOSER}>. May approve: <@{APPROVER}>, never their own." in rules
    assert "It takes 2 approvals; a proposal expires after 24 hours and names at most 1,000 items." in rules


def test_help_says_when_everybody_may_propose() -> None:
    policy = dataclasses.replace(POLICY, proposers=frozenset({EVERY_MEMBER}))
    assert "May propose: every full member of this workspace." in shown(answers.help_page(policy))


def test_help_fits_however_many_people_there_are() -> None:
    many = frozenset(f"U{n:010}" for n in range(1_000))
    assert_slack_takes(answers.help_page(dataclasses.replace(POLICY, approvers=many, proposers=many)))


def test_help_names_every_command_and_level_that_is_understood() -> None:
    assert {topic.split(" ")[0] for topic in answers.USAGE} == set(parsing.SUBCOMMANDS)
    assert {topic.removeprefix("delete ") for topic in answers.USAGE if " " in topic} == set(parsing.LEVELS)
    assert set(answers.MEANING) == set(answers.USAGE)


@pytest.mark.parametrize("topic", [topic for topic in answers.USAGE if topic.startswith("delete")])
def test_what_help_writes_is_understood(topic: str) -> None:
    for usage in answers.USAGE[topic].split("\n"):
        typed = usage.removeprefix("/vod ").replace("<definition or job-id>…", "HD").replace("[--force]", "--force")
        typed = typed.replace("cover|snapshot|sprite|sprite-origin|all", "all").replace("…", "")
        for name in ("<video-id>", "<image-id or url>"):
            typed = typed.replace(name, "a1" * 16)
        assert isinstance(parsing.parse(typed.replace('""', '"because"')), parsing.Delete), typed


@pytest.mark.parametrize("topic", [*answers.USAGE, "delete", None])
def test_problems_are_listed_with_how_it_is_written(topic: str | None) -> None:
    message = answers.problems(Problems(("One is wrong.", "Two is wrong."), topic))
    assert_slack_takes(message)
    assert message.text.startswith("Nothing was stored or deleted: 2 problems with this command. ")
    assert "One is wrong." in message.text
    assert "• One is wrong.\n• Two is wrong." in shown(message)
    usage = answers.USAGE.get(topic or "", "/vod delete video" if topic == "delete" else "/vod help")
    assert f"It is written like this:\n{usage}" in shown(message)


def test_of_very_many_problems_the_rest_is_counted_and_all_are_readable() -> None:
    found = tuple(f"“{n}{HOSTILE}{BIDI}” is not a video id." for n in range(100))
    message = answers.problems(Problems(found, "delete video"))
    assert_slack_takes(message)
    assert "100 problems" in message.text
    assert shown(message).count("is not a video id") == answers.TOLD_APART
    assert "… and 75 more" in shown(message)


def test_an_accepted_proposal_is_told_with_its_number_and_what_comes_next() -> None:
    message = answers.accepted(4, "3 videos", Channels("C1", "C2"))
    assert_slack_takes(message)
    assert message.text.startswith("Proposal #4 is stored. I am reading 3 videos from VOD now;")
    assert "<#C1>" in message.text


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_asked_for_is_counted_in_its_own_word(kind: str) -> None:
    request = KINDS[kind].request(1)
    assert answers.asked(request) == f"1 {words.NOUNS[type(request)]}"


@pytest.mark.parametrize("state", State)
def test_a_status_is_the_card_without_its_buttons(state: State) -> None:
    message = answers.status(view(Sample(state)))
    assert_slack_takes(message)
    assert message.blocks
    assert not [block for block in message.blocks if block["type"] == "actions" or "accessory" in block]


def test_the_status_of_what_could_not_be_collected_says_why() -> None:
    message = answers.status(view(Sample(State.FAILED)))
    assert "could not be read from VOD. Nothing of it can be deleted:" in message.text
    assert "(VOD does not know it)" in message.text


@pytest.mark.parametrize("state", sorted(WITHOUT_PLAN - {State.FAILED}))
def test_the_status_of_what_was_not_read_yet_is_a_sentence(state: State) -> None:
    assert answers.status(view(Sample(state))).text == f"Proposal #4 {words.STATES[state]}."


def test_an_empty_list_says_so() -> None:
    assert answers.listing([]).text == "No proposals are open."


@pytest.mark.parametrize("count", [1, answers.LISTED, answers.LISTED + 1])
def test_a_list_names_the_newest_and_says_when_there_are_more(count: int) -> None:
    message = answers.listing(rows(count))
    assert_slack_takes(message)
    told = shown(message).split("\n")[1:]
    assert len([line for line in told if line.startswith("*#")]) == min(count, answers.LISTED)
    assert ("… and more; these are the newest 20." in told) == (count > answers.LISTED)
    assert f"*#{count}* video, is waiting for approval. Proposed by <@{PROPOSER}>, expires <!date^" in told[0]


def test_reasons_in_a_list_stand_as_code() -> None:
    message = answers.listing(rows(2, reason=f"*bold* {HOSTILE}"))
    assert_slack_takes(message)
    assert not [text for text in mrkdwn_texts(message) if "bold" in outside_code(text)]
