"""What a button carries: two facts, written one way; everything else was not written by us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.cards import ids
from tests.handlers.samples import patient

DIGEST = "0123456789abcdef" * 4
GOOD = ids.button_value(4, DIGEST)

GARBAGE = [
    "",
    "4",
    "null",
    "true",
    "{}",
    "[4]",
    '"' + "x" * 1_990 + '"',
    "[" * 2_000,
    '{"a":' * 300,
    '{"proposal":4}',
    GOOD.replace("4}", "-4}"),
    GOOD.replace("4}", "0}"),
    GOOD.replace("4}", "4.0}"),
    GOOD.replace("4}", "true}"),
    GOOD.replace("4}", '"4"}'),
    GOOD.replace("4}", "9" * 400 + "}"),
    GOOD.replace("4}", "1e400}"),
    GOOD.replace("4}", "\u0664}"),
    GOOD.replace("4}", '4,"approved":true}'),
    GOOD.replace(DIGEST, ""),
    GOOD.replace(DIGEST, DIGEST[:63]),
    GOOD.replace(DIGEST, DIGEST.upper()),
    GOOD.replace(DIGEST, "<!here>" + DIGEST[7:]),
    GOOD.replace(DIGEST, "\\ud800" + DIGEST[1:]),
    GOOD.replace(DIGEST, "\\u0030" + DIGEST[1:]),
    GOOD + GOOD,
    GOOD + "\n",
    " " + GOOD,
]


@patient
@given(st.integers(1, 10**15 - 1), st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_button_reads_back_as_it_was_made(number: int, digest: str) -> None:
    assert ids.read_button(ids.button_value(number, digest)) == (number, digest)


@pytest.mark.parametrize("value", GARBAGE, ids=[value[:40] for value in GARBAGE])
def test_everything_else_is_nobodys_button(value: str) -> None:
    assert ids.read_button(value) is None


@patient
@given(st.text(max_size=200))
def test_reading_a_button_never_raises(value: str) -> None:
    assert ids.read_button(value) is None or ids.button_value(*ids.read_button(value) or (0, "")) == value
