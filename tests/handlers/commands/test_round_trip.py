"""The list of a plan that goes out proposes the same things when it comes in again."""

import dataclasses
from typing import Any

import pytest

from deletion.plan.plan import Plan
from deletion.terms.requests.list_files import BadList, FoundList, WrongList
from deletion.terms.requests.targets import Kind, kind_of
from handlers.cards import asset_list
from handlers.commands.files import reading
from handlers.text.language import languages
from tests.handlers.commands.corpus import form, ids_of
from tests.handlers.commands.test_file_corpus import names_of
from tests.handlers.samples import HOSTILE, KINDS, Sample, plan_of
from tests.harness import plans

LISTED = [name for name in KINDS if kind_of(plan_of(Sample(kind=name)).request) is not Kind.STREAM]


def with_ids(plan: Plan) -> Plan:
    """Return a plan whose things have ids as VOD has them, whatever those of the sample look like."""
    named: dict[str, Any] = {}
    for target, name in zip(plans.targets_of(plan), ids_of(plan.count), strict=True):
        named[target.id] = target.id if "://" in target.id else name
    targets = tuple(
        dataclasses.replace(target, id=named[target.id], video_id=named.get(target.video_id or "", target.video_id))
        for target in plans.targets_of(plan)
    )
    return plans.with_targets(plan, targets)


@pytest.mark.parametrize("lang", languages().values(), ids=list(languages()))
@pytest.mark.parametrize("kind", LISTED)
@pytest.mark.parametrize("title", ["Teaser", "=1+1", '"; x', *HOSTILE[:4]])
def test_the_list_that_goes_out_names_the_same_when_it_comes_in(kind: str, lang: Any, title: str) -> None:
    count = min(30, KINDS[kind].most)
    plan = with_ids(plan_of(Sample(kind=kind, count=count, facts={"title": title})))
    content = b"".join(asset_list.lines(lang, plan, plan.entries))
    found = reading.read(content, form(kind_of(plan.request)))
    assert isinstance(found, FoundList), found
    assert names_of(found.request) == plans.ids_of(plan)


def test_a_list_of_streams_is_not_taken_for_one_of_videos() -> None:
    kind = next(name for name in KINDS if kind_of(plan_of(Sample(kind=name)).request) is Kind.STREAM)
    plan = with_ids(plan_of(Sample(kind=kind)))
    (video,) = ids_of(1, 7)
    targets = tuple(dataclasses.replace(target, video_id=video) for target in plans.targets_of(plan))
    content = b"".join(asset_list.lines(languages()["en"], plan, plans.with_targets(plan, targets).entries))
    found = reading.read(content, form())
    assert isinstance(found, BadList)
    assert found.why is WrongList.SEVERAL_COLUMNS
