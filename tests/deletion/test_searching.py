"""Queries against the library of the local VOD, over HTTP and through Alibaba's SDK."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import vod
from deletion.plan.library.searching import INCOMPLETE, Page, Search, TooMany, everything
from deletion.terms.requests.query import OPERATORS, Condition, Facts, Field, Op, Query
from handlers.commands.syntax import lexing, where
from sandbox.vod import VodSandbox
from vod.api.searching import SearchPage

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


class FreeQuota:
    """Every turn is now."""

    def __init__(self) -> None:
        self.taken = 0

    def turn(self, *_: str) -> None:
        self.taken += 1


@pytest.fixture(scope="module")
def library() -> Iterator[tuple[VodSandbox, vod.VodClient]]:
    with VodSandbox.start(seed_library=False) as sandbox:
        sandbox.quotas["SearchMedia"] = None
        with client_of(sandbox) as client:
            yield sandbox, client


@pytest.fixture
def own() -> Iterator[tuple[VodSandbox, vod.VodClient]]:
    with VodSandbox.start(seed_library=False) as sandbox:
        sandbox.quotas["SearchMedia"] = None
        with client_of(sandbox) as client:
            yield sandbox, client


def client_of(sandbox: VodSandbox) -> vod.VodClient:
    logging.getLogger("aliyunsdkcore").setLevel(logging.CRITICAL + 1)
    key = vod.AccessKey(sandbox.access_key_id, sandbox.access_key_secret)
    return vod.VodClient(key, vod.Endpoint(sandbox.region, sandbox.url))


def query(typed: str, *, is_image: bool = False) -> Query:
    problems: where.Found = []
    found = where.parse(lexing.tokenize(typed, are_conditions=True), is_image=is_image, found=problems)
    assert found is not None, problems
    return found


def pages(
    client: vod.VodClient,
    wanted: Query,
    between: Callable[[], None] = lambda: None,
    kind: vod.SearchKind = vod.SearchKind.VIDEO,
) -> Iterator[Page]:
    return Search(client, FreeQuota(), kind, wanted, between).pages()


def ids(client: vod.VodClient, wanted: Query, between: Callable[[], None] = lambda: None) -> list[str]:
    return [name for page in pages(client, wanted, between) for name in page.ids]


VIDEOS: dict[str, dict[str, Any]] = {
    "old": {"title": "Old teaser", "category_id": 7, "category": "Old trailers", "tags": ("2019", "gone")},
    "new": {"title": "New TEASER", "category_id": 8, "category": "Trailers", "tags": ("2020",)},
    "cold": {"title": "it's 100% cold", "storage_class": "IA", "tags": ("20190",), "status": "Blocked"},
    "bare": {"title": "Loose end", "tags": ("a", "b")},
}


@pytest.fixture(scope="module")
def four(library: tuple[VodSandbox, vod.VodClient]) -> tuple[dict[str, str], vod.VodClient]:
    sandbox, client = library
    made = {
        name: sandbox.library.add_video(
            size=(day + 1) * 10**9, created=NOON + timedelta(days=day), **facts
        ).video_id
        for day, (name, facts) in enumerate(VIDEOS.items())
    }
    return made, client


OLD, NEW, COLD, BARE = "old", "new", "cold", "bare"
TABLE = [
    ("title", "=", '"Old teaser"', {OLD}),
    ("title", "=", '"old teaser"', set()),
    ("title", "=", "teaser", set()),
    ("title", "~", "teaser", {OLD, NEW}),
    ("title", "~", "EASE", {OLD, NEW}),
    ("title", "~", '"it\'s"', {COLD}),
    ("title", "~", '"100%"', {COLD}),
    ("title", "~", '"%"', {COLD}),
    ("category", "=", '"Old trailers"', {OLD}),
    ("category", "=", "Trailers", {NEW}),
    ("category-id", "=", "7", {OLD}),
    ("category-id", "=", "9", set()),
    ("tag", "=", "2019", {OLD}),
    ("tag", "=", "b", {BARE}),
    ("tag", "=", "a,b", set()),
    ("status", "=", "Normal", {OLD, NEW, BARE}),
    ("status", "=", "Blocked", {COLD}),
    ("storage", "=", "IA", {COLD}),
    ("storage", "=", "Standard", {OLD, NEW, BARE}),
    ("created", "=", "2024-01-02", {NEW}),
    ("created", "=", "2024-01-02T12:00:00Z", {NEW}),
    ("created", "<", "2024-01-02", {OLD}),
    ("created", "<=", "2024-01-02", {OLD, NEW}),
    ("created", ">", "2024-01-02", {COLD, BARE}),
    ("created", ">=", "2024-01-02", {NEW, COLD, BARE}),
    ("created", "<", "2024-01-02T12:00:00Z", {OLD}),
    ("created", "<=", "2024-01-02T20:00:00+08:00", {OLD, NEW}),
    ("created", ">", "2024-01-02T12:00:00Z", {COLD, BARE}),
    ("size", "=", "2GB", {NEW}),
    ("size", "<", "2GB", {OLD}),
    ("size", "<=", "2GB", {OLD, NEW}),
    ("size", ">", "2GB", {COLD, BARE}),
    ("size", ">=", "2GB", {NEW, COLD, BARE}),
]


@pytest.mark.parametrize(("field", "op", "value", "found"), TABLE)
def test_every_operator_finds_what_it_says(
    four: tuple[dict[str, str], vod.VodClient], field: str, op: str, value: str, found: set[str]
) -> None:
    made, client = four
    assert set(ids(client, query(f"{field}{op}{value}"))) == {made[name] for name in found}


def test_the_table_has_every_operator() -> None:
    assert {(field, op) for field, op, _, _ in TABLE} == {
        (field, op) for field, ops in OPERATORS.items() for op in ops
    }


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("title~teaser size>1GB", {NEW}),
        ("tag=2019 tag=gone", {OLD}),
        ("tag=2019 tag=2020", set()),
        ("created>=2024-01-01 created<2024-01-03 status=Normal category=Trailers", {NEW}),
        ("title~\u300cx' or Status = 'Blocked\u300d", set()),
        ("title~\u300c') or (Status in ('Normal')\u300d", set()),
    ],
)
def test_conditions_hold_together_and_no_text_gets_out_of_its_quotes(
    four: tuple[dict[str, str], vod.VodClient], typed: str, found: set[str]
) -> None:
    made, client = four
    assert set(ids(client, query(typed))) == {made[name] for name in found}


def test_what_vod_does_not_say_meets_no_condition() -> None:
    class Silent:
        title, tags, created = "", (), NOON
        status = size = category = category_id = storage_class = None

    facts: Facts = Silent()
    for field in Field:
        values: dict[Field, str | int] = {Field.SIZE: 0, Field.CREATED: 0}
        if field not in {Field.CREATED, Field.TITLE}:
            for op in OPERATORS[field]:
                assert not Condition(field, op, values.get(field, "")).holds(facts)
    assert not Condition(Field.SIZE, Op.LEAST, 0).holds(facts)


def test_images_are_found_by_a_query(own: tuple[VodSandbox, vod.VodClient]) -> None:
    sandbox, client = own
    wanted = [sandbox.library.add_image(title="Poster", tags=("2019",)).image_id for _ in range(3)]
    sandbox.library.add_image(title="Poster")
    found = pages(client, query("tag=2019", is_image=True), kind=vod.SearchKind.IMAGE)
    assert {name for page in found for name in page.ids} == set(wanted)


@pytest.fixture
def many(own: tuple[VodSandbox, vod.VodClient]) -> tuple[VodSandbox, vod.VodClient, list[str]]:
    """Return 5,300 videos, of which 250 were created in one second; VOD's pages reach 5,000."""
    sandbox, client = own
    made = []
    for number in range(5_300):
        second = min(number, 2_000) if number < 2_250 else number
        made.append(sandbox.library.add_video(title="Take", created=NOON + timedelta(seconds=second)).video_id)
    return sandbox, client, made


