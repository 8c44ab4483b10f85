from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vod.api import ids

GOOD = st.text(alphabet="0123456789abcdefXYZ_-", min_size=1, max_size=64)


@given(st.lists(GOOD, min_size=1, max_size=20, unique=True))
def test_well_formed_ids_survive_the_journey(given_ids: list[str]) -> None:
    assert ids.joined(given_ids).split(",") == given_ids


@pytest.mark.parametrize(
    "bad", ["", " ", "a,b", "a b", "a\n", "\na", "a" * 65, "片", "a/b", "a%2Cb", "a\u202eb", "a'"]
)
def test_a_malformed_id_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="an id has"):
        ids.joined(["good", bad])
    with pytest.raises(ValueError, match="an id has"):
        ids.single(bad)


@pytest.mark.parametrize("number", [0, 21, 1000])
def test_no_id_and_more_than_twenty_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 20"):
        ids.joined([f"id{n}" for n in range(number)])
    with pytest.raises(ValueError, match="1 to 20"):
        ids.joined_urls([f"https://img.example/{n}.png" for n in range(number)])


def test_a_duplicate_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        ids.joined(["a", "b", "a"])
    with pytest.raises(ValueError, match="twice"):
        ids.joined_urls(["https://a/", "https://a/"])


def test_one_string_is_not_taken_for_a_list_of_letters() -> None:
    with pytest.raises(ValueError, match="list"):
        ids.joined("abc")
    with pytest.raises(ValueError, match="list"):
        ids.joined_urls("https://img.example/a.png")


def test_a_comma_inside_an_address_does_not_split_it() -> None:
    urls = ["https://img.example/a,b.png?auth_key=1-2&x=%20", "http://img.example/字.png"]
    assert [unquote(part) for part in ids.joined_urls(urls).split(",")] == urls


@pytest.mark.parametrize(
    "bad", ["", "img.example/a.png", "ftp://img.example/a", "https://a b", "https://a\n", "javascript:x"]
)
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="address"):
        ids.joined_urls([bad])
