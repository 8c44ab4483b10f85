"""What commands and forms answer, in every language: whole, fit for Slack, and not half in English."""

import dataclasses
import re

import pytest

from deletion.terms.states import State
from handlers.cards.proposal_card import card
from handlers.commands import explanations
from handlers.commands.every_verb import FORMS
from handlers.commands.syntax.problems import Problem, Problems, Wrong
from handlers.commands.verbs import help_page, listing, status
from handlers.text.blocks import Message
from handlers.text.language import ENGLISH, Language, languages
from handlers.views import reject
from sandbox.slack.model.block_kit.blocks import message_problems, texts, view_problems
from tests.catalogues import CHINESE
from tests.handlers import samples
from tests.handlers.commands.test_listing import HOME, ONE
from tests.handlers.samples import Sample, hidden_characters, view
from tests.rules import rules

TOKEN = re.compile(r"<!date\^[^>]*>")

EVERY = pytest.mark.parametrize("language", languages().values(), ids=languages())
"""The same test in each language."""


def assert_whole(message: Message) -> None:
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []
    assert not [text for text in (message.text, *texts(list(message.blocks))) if "{" in TOKEN.sub("", text)]


def shown(message: Message) -> str:
    return "\n".join(texts(list(message.blocks)))


@EVERY
def test_help_is_whole(language: Language) -> None:
    message = help_page.page(language, FORMS, rules())
    assert_whole(message)
    assert ("Whole videos" in shown(message)) == (language is ENGLISH)


@EVERY
@pytest.mark.parametrize("code", Wrong)
def test_every_problem_is_explained(language: Language, code: Wrong) -> None:
    problem = Problem(code, "word", number=2, most=1_000, known=("one", "two"), nearest="one")
    for each in (problem, dataclasses.replace(problem, nearest=None, number=1)):
        assert_whole(explanations.page(language, Problems((each,), "delete"), FORMS))
        translated = explanations.explained(language, each) != explanations.explained(ENGLISH, each)
        assert translated == (language is not ENGLISH)


@EVERY
def test_a_list_is_whole(language: Language) -> None:
    found = samples.listing(ONE, total=1_234)
    message = listing.shown(language, found, HOME)
    assert_whole(message)
    assert ("ago" in shown(message)) == (language is ENGLISH)


@EVERY
@pytest.mark.parametrize("state", State)
def test_a_status_is_whole(language: Language, state: State) -> None:
    message = status.shown(language, view(Sample(state)))
    assert message_problems(list(message.blocks)) == []
    assert message.text
    assert card(language, view(Sample(state))).text in message.text


@EVERY
def test_the_form_is_one_that_slack_takes(language: Language) -> None:
    assert view_problems(reject.build(language, samples.shown(10**9), "C0VODDELETE").to_dict()) == []


def test_an_age_is_written_as_chinese_people_write_it() -> None:
    found = samples.listing(ONE)
    assert "2小时前提出" in shown(listing.shown(CHINESE, found, HOME))