def test_more_than_5000_are_all_found_each_once(many: tuple[VodSandbox, vod.VodClient, list[str]]) -> None:
    _, client, made = many
    found = ids(client, query("title=Take"))
    assert len(found) == len(set(found)) == 5_300
    assert set(found) == set(made)


def test_what_is_deleted_or_added_meanwhile_hides_nothing(
    many: tuple[VodSandbox, vod.VodClient, list[str]],
) -> None:
    sandbox, client, made = many
    gone: set[str] = set()
    later: list[str] = []

    def meanwhile() -> None:
        """Delete what was read and what was not, and upload."""
        for place in (len(later) * 37, 5_299 - len(later) * 3):
            if made[place] not in gone and sandbox.library.remove_video(made[place]):
                gone.add(made[place])
        later.append(sandbox.library.add_video(title="Take", created=NOON + timedelta(days=1)).video_id)

    found = ids(client, query("title=Take"), meanwhile)
    assert len(found) == len(set(found))
    assert set(made) - gone <= set(found)
    assert set(found) <= set(made) | set(later)
    assert len(gone) > 50


def test_a_full_second_is_read_anew_when_something_of_it_goes(own: tuple[VodSandbox, vod.VodClient]) -> None:
    sandbox, client = own
    made = sorted(sandbox.library.add_video(title="Take", created=NOON).video_id for _ in range(250))
    calls: list[int] = []

    def meanwhile() -> None:
        """Before its second page is read, take away ten of its first: the second then begins later."""
        calls.append(len(calls))
        for name in made[:10] if len(calls) == 3 else ():
            sandbox.library.remove_video(name)

    found = ids(client, query("title=Take"), meanwhile)
    assert len(found) == len(set(found))
    assert set(found) == set(made)


