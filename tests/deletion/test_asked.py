"""What a proposal asked for is told without reading all that a long one names."""

from typing import NoReturn

import pytest

from deletion.approval.requests import asked, overlaps
from deletion.terms import canonical
from deletion.terms.requests.query import Query
from deletion.terms.requests.targets import (
    Images,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    Videos,
    size_of,
    to_json,
    without_ids,
)
from storage.tables import proposals
from storage.tables.proposals import NewProposal
from tests.deletion.bench import Bench

NAMES = tuple(f"{n:032x}" for n in range(asked.FEW + 1))
URLS = tuple(f'https://img.example.com/{n}"[{{].png' for n in range(asked.FEW + 1))

LONG: list[Request] = [
    Videos(NAMES),
    Mezzanines(NAMES, force=True),
    Mezzanines(NAMES, force=False),
    Images(NAMES),
    ImageUrls(URLS),
]
SHORT: list[Request] = [
    Videos(NAMES[:2]),
    Videos((), query=Query(())),
    ImageUrls(URLS[:1]),
    Streams(NAMES[0], NAMES),
]


def stored(bench: Bench, request: Request, *, counted: bool = True) -> int:
    new = NewProposal(
        "T",
        "UANA",
        "video",
        canonical.dumps(to_json(request)),
        "because",
        "pending",
        1,
        created_ms=0,
        collect_by_ms=0,
        expires_ms=0,
        asked=size_of(request) if counted else None,
    )
    return bench.database.write(lambda tx: proposals.add(tx, new))


def of(bench: Bench, number: int) -> asked.Asked:
    row = bench.row(number)
    return bench.database.read(lambda tx: asked.of(tx, row))


def never(*_: object) -> NoReturn:
    raise AssertionError("all of it is read")


@pytest.mark.parametrize("request_", [*LONG, *SHORT])
@pytest.mark.parametrize("counted", [True, False])
def test_level_options_and_number_are_those_of_the_request(
    bench: Bench, request_: Request, *, counted: bool
) -> None:
    number = stored(bench, request_, counted=counted)
    assert of(bench, number) == asked.Asked(without_ids(request_), size_of(request_))


@pytest.mark.parametrize("request_", LONG)
def test_of_a_long_one_not_all_is_read(bench: Bench, monkeypatch: pytest.MonkeyPatch, request_: Request) -> None:
    number = stored(bench, request_)
    monkeypatch.setattr(proposals, "request_of", never)
    assert of(bench, number).count == len(NAMES)


def test_nothing_is_read_to_find_what_it_has_in_common_with_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = stored(bench, LONG[0])
    monkeypatch.setattr(proposals, "request_of", never)
    assert bench.database.read(lambda tx: overlaps.of(tx, number)) == ()
