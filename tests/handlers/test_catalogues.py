"""The catalogues: every sentence in the code is in each, translated whole, and nothing else is."""

from itertools import pairwise

import pytest
from babel.messages.catalog import Message

from handlers.text.language import ENGLISH, Language, for_locale, languages
from tests import catalogues
from tests.catalogues import CHINESE, names_in

UPDATE = "run python -m tests.catalogues, then translate what is new"


def entries(name: str) -> list[Message]:
    return [message for message in catalogues.stored(name) if message.id]


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


@pytest.mark.parametrize("name", languages())
def test_every_sentence_in_the_code_is_in_the_catalogue_and_no_other_is(name: str) -> None:
    in_code = {each.text for each in catalogues.found()}
    in_catalogue = {entry.id if isinstance(entry.id, str) else tuple(entry.id) for entry in entries(name)}
    assert in_code - in_catalogue == set(), UPDATE
    assert in_catalogue - in_code == set(), UPDATE
    assert catalogues.stored(name).obsolete == {}


@pytest.mark.parametrize("name", languages())
def test_every_sentence_is_translated_and_somebody_looked_at_it(name: str) -> None:
    unfinished = [entry.id for entry in entries(name) if entry.fuzzy or not all(forms(entry.string) or [""])]
    assert unfinished == []


@pytest.mark.parametrize("name", languages())
def test_a_translation_has_the_same_values_in_it(name: str) -> None:
    for entry in entries(name):
        wanted = names_in(forms(entry.id)[-1])
        assert all(names_in(text) == wanted for text in forms(entry.string)), entry.id


def test_english_is_said_as_it_stands_in_the_code() -> None:
    assert all(forms(entry.string) == forms(entry.id) for entry in entries(ENGLISH.name))


def test_a_chinese_sentence_has_no_english_punctuation_after_a_chinese_character() -> None:
    for entry in entries(CHINESE.name):
        for text in forms(entry.string):
            wrong = [a + b for a, b in pairwise(text) if "\u4e00" <= a <= "\u9fff" and b in ",;:?!"]
            assert wrong == [], text


def test_bold_stands_apart_or_slack_shows_the_stars() -> None:
    for entry in entries(CHINESE.name):
        for text in forms(entry.string):
            outside = text.split("*")[0::2] if "*" in text else []
            assert all(part[0].isspace() for part in outside[1:] if part), text
            assert all(part[-1].isspace() for part in outside[:-1] if part), text


def test_every_sentence_is_said_with_exactly_the_values_that_are_in_it() -> None:
    for each in catalogues.found():
        if each.values is None:
            continue
        counted = isinstance(each.text, tuple)
        wanted = set().union(*map(names_in, forms(each.text))) - ({"n"} if counted else set())
        assert each.values == wanted, (each.place, each.line, each.text)


def test_one_english_sentence_means_one_thing_in_singular_and_plural() -> None:
    plurals = {each.text[0]: each.text[1] for each in catalogues.found() if isinstance(each.text, tuple)}
    for each in catalogues.found():
        if isinstance(each.text, tuple):
            assert plurals[each.text[0]] == each.text[1]
        else:
            assert each.text not in plurals


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-CN", CHINESE),
        ("zh_CN", CHINESE),
        ("zh", CHINESE),
        ("zh-TW", CHINESE),
        ("en-US", ENGLISH),
        ("en_GB", ENGLISH),
        ("de-DE", None),
        ("", None),
        ("zhuang", None),
    ],
)
def test_a_locale_leads_to_a_language(tag: str, language: Language | None) -> None:
    assert for_locale(tag) is language


def test_numbers_lists_sizes_and_times_are_written_as_the_language_does() -> None:
    assert CHINESE.say_n("{n} video", "{n} videos", 1_200) == "1,200 个视频"
    assert CHINESE.listed(["甲", "乙", "丙"]) == "甲、乙和丙"
    assert CHINESE.either(["甲", "乙"]) == "甲或乙"
    assert CHINESE.series(["甲", "乙"]) == "甲、乙"
    assert CHINESE.size(12_582_912) == "12.6 MB"
    assert CHINESE.lasting(40) == "40 秒"
    assert CHINESE.lasting(7_500) == "2 小时 5 分钟"
    assert CHINESE.moment(0) == "<!date^0^{date_short_pretty} {time}|1970-01-01 00:00 UTC>"
    assert ENGLISH.lasting(7_500) == "2 h 5 min"
    assert ENGLISH.either(["a", "b", "c"]) == "a, b or c"
