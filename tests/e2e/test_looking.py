"""Looking before proposing: hits and one asset in modals, what is said when VOD does not answer, who may look."""

from datetime import timedelta

import pytest

from deletion.terms import canonical
from deletion.terms.requests.query import Query
from handlers import lookups
from handlers.commands.syntax import finding
from handlers.text.language import ENGLISH
from handlers.views.looking import asset, hits
from handlers.views.proposing import form as propose_form
from sandbox.slack import Delivery, SlackSandbox
from sandbox.slack import FaultKind as SlackFault
from sandbox.slack.model.modals import View
from sandbox.vod import FaultKind, SnapshotKind, Stream, Video
from sandbox.vod.model.media import UploadFacts
from tests.e2e.evidence import texts
from tests.stage import Opener, Stage

WORST = (
    "W" * 120,
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "\U0001f3ac\U0001f469\u200d\U0001f469\u200d\U0001f467 :tada: <!channel> *b* `c`",
    "字",
    "Invoice\nsecond line\u200b\x07",
    " ",
)


@pytest.fixture
def stage(open_stage: Opener) -> Stage:
    return open_stage()


def find(stage: Stage, words: str, who: str = "ana") -> View:
    delivery = stage.say(who, f"/vod find {words}")
    assert delivery.error is None, delivery
    return top(stage, who)


def show(stage: Stage, name: str, who: str = "ana") -> View:
    delivery = stage.say(who, f"/vod show {name}")
    assert delivery.error is None, delivery
    return top(stage, who)


def top(stage: Stage, who: str = "ana") -> View:
    view = stage.slack.modal(who)
    assert view is not None
    return view


def press(stage: Stage, label: str, *ticked: Video, who: str = "ana") -> View:
    answers = {f"{hits.TICK}{video.video_id}": video.video_id for video in ticked}
    delivery = stage.slack.press_in_modal(who, label, answers=answers)
    assert delivery.error is None, delivery
    stage.settle()
    return top(stage, who)


def read_in(stage: Stage, locale: str) -> None:
    """Let Ana read another language, and the bot know it."""
    stage.slack.change_person("ana", locale=locale)
    stage.say("ana", "/vod list")
    stage.program.profiles.look_up_one()


def said(view: View) -> str:
    return "\n".join(text for _, text in texts(view.blocks))


def put(stage: Stage, title: str, *, days: int = 1, **facts: object) -> Video:
    created = stage.vod.library.now() - timedelta(days=days)
    return stage.vod.library.add_video(title=title, created=created, **facts)


def test_hits_have_a_picture_with_words_and_what_people_decide_by(stage: Stage) -> None:
    video = put(stage, "Harbourside tour", size=2_100_000_000, duration=3723.0, tags=("boats",), storage_class="IA")
    view = find(stage, "harbourside before:2100-01-01")
    for words in ("1. Harbourside tour", "2.1 GB", "1:02:03", "uploaded 20", "status Normal", "boats", "IA"):
        assert words in said(view)
    assert video.video_id in said(view)
    (picture,) = [block["accessory"] for block in view.blocks if "accessory" in block]
    assert picture["alt_text"] == "Picture of Harbourside tour"
    assert picture["image_url"].endswith(video.cover_path)
    assert "title~harbourside" in said(view)


def test_hits_are_leafed_through_and_ticks_are_kept(stage: Stage) -> None:
    videos = [put(stage, f"Quayside, take {n}", days=n + 1) for n in range(23)]
    first = find(stage, "quayside")
    assert "1\N{EN DASH}10" in said(first)
    view = press(stage, "Next", videos[3], videos[5])
    assert "11. Quayside, take 10" in said(view)
    assert "11\N{EN DASH}20" in said(view)
    assert "2 are ticked on other pages." in said(view)
    view = press(stage, "Next", videos[12])
    assert "23. Quayside, take 22" in said(view)
    assert "3 are ticked on other pages." in said(view)
    with pytest.raises(LookupError):
        stage.slack.press_in_modal("ana", "Next")
    view = press(stage, "Previous")
    assert "11. Quayside, take 10" in said(view)
    assert ticked(view) == [videos[12].video_id]
    submit(stage)
    form = top(stage)
    assert form.content["callback_id"] == propose_form.CALLBACK_ID
    (names,) = [block["element"] for block in form.inputs() if block["block_id"] == propose_form.IDS_BLOCK]
    assert names["initial_value"].split() == [videos[n].video_id for n in (3, 5, 12)]


