"""Outside text, made fit for people: nothing in it is obeyed, and numbers read as people say them."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.text import escaping
from handlers.text.language import ENGLISH
from tests.handlers.samples import BIDI, HOSTILE, is_obeyed, patient

ANY = st.text(st.characters(), max_size=200)
MOST = st.integers(1, 200)
MARKUP = re.compile(r"<[^>]*>")


@patient
@given(ANY)
@example(BIDI)
def test_no_control_or_bidirectional_character_survives(outside: str) -> None:
    assert not any(is_obeyed(char) or char == "\n" for char in escaping.visible(outside))


@pytest.mark.parametrize(
    ("outside", "shown"),
    [
        ("a\u202eb", "a\\u202Eb"),
        ("a\x00b", "a\\u0000b"),
        ("a\x1bb", "a\\u001Bb"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("a\u200bb", "a\\u200Bb"),
        ("a\ufeffb", "a\\uFEFFb"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("a\U000e0041b", "a\\U000E0041b"),
        ("a\ud800b", "a\\uD800b"),
        ("a\ue000b", "a\\uE000b"),
    ],
)
def test_what_would_be_obeyed_is_shown_by_its_code(outside: str, shown: str) -> None:
    assert escaping.visible(outside) == shown


@pytest.mark.parametrize("gap", ["\n", "\r\n", "\r", "\t"])
def test_line_breaks_and_tabs_become_one_space(gap: str) -> None:
    assert escaping.visible(f"a{gap}b") == "a b"


@pytest.mark.parametrize(
    "harmless",
    ["春季发布会预告片", "👩\u200d💻", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "☂\ufe0f", "naïve café"],
)
def test_the_scripts_and_emoji_of_people_stay_as_they_are(harmless: str) -> None:
    assert escaping.visible(harmless) == harmless


@patient
@given(ANY)
def test_shown_text_stays_as_it_is_when_shown_again(outside: str) -> None:
    once = escaping.visible(outside)
    assert escaping.visible(once) == once


@patient
@given(ANY, MOST)
def test_a_clipped_text_fits_and_says_that_it_was_cut(outside: str, most: int) -> None:
    clipped = escaping.clip(outside, most)
    assert len(clipped) <= most
    assert clipped == outside or (clipped.endswith(escaping.ELLIPSIS) and outside.startswith(clipped[:-1]))


@patient
@given(ANY)
@example(HOSTILE)
def test_an_escaped_text_has_no_markup_and_can_be_read_back(outside: str) -> None:
    escaped = escaping.escape(outside)
    assert not set("<>") & set(escaped)
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == outside


@patient
@given(ANY, MOST)
@example("&<>" * 40, 7)
def test_a_safe_text_is_cut_before_it_is_escaped(outside: str, most: int) -> None:
    safe = escaping.safe(outside, most)
    assert not MARKUP.search(safe)
    assert not re.search("&(?!amp;|lt;|gt;)", safe)
    assert len(safe.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) <= max(most, len("(empty)"))


@patient
@given(ANY, MOST)
@example("a`<!channel>`b", 200)
def test_a_code_span_holds_everything_in_it(outside: str, most: int) -> None:
    span = escaping.code(outside, most)
    assert span[0] == span[-1] == "`"
    assert not set("`<>\n") & set(span[1:-1])


@patient
@given(ANY, MOST)
def test_plain_text_is_never_nothing(outside: str, most: int) -> None:
    assert escaping.plain(outside, most)


def test_an_empty_text_says_so() -> None:
    assert escaping.plain("") == "(empty)"


@patient
@given(ANY)
def test_a_mention_names_only_ids(outside: str) -> None:
    assert (
        escaping.mention(outside) == f"<@{outside}>" if outside.isalnum() else "<" not in escaping.mention(outside)
    )


@patient
@given(st.integers(0, 4_102_444_800_000))
def test_a_moment_is_told_in_slacks_own_way_with_utc_for_the_rest(at_ms: int) -> None:
    seconds = at_ms // 1000
    found = re.fullmatch(
        r"<!date\^(\d+)\^\{date_short_pretty\} at \{time\}\|[\d-]{10} [\d:]{5} UTC>", ENGLISH.moment(at_ms)
    )
    assert found
    assert int(found[1]) == seconds


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (None, None),
        (0, "0:00"),
        (499, "0:00"),
        (59_501, "1:00"),
        (61_250, "1:01"),
        (3_599_600, "1:00:00"),
        (3_723_000, "1:02:03"),
        (360_000_000, "100:00:00"),
    ],
)
def test_durations_read_as_clocks(ms: int | None, told: str | None) -> None:
    assert escaping.duration(ms) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (None, None),
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (12_582_912, "12.6 MB"),
        (999_949, "999.9 kB"),
        (180_000_000_000, "180.0 GB"),
        (7_000_000_000_000_000, "7,000.0 TB"),
    ],
)
def test_sizes_are_told_in_decimal_units(count: int | None, told: str | None) -> None:
    assert ENGLISH.size(count) == told


def test_no_size_reads_as_a_thousand_of_a_smaller_unit() -> None:
    assert ENGLISH.size(999_999) == "1.0 MB"


@patient
@given(st.lists(st.integers(0, 10**15), min_size=2, max_size=6))
def test_a_greater_size_never_reads_as_less(counts: list[int]) -> None:
    told = [_bytes(str(ENGLISH.size(count))) for count in sorted(counts)]
    assert all(one <= two for one, two in pairwise(told))


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 videos"), (1, "1 video"), (2, "2 videos"), (1_000, "1,000 videos")]
)
def test_things_are_counted(number: int, told: str) -> None:
    assert ENGLISH.say_n("{n} video", "{n} videos", number) == told


@pytest.mark.parametrize(
    ("names", "told"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_joined_as_a_person_would(names: list[str], told: str) -> None:
    assert ENGLISH.listed(names) == escaping.sentence_list(names) == told


def _bytes(told: str) -> float:
    number, unit = told.split(" ")
    return float(number.replace(",", "")) * 1000.0 ** ("B", "kB", "MB", "GB", "TB").index(unit)