def test_reading_ends_when_there_are_more_than_wanted(many: tuple[VodSandbox, vod.VodClient, list[str]]) -> None:
    _, client, made = many
    exact, filtered = query("status=Normal"), query("title=Take")
    calls: list[int] = []
    counted = everything(pages(client, exact, lambda: calls.append(1)), exact, most=100)
    assert counted == TooMany(5_300)
    assert len(calls) == 1
    assert everything(pages(client, filtered), filtered, most=250) == TooMany(None)
    everyone = everything(pages(client, exact), exact, most=5_300)
    assert isinstance(everyone, tuple)
    assert set(everyone) == set(made)


class Liar:
    """A VOD that counts and lists what a test says."""

    def __init__(self, *answers: SearchPage) -> None:
        self.answers = list(answers)

    def search(self, *_: object, **__: object) -> SearchPage:
        return self.answers.pop(0)


def hit(number: int, second: int = 0) -> vod.Found:
    at = NOON + timedelta(seconds=second)
    return vod.Found(f"v{number}", "Take", "Normal", 1, at, None, None, (), None)


class Shuffler:
    """A VOD that has 250 things of one second, and lists those in another order each time, until it settles."""

    def __init__(self, *, settles_after: int) -> None:
        self.calls, self.settles_after = 0, settles_after

    def search(self, *_: object, page: int) -> SearchPage:
        self.calls += 1
        turned = 37 * self.calls if self.calls <= self.settles_after else 0
        every = [hit((number + turned) % 250) for number in range(250)]
        return SearchPage(250, tuple(every[(page - 1) * 100 : page * 100]))


def test_a_second_whose_order_changes_from_page_to_page_is_read_anew() -> None:
    found = ids(Shuffler(settles_after=5), query("title=Take"))  # type: ignore[arg-type] # it can be searched
    assert sorted(found) == sorted(f"v{number}" for number in range(250))


def test_a_second_that_is_never_listed_in_one_order_is_no_answer() -> None:
    restless = Shuffler(settles_after=10_000)
    with pytest.raises(vod.Ambiguous) as caught:
        ids(restless, query("title=Take"))  # type: ignore[arg-type] # it can be searched
    assert caught.value.code == INCOMPLETE
    assert restless.calls <= 100


@pytest.mark.parametrize(
    "answers",
    [
        (SearchPage(2, (hit(1),)),),
        (SearchPage(101, tuple(hit(n) for n in range(99))),),
        (SearchPage(1, ()),),
        tuple(SearchPage(5_200, tuple(hit(page * 100 + n) for n in range(100))) for page in range(60)),
    ],
)
def test_a_count_that_does_not_fit_the_list_is_no_answer(answers: tuple[SearchPage, ...]) -> None:
    with pytest.raises(vod.Ambiguous) as caught:
        ids(Liar(*answers), query("title=Take"))  # type: ignore[arg-type] # it can be searched
    assert caught.value.code == INCOMPLETE