def test_no_more_is_ticked_than_a_view_can_keep(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hits, "TICKED_MOST", 2)
    videos = [put(stage, f"Quayside, take {n}", days=n + 1) for n in range(12)]
    find(stage, "quayside")
    delivery = submit(stage, *videos[:3])
    assert "At most 2 videos can be ticked: 1 more was not kept." in next(iter(delivery.field_errors.values()))
    view = press(stage, "Next", *videos[:3])
    assert "At most 2 videos can be ticked: 1 more was not kept." in said(view)
    assert "2 are ticked on other pages." in said(view)


def test_what_a_view_keeps_fits_however_much_is_looked_for_and_ticked() -> None:
    wanted = finding.parse(['"' * 4, "课" * 190, *("\\" * (90 + n) for n in range(3))])
    assert isinstance(wanted, Query)
    places = tuple(hits.Place(4_990 + n, 4_990 + n) for n in range(hits.PAGES_MOST))
    kept = hits.Search("C" * 11, wanted, places=places, ticked=("f" * 32,) * hits.TICKED_MOST)
    metadata = hits.waiting(ENGLISH, kept).private_metadata
    assert metadata is not None
    assert len(metadata) <= 3_000 - finding.LONGEST + len(canonical.dumps(wanted.to_json()))


def test_without_a_tick_nothing_is_proposed_and_the_view_says_so(stage: Stage) -> None:
    put(stage, "Harbourside tour")
    find(stage, "harbourside")
    delivery = submit(stage)
    assert list(delivery.field_errors.values()) == ["Tick at least one video first."]


def test_who_may_read_and_not_propose_is_told_so_when_they_do(
    open_stage: Opener, local_slack: SlackSandbox
) -> None:
    stage = open_stage(
        COUNTERSIGN_READERS=local_slack.user("dee").id, COUNTERSIGN_PROPOSERS=local_slack.user("ana").id
    )
    video = put(stage, "Harbourside tour")
    find(stage, "harbourside", "dee")
    delivery = submit(stage, video, who="dee")
    assert "You may not propose deletions." in next(iter(delivery.field_errors.values()))
    shown = show(stage, video.video_id, "dee")
    assert "You may not propose deletions." in said(press(stage, "Propose deletion of the whole video", who="dee"))
    stage.slack.close_modal("dee")
    assert top(stage, "dee") == shown


def test_when_slack_opens_no_form_what_was_shown_is_one_press_away(stage: Stage) -> None:
    video = put(stage, "Harbourside tour")
    show(stage, video.video_id)
    stage.slack.faults.add(SlackFault.ERROR, "views.push", error="expired_trigger_id")
    assert "Slack could not open the view in time." in said(press(stage, "Propose deletion of the whole video"))
    assert "Harbourside tour" in said(press(stage, "Try again"))


def test_a_proposal_of_what_is_ticked_reaches_its_card(stage: Stage) -> None:
    video = put(stage, "Harbourside tour")
    find(stage, "harbourside")
    submit(stage, video)
    assert proposed(stage) == "video"
    assert stage.vod.library.video(video.video_id) is not None


@pytest.mark.parametrize(
    ("button", "level", "words"),
    [
        ("Propose deletion of the whole video", "video", "1 video"),
        (f"{asset.PROPOSE}mezzanine", "mezzanine", "1 source file"),
        (f"{asset.PROPOSE}snapshot", "images of", "1 image set (3 images)"),
    ],
)
def test_any_part_of_a_video_can_be_proposed_from_what_is_shown(
    stage: Stage, button: str, level: str, words: str
) -> None:
    video = put(stage, "Harbourside tour", snapshots={SnapshotKind.NORMAL: 3})
    show(stage, video.video_id)
    press(stage, button)
    assert proposed(stage) == level
    assert words in stage.slack.messages("vod-deletions")[-1].text


