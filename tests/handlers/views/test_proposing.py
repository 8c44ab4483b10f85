"""The form that proposes is what Slack takes, whatever is in it, and is read back as it was filled in."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from deletion.approval.requests.overlaps import Overlap
from deletion.lookup.preview import Preview
from deletion.lookup.search import Hit, Hits
from deletion.plan.facts import Target, Warn
from deletion.plan.totals import Totalling
from deletion.terms.requests.list_files import ListFacts, ListForm
from deletion.terms.requests.targets import Images, Kind, Mezzanines, Request, VideoImages, Videos, kind_of
from deletion.terms.results.findings import LeftOut, LeftOutItem, Problem, ProblemFound
from handlers.text.language import ENGLISH, Language, languages
from handlers.views.proposing import filled, form, offers, preview, reading
from handlers.views.proposing.filled import Choice, FileNamed, Filled, Level
from handlers.views.proposing.preview import Asked
from sandbox.slack.model.block_kit.blocks import VIEW_BYTES, view_problems
from sandbox.slack.model.block_kit.elements import SUGGESTIONS
from tests.handlers.samples import BIDI, HOSTILE

LANGUAGES = list(languages().values())
TEXTS = [*HOSTILE, BIDI, "x" * 300, "清单.xlsx", "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 300]
IDS = [f"{n:032x}" for n in range(90)]
REASONS = ("版权到期" * 18, "x" * 75)


def files(count: int) -> list[FileNamed]:
    return [FileNamed(f"F0{n:09}", TEXTS[n % len(TEXTS)], 10**7) for n in range(count)]


def forms() -> list[Filled]:
    offered = [(one, TEXTS[n % len(TEXTS)]) for n, one in enumerate(IDS)]
    full = Filled(
        "C1", Level.VIDEO, "x" * 3000, column="c" * 100, jobs="j" * 660, reason="理" * 500, chosen="x" * 75
    )
    return [
        filled.empty("C0123456789"),
        *(filled.of_files("C0123456789", files(n), has_ids=True) for n in (1, 2, 10, 200)),
        filled.of_ids("C0123456789", IDS, level="image"),
        filled.of_streams("C0123456789", IDS[0], offered, IDS[:3]),
        filled.of_images("C0123456789", IDS[0], tuple(VideoImages)),
        *(Filled(**{**vars(full), "level": level, "force": True}) for level in Level),
    ]


@pytest.mark.parametrize("reasons", [(), REASONS], ids=["no reasons", "reasons"])
@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.name)
def test_every_form_is_what_slack_takes_and_comes_back_as_it_was(lang: Language, reasons: tuple[str, ...]) -> None:
    for one in forms():
        made = form.build(lang, one, reasons).to_dict()
        assert view_problems(made) == []
        assert len(made["private_metadata"]) <= 3_000
        assert len(json.dumps(made).encode()) < VIEW_BYTES
        read = reading.parse({**made, "state": {"values": untouched(made)}})
        assert (read.level, read.channel, read.force, read.images) == (
            one.level,
            one.channel,
            one.force,
            one.images,
        )
        assert (read.streams, read.reason) == (one.streams, one.reason)
        assert read.file == one.file
        if not one.files:
            assert read.ids == one.ids


def untouched(view: dict[str, Any]) -> dict[str, Any]:
    """Return the state of a form that was opened and not touched."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state = {
                "value": element.get("initial_value"),
                "selected_option": element.get("initial_option"),
                "selected_options": element.get("initial_options", []),
            }
            values[block["block_id"]] = {element["action_id"]: state}
    return values


def test_how_many_ids_fit_is_what_the_field_takes() -> None:
    assert filled.fits(IDS)
    assert not filled.fits([*IDS, IDS[0]])


def test_what_another_level_has_no_field_for_is_kept() -> None:
    one = Filled("C1", Level.STREAM, IDS[0], force=True, images=(VideoImages.COVER,), column="B", streams=("HD",))
    for level in (Level.VIDEO, Level.MEZZANINE, Level.IMAGES_OF, Level.STREAM):
        made = form.build(ENGLISH, one, ()).to_dict()
        values = untouched(made)
        values[form.LEVEL_BLOCK][form.LEVEL_INPUT]["selected_option"] = {"value": level.value}
        one = reading.parse({**made, "state": {"values": values}})
    assert (one.ids, one.force, one.images, one.column, one.streams) == (
        IDS[0],
        True,
        (VideoImages.COVER,),
        "B",
        ("HD",),
    )


