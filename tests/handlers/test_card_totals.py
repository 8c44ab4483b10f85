"""What a card says that a proposal amounts to, and the button that opens all of a long one."""

import dataclasses
from typing import Any

import pytest

from deletion.audit.messages.audience import LISTED_ON_CARD
from deletion.plan.facts import StreamFact, Warn
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.cards import ids, proposal_card
from handlers.commands.verbs import status
from handlers.text.language import ENGLISH, Language, languages
from sandbox.slack.model.block_kit.blocks import message_problems
from tests.handlers.samples import KINDS, Sample, media_id, view
from tests.harness import plans

LONG = LISTED_ON_CARD + 1
CHINESE = languages()["zh_CN"]


def figures(made: ProposalView, lang: Language = ENGLISH) -> dict[str, str]:
    """Return every figure by its name."""
    blocks = proposal_card.card(lang, made).blocks
    assert message_problems(list(blocks)) == []
    fields = [field["text"] for block in blocks for field in block.get("fields", ())]
    return {name.strip("*"): told for name, told in (text.split("\n") for text in fields)}


def of(*facts: dict[str, Any], count: int = LONG) -> ProposalView:
    """Return a long proposal whose targets have these facts, over and over."""
    made = view(Sample(count=count))
    assert made.plan is not None
    there_are = enumerate(plans.targets_of(made.plan))
    targets = tuple(dataclasses.replace(target, **facts[at % len(facts)]) for at, target in there_are)
    return dataclasses.replace(made, plan=plans.with_targets(made.plan, targets))


def viewing(made: ProposalView) -> list[str]:
    blocks = proposal_card.card(ENGLISH, made).blocks
    elements = [each for block in blocks if block["type"] == "actions" for each in block["elements"]]
    return [each["text"]["text"] for each in elements if each["action_id"] == ids.VIEW_ALL]


def test_what_a_long_list_amounts_to_stands_on_its_card() -> None:
    made = of(
        {"created": "2024-12-28T23:30:00Z", "category": "Marketing"},
        {"created": "2026-11-30T09:30:00Z", "category": "Sport"},
    )
    assert figures(made) == {
        "Items": "20 videos",
        "Size": "331.7 MB",
        "Still plays afterwards": "nothing of them",
        "Playing time": "21 min",
        "Uploaded": "from <!date^1735428600^{date_short}|2024-12-28> to <!date^1796031000^{date_short}|2026-11-30>",
        "By category": "`Marketing` 10 · `Sport` 10",
    }
    assert list(figures(made, CHINESE)) == ["项数", "大小", "删除后仍可播放", "总时长", "上传时间", "按分类"]


def test_of_a_short_list_the_rows_tell_the_categories_and_there_is_no_button() -> None:
    made = view(Sample(count=LISTED_ON_CARD))
    assert set(figures(made)) == {"Items", "Size", "Still plays afterwards", "Playing time", "Uploaded"}
    assert viewing(made) == []


def stays(kind: str, *left: StreamFact, **facts: Any) -> str | None:
    """Return what a card says that still plays, where these other streams of the video stay."""
    made = view(Sample(kind=kind, **facts))
    assert made.plan is not None
    known = left if kind == "streams" else None
    return figures(dataclasses.replace(made, plan=dataclasses.replace(made.plan, stays=known))).get(
        "Still plays afterwards"
    )


HD = StreamFact("j1", "HD", "mp4", 1, "Normal", encrypted=False)
HIDDEN = dataclasses.replace(HD, definition="SD", status="Invisible")


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("nothing of it", stays("videos")),
        ("nothing of the video", stays("streams")),
        ("nothing of the video", stays("streams", HIDDEN)),
        (
            "`HD mp4`, `LD m3u8`",
            stays("streams", HD, HIDDEN, dataclasses.replace(HD, definition="LD", format="m3u8")),
        ),
        ("`HD mp4`, `HD mp4`, `HD mp4`, `HD mp4`, `HD mp4`, `HD mp4` and 3 more", stays("streams", *[HD] * 9)),
        ("the transcoded streams", stays("mezzanines")),
        (
            "perhaps nothing: players may get the source file itself",
            stays("forced mezzanines", warnings=(Warn.UNPLAYABLE,)),
        ),
        ("the video; its pictures of these kinds are gone", stays("images of")),
        (None, stays("images")),
    ],
)
def test_it_is_said_what_players_still_get_afterwards(told: str | None, found: str | None) -> None:
    assert found == told


def test_what_stays_is_not_known_of_plans_that_do_not_say_it() -> None:
    assert "Still plays afterwards" not in figures(view(Sample(kind="streams")))


def test_what_vod_does_not_tell_makes_a_figure_a_minimum() -> None:
    made = of({"size": None, "source": None, "duration_ms": None}, {})
    assert figures(made)["Size"].startswith("at least ")
    assert figures(made)["Playing time"].startswith("at least ")
    assert figures(of({"duration_ms": None}))["Playing time"] == "unknown"
    assert figures(of({"created": None})).get("Uploaded") is None


@pytest.mark.parametrize(
    ("created", "told"), [("2026-02-31T09:30:00Z", "2026-02-31"), ("<!channel>", "&lt;!channel&gt;")]
)
def test_a_time_that_is_none_of_vods_is_shown_as_it_is(created: str, told: str) -> None:
    assert figures(of({"created": created}))["Uploaded"] == told


def test_small_categories_are_counted_together_and_so_is_what_has_none() -> None:
    made = of(*({"category": name} for name in ("a", "a", "b", "c", "d", "e", "f", None, "a", "a")))
    assert figures(made)["By category"] == "`a` 8 · `b` 2 · `c` 2 · `d` 2 · others 4 · none 2"


def test_a_category_cannot_format_or_mention_anything() -> None:
    told = figures(of({"category": "<!channel> *b* `c` & " + "x" * 100}))["By category"]
    assert told.startswith("`&lt;!channel&gt; *b* \u02cbc\u02cb &amp; x")
    assert told.count("`") == 2
    assert len(told) < 100


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.most >= LONG])
def test_each_kind_has_the_figures_that_mean_something(kind: str) -> None:
    found = set(figures(view(Sample(kind=kind, count=LONG))))
    assert {"Items", "Size"} <= found
    assert ("Playing time" in found) == (kind in {"videos", "mezzanines", "forced mezzanines"})


@pytest.mark.parametrize("state", [State.PENDING, State.APPROVED, State.EXECUTING, State.FINISHED, State.REJECTED])
def test_a_long_list_can_be_viewed_whole_whatever_became_of_it(state: State) -> None:
    made = view(Sample(state, count=2_345, outcomes=(Outcome.DELETED, Outcome.REFUSED)))
    assert viewing(made) == ["View all 2,345"]
    assert not [block for block in status.shown(ENGLISH, made).blocks if block["type"] == "actions"]


def test_the_warnings_are_counted_with_the_gravest_first() -> None:
    made = view(Sample(count=LONG))
    assert made.plan is not None
    found = tuple((warn, media_id(1)) for warn in (Warn.COLD_STORAGE, Warn.LEGAL_WORDS))
    plan = plans.with_targets(made.plan, plans.targets_of(made.plan), found)
    text = proposal_card.card(ENGLISH, dataclasses.replace(made, plan=plan)).text
    assert "Warnings: 1 to be kept, 1 cold storage." in text