def test_ticked_streams_are_proposed(stage: Stage) -> None:
    video = put(stage, "Harbourside tour", streams=(Stream("HD"), Stream("LD")))
    view = show(stage, video.video_id)
    (block,) = [block["block_id"] for block in view.inputs()]
    assert list(stage.slack.submit("ana", {block: ""}).field_errors.values()) == ["Tick at least one stream first."]
    stage.slack.submit("ana", {block: video.streams[1].job_id})
    assert proposed(stage) == "stream"
    card = stage.slack.messages("vod-deletions")[-1]
    assert f"LD stream, mp4, 4.2 MB; what players get now · job {video.streams[1].job_id}" in str(card.blocks)


def ticked(view: View) -> list[str]:
    """Return the ids of the hits that a page shows as ticked."""
    chosen = [block["element"].get("initial_options", []) for block in view.inputs()]
    return [option["value"] for options in chosen for option in options]


def submit(stage: Stage, *ticks: Video, who: str = "ana") -> Delivery:
    delivery = stage.slack.submit(who, {f"{hits.TICK}{video.video_id}": video.video_id for video in ticks})
    stage.settle()
    return delivery


def proposed(stage: Stage) -> str:
    """Check what is in the form, with a reason, and propose it; return the level that was filled in."""
    form = top(stage)
    assert form.content["callback_id"] == propose_form.CALLBACK_ID
    (menu,) = [block["element"] for block in form.inputs() if block["block_id"] == propose_form.LEVEL_BLOCK]
    delivery = stage.slack.submit("ana", {propose_form.REASON_BLOCK: "rights expired"})
    assert not delivery.field_errors, delivery
    stage.settle()
    delivery = stage.slack.submit("ana", {})
    assert not delivery.field_errors, delivery
    stage.settle()
    return str(menu["initial_option"]["value"])


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_titles_of_any_kind_fit_what_slack_takes(stage: Stage, locale: str) -> None:
    read_in(stage, locale)
    for days, title in enumerate(WORST):
        put(stage, title, days=days + 1, category="Oddities", category_id=77, tags=("t" * 30,) * 15)
    view = find(stage, "category:Oddities")
    assert len([block for block in view.blocks if str(block["block_id"]).startswith(hits.TICK)]) == len(WORST)
    for video in stage.vod.library.matching(""):
        if video.category == "Oddities":
            assert video.video_id in said(show(stage, video.video_id))


def test_nothing_found_says_what_to_do(stage: Stage) -> None:
    assert "No video meets all of this." in said(find(stage, "no-such-word-anywhere"))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (FaultKind.THROTTLE, "VOD throttles calls at the moment. Wait a few seconds"),
        (FaultKind.FORBIDDEN_RAM, "VOD did not let Countersign read this: tell its operator."),
        (FaultKind.UNAVAILABLE, "VOD gave no usable answer."),
    ],
)
def test_a_search_that_fails_says_why_and_can_be_tried_again(stage: Stage, fault: FaultKind, words: str) -> None:
    put(stage, "Harbourside tour")
    stage.vod.faults.set(fault, "SearchMedia", times=1)
    view = find(stage, "harbourside")
    assert words in said(view)
    assert "Harbourside tour" not in said(view)
    assert "Harbourside tour" in said(press(stage, "Try again"))


def test_who_may_not_read_is_told_so_and_vod_is_not_asked(stage: Stage) -> None:
    for command in ("/vod find tour", f"/vod show {'a' * 32}"):
        delivery = stage.say("gus", command)
        assert delivery.reply is not None
        assert "Only those who may propose, approve or read" in delivery.reply.text
    assert stage.slack.modal("gus") is None


def test_who_asks_for_too_much_at_once_is_told_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "EACH", 0)
    view = find(stage, "tour")
    assert "Too many look-ups are under way" in said(view)