@pytest.mark.parametrize("level", [Level.IMAGE, Level.STREAM])
def test_what_other_levels_had_is_forgotten_where_there_is_no_room_for_it(level: Level) -> None:
    streams = filled.of_streams("C1", IDS[0], [(one, "AUTO stream, m3u8, 999.99 MB") for one in IDS[:20]], IDS[:20])
    titles = tuple(Choice(one, "x" * 75) for one in IDS[:10])
    one = replace(streams, level=level, found=titles, pictures=titles)
    made = form.build(ENGLISH, one, ()).to_dict()
    assert view_problems(made) == []
    read = reading.parse({**made, "state": {"values": untouched(made)}})
    assert (read.level, read.streams, len(read.by_title)) == (level, tuple(IDS[:20]), 10)


def through(one: Filled, level: Level, **files: Any) -> Filled:
    """Choose another level in the form with this in it, and ``files`` in its fields (by action id); read it."""
    made = form.build(ENGLISH, one, ()).to_dict()
    assert view_problems(made) == []
    values = untouched(made)
    values[form.LEVEL_BLOCK][form.LEVEL_INPUT]["selected_option"] = {"value": level.value}
    for block in values.values():
        block |= {name: {**block[name], **files[name]} for name in files.keys() & block.keys()}
    return reading.parse({**made, "state": {"values": values}})


LIST = {"id": "F1", "name": "list.csv", "size": 3}
OTHER = {"id": "F2", "name": "other.csv", "size": 4}


def test_a_file_that_was_given_is_kept_whatever_level_comes_between() -> None:
    given = FileNamed("F1", "list.csv", 3)
    one = through(Filled("C1", Level.VIDEO), Level.STREAM, file={"files": [LIST]})
    for level in (Level.IMAGES_OF, Level.MEZZANINE, Level.VIDEO):
        one = through(one, level)
        assert one.file == given
    assert through(one, Level.VIDEO, file={"files": [OTHER]}).file == FileNamed("F2", "other.csv", 4)
    assert through(one, Level.VIDEO, kept={"selected_options": []}).file is None


def test_a_file_that_is_kept_stands_beside_a_field_that_is_another_one_each_time() -> None:
    """What Slack's client leaves in a field that stays would be given twice."""
    one, seen = Filled("C1", Level.VIDEO, file=FileNamed("F1", "list.csv", 3)), set[str]()
    for _ in range(3):
        made = form.build(ENGLISH, one, ()).to_dict()
        (block,) = [each["block_id"] for each in made["blocks"] if each["block_id"].startswith(form.FILE_BLOCK)]
        assert reading.errors(made, [(form.FILE_BLOCK, "x")]) == {block: "x"}
        seen.add(block)
        one = through(one, Level.VIDEO)
    assert len(seen) == 3


def test_the_file_of_a_message_that_was_chosen_stays_chosen() -> None:
    one = filled.of_files("C1", files(3), has_ids=False)
    second = one.files[1]
    one = through(replace(one, level=Level.VIDEO), Level.STREAM, file={"selected_option": {"value": second.id}})
    assert through(one, Level.VIDEO).file == second


def test_a_file_that_is_not_in_the_message_is_none() -> None:
    made = form.build(ENGLISH, filled.of_files("C1", files(1), has_ids=False), ()).to_dict()
    values = untouched(made)
    values[form.FILE_BLOCK][form.FILE_INPUT]["selected_option"] = {"value": "F0OTHER"}
    assert reading.parse({**made, "state": {"values": values}}).file is None


def test_an_error_goes_to_a_field_that_the_form_has_and_several_to_each() -> None:
    made = form.build(ENGLISH, filled.empty("C1"), ()).to_dict()
    assert reading.errors(made, [(form.FILE_BLOCK, "`x`")]) == {form.FILE_BLOCK: "x"}
    found = reading.errors(made, [(form.JOBS_BLOCK, "x"), (form.LEVEL_BLOCK, "y"), (form.IDS_BLOCK, "z" * 999)])
    assert found[form.LEVEL_BLOCK] == "x y"
    assert len(found[form.IDS_BLOCK]) == reading.ERROR_MOST


