"""The words of a command: where one ends, what a quote holds, what an option takes."""

import pytest

from handlers.commands.syntax.lexing import Quoted, Takes, Words, nearest, option, sort, tokenize

OPTIONS = {"reason": Takes.WORDS, "force": Takes.NOTHING, "of": Takes.WORD}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("  a   b  ", ["a", "b"]),
        ("a\tb\nc", ["a", "b", "c"]),
        ('a "b c" d', ["a", "b c", "d"]),
        ('"" a', ["", "a"]),
        ('"a""b"', ["a", "b"]),
        ("\u201ca 'b' c\u201d", ["a 'b' c"]),
    ],
)
def test_text_is_split_at_white_space_outside_quotes(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("a b", Words(("a", "b"), {}, (), ())),
        ("a --force b", Words(("a", "b"), {"force": ""}, (), ())),
        ("--of a b", Words(("b",), {"of": "a"}, (), ())),
        ("--of --force", Words((), {"of": "", "force": ""}, (), ())),
        ("a --reason b c --force d", Words(("a", "d"), {"reason": "b c", "force": ""}, (), ())),
        ('--reason "--force it"', Words((), {"reason": "--force it"}, (), ())),
        ("--of a --of b --force --force", Words((), {"of": "b", "force": ""}, (("of", 2),), ())),
        ("--frce a", Words(("a",), {}, (), ("--frce",))),
    ],
)
def test_names_are_told_from_options_and_their_values(typed: str, words: Words) -> None:
    assert sort(tokenize(typed), OPTIONS) == words


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("--Force", "force"),
        ("\u2014of", "of"),
        ("\u2013of", "of"),
        ("--", None),
        ("-f", None),
        (Quoted("--of"), None),
    ],
)
def test_an_option_begins_with_two_hyphens_or_what_phones_make_of_them(word: str, name: str | None) -> None:
    assert option(word) == name


def test_the_nearest_word_is_named_only_when_it_is_near() -> None:
    assert nearest("STATSU", ["status", "stop"]) == "status"
    assert nearest("zzz", ["status", "stop"]) is None