def test_a_view_that_slack_does_not_open_is_said_to_be_missing(stage: Stage) -> None:
    stage.slack.faults.add(SlackFault.ERROR, "views.open", error="expired_trigger_id")
    delivery = stage.say("ana", "/vod find tour")
    assert delivery.reply is not None
    assert "Slack could not open the view in time." in delivery.reply.text


def test_pictures_that_slack_cannot_fetch_are_left_out(stage: Stage) -> None:
    put(stage, "Harbourside tour")
    stage.slack.faults.add(SlackFault.IMAGE_UNFETCHABLE, "views.update")
    view = find(stage, "harbourside")
    assert "Harbourside tour" in said(view)
    assert not [block for block in view.blocks if block.get("accessory", {}).get("type") == "image"]


def test_everything_about_a_video_with_the_proposals_about_it(stage: Stage) -> None:
    video = put(
        stage,
        "Harbourside tour",
        streams=(Stream("HD"), Stream("LD", status="Invisible"), Stream("FD", encrypted=True)),
        snapshots={SnapshotKind.NORMAL: 3},
        storage_class="Archive",
        plays={f"{stage.vod.library.now():%Y-%m-%d}": 1_234},
        upload=UploadFacts("WebSDK", "192.0.2.9", "Chrome"),
    )
    number = stage.propose("ana", f"video {video.video_id}")
    part = stage.propose("ana", f"stream {video.video_id} HD")
    view = show(stage, video.video_id)
    for words in (
        "Harbourside tour",
        "Storage class: Archive",
        "1,234 (1 day with data",
        "WebSDK, Chrome, 192.0.2.9 (VOD names no person)",
        "3 streams",
        "what players get now",
        "an older duplicate",
        "encrypted",
        "Snapshots: 3 images",
        "Cover: 1 image",
        "Sprite sheets: none",
        "is waiting for approval",
        f"|#{number}>",
        f"|#{part}>",
    ):
        assert words in said(view), words
    assert any(
        element.get("url") == f"https://vod.console.aliyun.com/#/media/video/detail/{video.video_id}/video"
        for block in view.blocks
        for element in block.get("elements", ())
    )


def test_what_vod_does_not_say_is_not_said_to_be_nothing(stage: Stage) -> None:
    hidden = put(stage, "Held by review", status="Blocked")
    view = show(stage, hidden.video_id)
    assert "*Streams* could not be read (VOD does not show them in the video's status)." in said(view)
    assert "Streams*: none" not in said(view)
    assert "Plays in the last 90 days: no data" in said(view)
    assert "Uploaded by: not known to VOD" in said(view)

    others = put(stage, "Partner feed", forbidden=True, app_id="app-2")
    view = show(stage, others.video_id)
    assert "*Streams* could not be read (no permission)." in said(view)
    assert "*Source file* could not be read (no permission)." in said(view)
    assert "Countersign may not delete this" in said(view)


def test_something_that_is_gone_still_has_its_past(stage: Stage) -> None:
    video = put(stage, "Harbourside tour")
    number = stage.propose("ana", f"video {video.video_id}")
    stage.click("bo", "Approve", number)
    stage.advance(3600)
    assert stage.vod.library.video(video.video_id) is None
    view = show(stage, video.video_id)
    assert "Nothing with this ID exists" in said(view)
    assert "this one: deleted" in said(view)


def test_an_id_typed_behind_find_is_shown(stage: Stage) -> None:
    image = stage.vod.library.add_image(title="Poster")
    assert "Image " + image.image_id in said(find(stage, image.image_id))


def test_an_address_tells_what_little_is_known(stage: Stage) -> None:
    image = stage.vod.library.add_image(title="Poster")
    view = show(stage, f"{stage.vod.url}{image.path}?auth_key=secret")
    assert "An image is served at this address." in said(view)
    assert "secret" not in said(view)


def test_chinese_readers_get_chinese(stage: Stage) -> None:
    put(stage, "高等数学课程第1讲")
    read_in(stage, "zh-CN")
    view = find(stage, "课程 高等数学课程")
    assert view.title == "在点播中查找"
    assert "最新的在前" in said(view)
