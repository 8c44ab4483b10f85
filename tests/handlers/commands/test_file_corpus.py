"""Every file as people make them gives the right names or the right words; no bytes give anything else."""

import io
import random
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deletion.terms.requests.list_files import BadList, FoundList, ListForm, WrongList
from deletion.terms.requests.targets import ImagesOf, Kind, Mezzanines, Request, Streams
from handlers.commands.files import reading, told
from handlers.commands.files.bounds import MOST_PROBLEMS, UnreadableError
from handlers.text.language import languages
from tests.handlers.commands import corpus
from tests.handlers.commands.corpus import CASES, IDS, ROWS, Case, form


def names_of(request: Request) -> list[str]:
    assert not isinstance(request, Streams | ImagesOf)
    return list(getattr(request, "ids", None) or request.urls)  # type: ignore[union-attr] # whichever it has


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_file_gives_the_right_names_or_the_right_words(case: Case) -> None:
    found = reading.read(case.content, case.form)
    if case.why is None:
        assert isinstance(found, FoundList), found
        assert names_of(found.request) == list(case.names)
        seen = {name: getattr(found.facts, name) for name in case.facts}
        assert seen == case.facts
        return
    assert isinstance(found, BadList), found
    assert found.why is case.why
    assert [problem.line for problem in found.problems] == list(case.lines)
    for lang in languages().values():
        words = told.wrong(lang, found) if case.why is not WrongList.LINES else ""
        words += " ".join(told.line(lang, problem) for problem in found.problems)
        assert all(each in words for each in case.told), words
        assert "{" not in words


def test_the_corpus_is_not_small() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.why for case in CASES if case.why} == set(WrongList) - {
        # what only Slack, or time, can say
        WrongList.GONE,
        WrongList.SCOPE_MISSING,
        WrongList.ELSEWHERE,
        WrongList.UNREACHED,
        WrongList.TOO_SLOW,
        WrongList.INTERNAL,
    }


def test_every_wrong_file_has_words_in_every_language() -> None:
    for lang in languages().values():
        for why in set(WrongList) - {WrongList.LINES}:
            assert told.wrong(lang, BadList(why, ("one", "two"), 3, 4))


def test_source_files_are_asked_for_by_force_only_if_it_was_chosen() -> None:
    content = corpus.table(ROWS).encode()
    for force in (False, True):
        found = reading.read(content, form(Kind.MEZZANINE, force=force))
        assert isinstance(found, FoundList)
        assert found.request == Mezzanines((IDS[0], IDS[1]), force=force)


def test_of_a_file_full_of_problems_some_are_kept_and_all_are_counted() -> None:
    found = reading.read(b"id\n" + b"x\n" * (MOST_PROBLEMS + 5), form())
    assert isinstance(found, BadList)
    assert (found.total, len(found.problems)) == (MOST_PROBLEMS + 5, MOST_PROBLEMS)


@pytest.mark.parametrize("content", [corpus.table(ROWS * 2_000).encode(), corpus.workbook(ROWS * 1_000)])
def test_a_file_that_takes_too_long_ends_in_words(content: bytes) -> None:
    def no_time_left() -> None:
        raise UnreadableError(WrongList.TOO_SLOW, most=60)

    assert reading.read(content, form(), no_time_left) == BadList(WrongList.TOO_SLOW, most=60)


LEVELS = st.sampled_from([form(), form(column="A"), form(Kind.IMAGE), form(column="Sheet1!B")])
MARKS = (b",", b";", b"\t", b"|", b'"', b"\n", b"\r\n", b"=", b" ", b"'", b"id", b"1.2E+31", b"https://x.example/")
ENCODED = (b"\xff\xfe", b"\xef\xbb\xbf", b"\0", "视频ID".encode(), "ID".encode("utf-16-le"))
BITS = st.sampled_from([*(name.encode() for name in IDS), *MARKS, *ENCODED])


def holds(content: bytes, asked: ListForm) -> None:
    """Hold that a file ends soon, and in names that can be meant or in words."""
    began = time.process_time()
    found = reading.read(content, asked)
    if isinstance(found, FoundList):
        assert names_of(found.request)
        # No name is made of anything but what stands there, in whatever encoding it is.
        flat = content.replace(b"\0", b"").lower()
        plain = [name.lower() for name in names_of(found.request) if name.isascii() and "%" not in name]
        assert all(name.encode() in flat for name in plain) or content.startswith(b"PK")
    elif found.why is not WrongList.LINES:
        assert told.wrong(languages()["zh_CN"], found)
    assert time.process_time() - began < 5


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400) | st.lists(BITS, max_size=40).map(b"".join), LEVELS)
def test_any_bytes_end_in_names_or_in_words(content: bytes, asked: ListForm) -> None:
    holds(content, asked)


@pytest.mark.parametrize("seed", range(40))
def test_a_workbook_with_damage_anywhere_ends_in_names_or_in_words(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - damage, no secret
    whole = corpus.workbook(ROWS, [("id",), (IDS[2],)])
    if seed % 2:
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 20)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        holds(bytes(damaged), form())
        return
    names = zipfile.ZipFile(io.BytesIO(whole)).namelist()
    name = dice.choice(names)
    part = bytearray(zipfile.ZipFile(io.BytesIO(whole)).read(name))
    for _ in range(dice.randint(1, 8)):
        part[dice.randrange(len(part))] = dice.choice(b'<>/"=0A&; \x00')
    changed = {name.replace("/", "__").replace(".xml", "_xml"): bytes(part)}
    holds(corpus.repacked(whole, **changed), form())
