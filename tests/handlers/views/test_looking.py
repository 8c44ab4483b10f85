"""What Slack sends back of views of what was looked up: read, or refused as not ours, and never anything else."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from deletion.terms.requests.query import Query
from handlers.views.looking import asset, hits

KEPT = '{"by_title":true,"channel":"C1","places":[[0,0]],"query":[],"ticked":["b"]}'
TICK = f"{hits.TICK}a"
PIECES: tuple[Any, ...] = (
    *(None, 1, "x", "", [], {}, [1], [None], {"a": 1}, KEPT, "[]", '{"channel":1}'),
    '{"channel":"C1","places":[[0]],"query":[["title","~","x"]],"ticked":"x","by_title":1}',
    {"values": None},
    {"values": {TICK: {hits.INPUT: 1}}},
    {"values": {TICK: {hits.INPUT: {"selected_options": 1}}}},
    [{"block_id": TICK}],
    [{"block_id": f"{asset.STREAMS}0", "element": {"options": [1]}}],
    [{"block_id": f"{asset.STREAMS}0"}],
)


@pytest.mark.parametrize("read", [hits.parse, asset.parse, asset.streams_of])
def test_whatever_comes_back_is_read_or_refused(read: Callable[[Mapping[str, Any]], object]) -> None:
    rng = random.Random(7)  # noqa: S311 - not for secrets
    for _ in range(3_000):
        view = {name: rng.choice(PIECES) for name in ("private_metadata", "state", "blocks")}
        try:
            read(view)
        except ValueError:
            continue


def test_ticks_of_other_pages_are_kept_in_their_order() -> None:
    state = {"values": {TICK: {hits.INPUT: {"selected_options": [{"value": "a"}]}}}}
    view = {"private_metadata": KEPT, "state": state, "blocks": [{"block_id": TICK}, {"type": "divider"}]}
    assert hits.parse(view) == hits.Search("C1", Query(()), ticked=("b", "a"))


@pytest.mark.parametrize(
    ("action", "place"),
    [
        ({"action_id": hits.NEXT, "value": "10/10"}, hits.Place(10, 10)),
        ({"action_id": hits.NEXT, "value": "x/y"}, hits.Place(0, 0)),
        ({"action_id": hits.NEXT}, hits.Place(0, 0)),
        ({"action_id": hits.PREVIOUS, "value": "5/5"}, hits.Place(0, 0)),
        ({}, hits.Place(0, 0)),
    ],
)
def test_a_press_leads_only_where_a_button_of_ours_does(action: dict[str, str], place: hits.Place) -> None:
    assert hits.turned(hits.Search("C1", Query(())), action).place == place