def test_files_that_are_gone_are_not_offered() -> None:
    message = {"files": [{"id": "F1", "mode": "tombstone"}, {"id": "F2", "name": "\ud800a.csv", "size": 3}]}
    assert filled.files_of(message) == (FileNamed("F2", "\ufffda.csv", 3),)


def test_a_button_opens_the_form_with_what_was_in_it() -> None:
    one = Filled("C1", Level.MEZZANINE, IDS[0], found=(Choice(IDS[1], "预告"),), force=True, reason="版权到期")
    value = filled.button_value(one)
    assert value is not None
    assert filled.read_button(value) == one
    assert filled.button_value(Filled("C1", reason="".join(chr(0x4E00 + n * 7) for n in range(3_000)))) is None
    for strange in ("", "x", value[:-8], filled.packed("{}x"), filled.packed("x" * 60_000)):
        assert filled.read_button(strange) is None


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.name)
def test_what_is_shown_before_it_is_proposed_is_what_slack_takes(lang: Language) -> None:
    facts = ListFacts(repeated=tuple(IDS[:5]), repeated_count=9, tidied=("marks left out",))
    asked = [
        Asked(Videos(tuple(IDS)), "C1", facts),
        Asked(Images(tuple(IDS[:1])), ""),
        *(Asked(ListForm("F1", text, Kind.MEZZANINE, True, "", "B"), "C1") for text in TEXTS),
    ]
    for one in asked:
        what = one.what
        shown = preview.of_file(lang, what) if isinstance(what, ListForm) else preview.reading(lang, what)
        made = preview.build(lang, one, "理由", shown, external_id="x").to_dict()
        assert view_problems(made) == []
        state = {preview.REASON_BLOCK: {preview.REASON_INPUT: {"value": " why "}}}
        assert preview.parse({**made, "state": {"values": state}}) == (one, "why")


def test_what_no_preview_ever_held_is_not_read() -> None:
    for strange in ("", "x", filled.packed("[]"), filled.packed("{}"), filled.packed('{"request":{"by":"x"}}')):
        with pytest.raises(ValueError, match=r"packed|preview|request"):
            preview.parse({"private_metadata": strange})


def found(request: Request, count: int) -> Preview:
    """Return the most, and the strangest, that a look-up can find."""
    targets = tuple(Target(id=f"{n:032x}", title=TEXTS[n % len(TEXTS)], size=10**12) for n in range(count))
    totals = Totalling(kind_of(request))
    for target in targets:
        totals.add(target, tuple(Warn))
    return Preview(
        request=request,
        targets=targets,
        count=count and count + 40,
        totals=totals.totals(),
        warnings={target.id: tuple(Warn) for target in targets},
        left_out=tuple(LeftOutItem(text, LeftOut.MISSING) for text in TEXTS * 5),
        problems=(),
        overlaps=tuple(Overlap(n, 10**6) for n in range(1, 60)),
    )


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.name)
def test_whatever_would_go_is_shown_within_what_slack_takes(lang: Language) -> None:
    asked = Asked(Videos(tuple(IDS)), "C1")
    problems = tuple(ProblemFound(Problem.NO_SUCH_STREAM, text) for text in TEXTS * 5)
    for one in (
        *(found(request, 60) for request in (Videos(()), Images(()), Mezzanines((), force=True))),
        found(Videos(()), 0),
        replace(found(Videos(()), 60), problems=problems),
    ):
        shown = preview.shown(lang, one)
        made = preview.build(lang, asked, "x", shown, external_id="x", in_vain=preview.is_in_vain(one)).to_dict()
        assert view_problems(made) == []
        assert len(json.dumps(made).encode()) < VIEW_BYTES
        assert ("submit" in made) == bool(one.count and not one.problems)


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.name)
def test_whatever_is_found_by_title_is_offered_within_what_slack_takes(lang: Language) -> None:
    hits = tuple(
        Hit(f"{n:032x}", text, None, 10**15, 10**12, datetime(2024, 1, 1, tzinfo=UTC), None, (), None, None)
        for n, text in enumerate([*TEXTS, "", " ", "`"][-80:])
    )
    options = [
        *offers.of_hits(lang, Hits(hits, 0, None, None, 0)),
        *offers.unread(lang),
        *offers.of_id(lang, IDS[0]),
    ]
    answer = {"options": [each.to_dict() for each in options]}
    assert [*SUGGESTIONS(answer, "")] == []
