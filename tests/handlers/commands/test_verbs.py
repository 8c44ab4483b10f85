"""The list of commands: what is understood is what help, README and the manifest explain."""

import dataclasses
import json
from pathlib import Path

import pytest

from bot.cli import app_manifest
from deletion.policy.decisions import EVERY_MEMBER, Policy
from handlers.commands.dispatch import Understood, understand
from handlers.commands.every_verb import BY_WORD, FORMS, HINT, VERBS, markdown
from handlers.commands.syntax import media
from handlers.commands.verb import Form
from handlers.commands.verbs import help_page
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from tests.handlers.samples import APPROVER, PROPOSER, hidden_characters
from tests.rules import rules

ROOT = Path(__file__).parents[3]
POLICY = rules(
    approvers=frozenset({APPROVER}),
    proposers=frozenset({PROPOSER}),
    approvals_needed=2,
    expires_after_s=86_400,
    max_items=1_000,
)


def help_of(policy: Policy) -> Message:
    message = help_page.page(ENGLISH, FORMS, policy)
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []
    return message


def shown(message: Message) -> str:
    return "\n".join(texts(list(message.blocks)))


def test_no_word_names_two_commands() -> None:
    assert len(BY_WORD) == sum(len(verb.words) for verb in VERBS)


def test_every_command_is_explained_under_its_name() -> None:
    for verb in VERBS:
        assert verb.forms
        for form in verb.forms:
            assert form.topic.split(" ")[0] == form.usage.split(" ")[0] == verb.name


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.usage)
def test_what_help_writes_is_understood(form: Form) -> None:
    typed = form.usage.replace("<definition or job-id>…", "HD").replace("[", "").replace("]", "")
    typed = typed.replace("cover|snapshot|sprite|sprite-origin|all", "all").replace("<number>", "4")
    typed = typed.replace("<words>", "teaser").replace("[category:", "category:").replace("1GB]", "1GB")
    for name in ("<video-id>", "<image-id or url>", "<id or address>"):
        typed = typed.replace(name, "a1" * 16)
    found = understand(typed.replace('"…"', '"because"').replace("…", ""))
    assert isinstance(found, Understood), (typed, found)
    assert found.verb.name == form.topic.split(" ")[0]


def test_every_level_of_deletion_is_explained() -> None:
    assert {form.topic for form in FORMS if " " in form.topic} == {
        f"delete {level}" for level in (*media.LEVELS, "--file", "--where")
    }


def test_help_explains_every_form_and_the_rules_in_force() -> None:
    told = shown(help_of(POLICY))
    assert all(f"/vod {form.usage}\n    {form.meaning}" in told for form in FORMS)
    rules = told.split("\n")[-1]
    assert f"May propose: <@{PROPOSER}>. May approve: <@{APPROVER}>, never their own." in rules
    assert "It takes 2 approvals; a proposal expires after 24 hours and names at most 1,000 items." in rules


def test_help_says_when_everybody_may_propose() -> None:
    policy = dataclasses.replace(POLICY, proposers=frozenset({EVERY_MEMBER}))
    assert "May propose: every full member of this workspace." in shown(help_of(policy))


def test_help_fits_however_many_people_there_are() -> None:
    many = frozenset(f"U{n:010}" for n in range(1_000))
    help_of(dataclasses.replace(POLICY, approvers=many, proposers=many))


def test_the_table_in_the_readme_is_the_list_of_commands() -> None:
    assert markdown(ENGLISH) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_slack_shows_beside_the_command_is_made_of_the_list() -> None:
    made = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
    (command,) = made["features"]["slash_commands"]
    assert (
        command["usage_hint"]
        == HINT
        == json.loads(app_manifest.text(url=None))["features"]["slash_commands"][0]["usage_hint"]
    )
    named = [hint.split(" ")[0] for hint in HINT.split(" | ")]
    assert set(named) <= set(BY_WORD)
