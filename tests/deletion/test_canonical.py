import hashlib
import json
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from deletion.terms import canonical
from deletion.terms.canonical import NotCanonicalError
from tests.deletion.strategies import ALLOWED, unhurried


class Word(StrEnum):
    YES = "yes"


def as_lists(value: Any) -> Any:
    """Return a value as JSON gives it back."""
    match value:
        case list() | tuple():
            return [as_lists(inner) for inner in value]
        case dict():
            return {key: as_lists(inner) for key, inner in value.items()}
        case _:
            return value


@unhurried
@given(ALLOWED)
def test_the_text_is_that_of_rfc_8785_byte_for_byte(value: Any) -> None:
    assert canonical.dumps(value).encode("utf-8") == rfc8785.dumps(value)


@unhurried
@given(ALLOWED)
def test_a_text_reads_back_as_its_value_and_gives_the_same_text_again(value: Any) -> None:
    text = canonical.dumps(value)

    assert canonical.loads(text) == as_lists(value)
    assert canonical.dumps(canonical.loads(text)) == text


@unhurried
@given(st.dictionaries(st.text(st.characters(max_codepoint=127)), st.integers(0, 9)), st.randoms())
def test_the_order_of_keys_does_not_matter(value: dict[str, int], shuffle: Any) -> None:
    keys = list(value)
    shuffle.shuffle(keys)

    assert canonical.dumps({key: value[key] for key in keys}) == canonical.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        0.0,
        1.0,
        -0.0,
        1e300,
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        10**30,
        "\ud800",
        "a\udfffb",
        b"bytes",
        {1, 2},
        Decimal(1),
        object(),
        {"é": 1},
        {"\ud800": 1},
    ],
)
@pytest.mark.parametrize("around", [lambda v: v, lambda v: [v], lambda v: {"a": {"b": (None, v)}}])
def test_what_has_no_one_text_is_refused_however_deep_it_hides(value: Any, around: Any) -> None:
    with pytest.raises(NotCanonicalError):
        canonical.dumps(around(value))


@unhurried
@given(ALLOWED, st.floats())
def test_a_float_is_refused_wherever_it_is(value: Any, number: float) -> None:
    hidden: Any = [value, {"x": [number]}]
    with pytest.raises(NotCanonicalError):
        canonical.dumps(hidden)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, ""]}, '{"a":[true,null,""],"b":1}'),
        ('\0\x1f"\\/\u2028é春𝄞', '"\\u0000\\u001f\\"\\\\/\u2028é春𝄞"'),
        (Word.YES, '"yes"'),
        (2**53 - 1, "9007199254740991"),
        ((), "[]"),
    ],
)
def test_known_values_have_known_texts(value: Any, text: str) -> None:
    assert canonical.dumps(value) == text


@unhurried
@given(st.text())
def test_the_hash_is_sha_256_over_utf_8(text: str) -> None:
    assert canonical.sha256(text) == hashlib.sha256(text.encode()).hexdigest()


@unhurried
@given(st.text(st.characters(categories=["L", "N", "P", "Cs", "Cc", "So"])))
def test_a_cleaned_text_can_be_stored_and_hashed_and_keeps_all_that_was_sound(text: str) -> None:
    cleaned = canonical.clean(text)

    canonical.sha256(canonical.dumps(cleaned))
    assert "\0" not in cleaned
    assert len(cleaned) == len(text)
    for before, after in zip(text, cleaned, strict=True):
        unsound = before == "\0" or "\ud800" <= before <= "\udfff"
        assert after == ("\ufffd" if unsound else before)
    assert canonical.clean(cleaned) == cleaned


def test_what_was_cut_out_of_an_emoji_is_replaced_like_any_unreadable_sign() -> None:
    assert canonical.clean(json.loads('"Party \\ud83d"')) == "Party \ufffd"
