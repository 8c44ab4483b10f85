"""The form over real wires: opened in every way, filled in at every level, looked at, and proposed."""

import pytest

from deletion.terms.requests.targets import Images, ImagesOf, Mezzanines, Request, Streams, VideoImages, Videos
from handlers.slack.looking import modal
from handlers.views.proposing import form, offers, preview
from sandbox.slack import Delivery, FaultKind, SlackSandbox
from sandbox.slack.model.modals import View
from sandbox.vod import FaultKind as VodFault
from sandbox.vod import seed
from tests.harness import plans
from tests.stage import Opener, Stage

TEASER = seed.SPRING_TEASER.video_id
CHINESE = seed.CHINESE_TEASER
NOBODY = "f" * 32


def opened(stage: Stage, who: str = "ana") -> View:
    stage.slack.say(who, "/vod delete")
    return looked_at(stage, who)


def looked_at(stage: Stage, who: str = "ana") -> View:
    """Return the view that a person looks at once everything was looked up."""
    assert stage.program.lookups.settle(10)
    view = stage.slack.modal(who)
    assert view is not None
    return view


def level(stage: Stage, name: str, **typed: str) -> Delivery:
    return stage.slack.choose_in_modal("ana", "level", {"level": name, **typed})


def check(stage: Stage, **answers: str) -> str:
    """Press Check; return what is shown once it was read."""
    delivery = stage.slack.submit("ana", {"reason": "rights expired", **answers})
    assert not delivery.field_errors
    assert delivery.error is None
    return str(looked_at(stage).content)


def propose(stage: Stage, **answers: str) -> Delivery:
    delivery = stage.slack.submit("ana", answers)
    stage.settle()
    return delivery


def test_another_level_has_other_fields_and_what_was_typed_is_kept(stage: Stage) -> None:
    opened(stage)
    level(stage, "stream", ids=TEASER, reason="rights expired")
    level(stage, "images of", streams="HD")
    level(stage, "mezzanine", images="cover\nsnapshot")
    level(stage, "stream", force="force")
    elements = {block["block_id"]: block["element"] for block in looked_at(stage).inputs()}
    assert not {form.FORCE_BLOCK, form.FILE_BLOCK, form.IMAGES_BLOCK} & set(elements)
    assert elements[form.IDS_BLOCK]["initial_value"] == TEASER
    assert elements[form.REASON_BLOCK]["initial_value"] == "rights expired"
    assert [each["value"] for each in elements[form.STREAMS_BLOCK]["initial_options"]] == ["HD"]
    level(stage, "mezzanine")
    elements = {block["block_id"]: block["element"] for block in looked_at(stage).inputs()}
    assert elements[form.FORCE_BLOCK]["initial_options"]


LEVELS: list[tuple[str, dict[str, str], Request]] = [
    ("video", {"ids": f"<https://vod.console.aliyun.com/#/media/{TEASER}|here>, {TEASER}"}, Videos((TEASER,))),
    ("mezzanine", {"ids": TEASER, "force": "force"}, Mezzanines((TEASER,), force=True)),
    ("images of", {"ids": TEASER, "images": "cover"}, ImagesOf(TEASER, (VideoImages.COVER,))),
    ("stream", {"ids": TEASER, "streams": "HD\nSD"}, Streams(TEASER, ("HD", "SD"))),
]


@pytest.mark.parametrize(("name", "answers", "wanted"), LEVELS, ids=[each[0] for each in LEVELS])
def test_what_would_go_is_shown_before_it_is_proposed(
    stage: Stage, name: str, answers: dict[str, str], wanted: Request
) -> None:
    opened(stage)
    level(stage, name)
    seen = check(stage, **answers)
    assert "This would delete" in seen
    assert TEASER in seen
    assert ("IDs were read from web addresses" in seen) == (name == "video")
    assert stage.events("proposal.made") == []
    assert not propose(stage).field_errors
    assert stage.slack.modal("ana") is None
    assert plans.asked(stage.view(1)) == wanted
    assert "Proposal #1 is stored" in stage.answers("ana")[-1]
    assert stage.view(1).row.reason == "rights expired"


def test_what_is_wrong_is_said_at_its_field_on_every_level(stage: Stage) -> None:
    def wrong(name: str, **answers: str) -> dict[str, str]:
        level(stage, name)
        return stage.slack.submit("ana", {"ids": "", "reason": "x", **answers}).field_errors

    opened(stage)
    assert stage.slack.submit("ana", {"reason": "x"}).field_errors == {form.LEVEL_BLOCK: "This is a required field"}
    assert "by a list in a file" in wrong("video")[form.IDS_BLOCK]
    found = wrong("video", ids=f"{TEASER} {TEASER[:-1]}", reason=" \u200b ")
    assert "it has 31 characters" in found[form.IDS_BLOCK]
    assert "Say why" in found[form.REASON_BLOCK]
    assert "not an image URL" in wrong("image", ids="https://")[form.IDS_BLOCK]
    assert "domain" in wrong("image", ids="https://elsewhere.example/a.png")[form.IDS_BLOCK]
    found = wrong("images of", ids=f"{TEASER} {CHINESE.video_id}", images="cover")
    assert "Name one video" in found[form.IDS_BLOCK]
    assert wrong("images of", ids=TEASER, images="") == {form.IMAGES_BLOCK: "This is a required field"}
    found = wrong("stream", ids="")
    assert set(found) == {form.IDS_BLOCK, form.STREAMS_BLOCK}
    assert "neither a definition" in wrong("stream", ids=TEASER, jobs="x")[form.JOBS_BLOCK]
    both = stage.slack.upload("ana", "list.csv", TEASER.encode())
    assert "not both" in wrong("mezzanine", ids=TEASER, file=both.id)[form.FILE_BLOCK]
    assert stage.events("proposal.made") == stage.events("proposal.refused") == []


def test_more_than_a_proposal_may_delete_is_said_at_the_field(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_MAX_ITEMS="2")
    opened(stage)
    ids = " ".join(f"{n:032x}" for n in range(3))
    found = stage.slack.submit("ana", {"level": "video", "ids": ids, "reason": "x"}).field_errors
    assert "COUNTERSIGN_MAX_ITEMS" in found[form.IDS_BLOCK]


def test_videos_and_images_are_found_by_words_of_their_titles_and_chosen(stage: Stage) -> None:
    opened(stage)
    assert stage.slack.suggest("ana", "found", "S").request is None
    found = stage.slack.suggest("ana", "found", "spring launch teaser")
    assert found.error is None
    assert [each["text"]["text"] for each in found.options] == [
        seed.SPRING_TEASER.title,
        seed.SPRING_TEASER_VERTICAL.title,
    ] or len(found.options) == 2
    assert stage.slack.suggest("ana", "found", "预告").options[0]["value"] == CHINESE.video_id
    assert stage.slack.suggest("ana", "found", NOBODY).options[0]["value"] == NOBODY
    assert stage.slack.suggest("ana", "found", "no such title").options == ()
    level(stage, "stream", found=TEASER)
    assert "HD" in check(stage, streams="HD")
    stage.slack.close_modal("ana")
    level(stage, "video", found=f"{TEASER}\n{CHINESE.video_id}")
    seen = check(stage)
    assert "This would delete 2 videos" in seen
    assert CHINESE.title in seen
    assert not propose(stage).field_errors
    assert plans.asked(stage.view(1)) == Videos((TEASER, CHINESE.video_id))


def test_images_are_found_by_title_too(stage: Stage) -> None:
    image = stage.vod.library.images()[0]
    opened(stage)
    level(stage, "image")
    options = stage.slack.suggest("ana", "pictures", image.title[:6]).options
    assert image.image_id in [each["value"] for each in options]
    check(stage, pictures=image.image_id)
    propose(stage)
    assert plans.asked(stage.view(1)) == Images((image.image_id,))


def test_a_search_that_vod_does_not_answer_says_so_and_chooses_nothing(stage: Stage) -> None:
    opened(stage)
    stage.vod.faults.set(VodFault.UNAVAILABLE, "SearchMedia", times=None)
    (told,) = stage.slack.suggest("ana", "found", "spring").options
    assert "VOD did not answer in time" in told["text"]["text"]
    found = stage.slack.submit("ana", {"level": "video", "found": offers.NOTHING, "reason": "x"}).field_errors
    assert form.IDS_BLOCK in found


def test_where_vod_cannot_be_read_it_is_said_and_one_may_propose_all_the_same(stage: Stage) -> None:
    opened(stage)
    stage.vod.faults.set(VodFault.UNAVAILABLE, "BatchGetMediaInfos", times=None)
    assert "You can propose all the same" in check(stage, level="video", ids=TEASER)
    stage.vod.faults.clear()
    stage.slack.press_in_modal("ana", preview.READ_AGAIN)
    assert "This would delete 1 video" in str(looked_at(stage).content)
    assert not propose(stage, reason="rights expired in May").field_errors
    assert stage.view(1).row.reason == "rights expired in May"


def test_what_vod_does_not_have_cannot_be_proposed_and_the_form_is_there_to_mend(stage: Stage) -> None:
    form_ = opened(stage)
    seen = check(stage, level="video", ids=NOBODY)
    assert "Nothing to propose" in seen
    assert looked_at(stage).content.get("submit") is None
    stage.slack.close_modal("ana")
    assert looked_at(stage).id == form_.id
    assert "Not in this proposal" in check(stage, ids=f"{NOBODY} {TEASER}")
    level_ = looked_at(stage)
    assert level_.previous == form_.id


def test_a_list_in_a_file_is_shown_and_its_problems_too(stage: Stage) -> None:
    opened(stage)
    wrong = stage.slack.upload("ana", "list.csv", f"id\n{TEASER}\n{TEASER[:-1]}\n".encode())
    seen = check(stage, level="video", file=wrong.id)
    assert "line 3: " in seen
    assert looked_at(stage).content.get("submit") is None
    stage.slack.close_modal("ana")
    right = stage.slack.upload("ana", "list.csv", f"id\n{TEASER}\n".encode())
    seen = check(stage, file=right.id)
    assert "This would delete 1 video" in seen
    assert "was taken for the heading" in seen
    assert not propose(stage).field_errors
    assert plans.asked(stage.view(1)) == Videos((TEASER,))


def test_a_file_is_there_still_when_a_level_without_files_was_looked_at(stage: Stage) -> None:
    opened(stage)
    given = stage.slack.upload("ana", "list.csv", f"id\n{TEASER}\n".encode())
    level(stage, "video")
    level(stage, "stream", file=given.id)
    level(stage, "video")
    assert "list.csv" in str(looked_at(stage).content)
    assert "This would delete 1 video" in check(stage)


def test_nothing_is_lost_when_an_answer_comes_too_late_and_it_is_proposed_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modal, "PAUSES_S", (0.05,))
    opened(stage)
    slack, answers = stage.slack, {"level": "video", "ids": TEASER, "reason": "rights expired"}
    slack.faults.add(FaultKind.LATE, "click")
    assert level(stage, "mezzanine", ids=TEASER).error == "operation_timeout"
    filled = looked_at(stage)
    slack.faults.add(FaultKind.LATE, "submit")
    assert slack.submit("ana", answers).error == "operation_timeout"
    # What was typed is still there: she presses once more, and twice.
    first, second = slack.submit("ana", {}), slack.submit("ana", {}, filled)
    assert first.error is second.error is None
    checked = looked_at(stage)
    slack.faults.add(FaultKind.LATE, "submit")
    assert slack.submit("ana", {}).error == "operation_timeout"
    assert looked_at(stage) == checked
    again = propose(stage)
    assert "was handled already" in again.field_errors[preview.REASON_BLOCK]
    assert len(stage.events("proposal.made")) == 1
    assert plans.asked(stage.view(1)) == Videos((TEASER,))


def test_a_form_that_slack_does_not_open_comes_back_as_a_button_with_what_was_typed(stage: Stage) -> None:
    stage.slack.faults.add(FaultKind.ERROR, "views.open", error="expired_trigger_id")
    stage.say("ana", '/vod delete mezzanine --force --file --reason "版权到期"')
    assert stage.slack.modal("ana") is None
    stage.slack.click("ana", "Propose a deletion")
    elements = {block["block_id"]: block["element"] for block in looked_at(stage).inputs()}
    assert elements[form.REASON_BLOCK]["initial_value"] == "版权到期"
    assert elements[form.LEVEL_BLOCK]["initial_option"]["value"] == "mezzanine"
    assert elements[form.FORCE_BLOCK]["initial_options"]


def test_the_shortcut_from_anywhere_answers_in_a_direct_message(stage: Stage) -> None:
    stage.slack.faults.add(FaultKind.ERROR, "views.open", error="expired_trigger_id")
    stage.slack.global_shortcut("ana", form.GLOBAL_SHORTCUT)
    assert "could not open the form" in stage.slack.dm("ana")[-1].text
    stage.slack.global_shortcut("ana", form.GLOBAL_SHORTCUT)
    check(stage, level="video", ids=TEASER)
    propose(stage)
    assert any("Proposal #1 is stored" in message.text for message in stage.slack.dm("ana"))


def test_who_may_not_propose_gets_no_form(local_slack: SlackSandbox, open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_PROPOSERS=local_slack.user("bo").id)
    assert "You may not propose" in str(stage.slack.say("ana", "/vod delete").reply)
    stage.slack.global_shortcut("ana", form.GLOBAL_SHORTCUT)
    assert "You may not propose" in stage.slack.dm("ana")[-1].text
    assert stage.slack.modal("ana") is None


def test_a_reason_is_suggested_by_the_settings_and_can_be_added_to(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_REASONS="Rights expired; Duplicate;版权到期")
    opened(stage)
    slip = stage.slack.submit("ana", {"level": "video", "ids": TEASER})
    assert "Say why" in slip.field_errors[form.REASON_BLOCK]
    check(stage, chosen="Rights expired", reason="contract of 2019")
    propose(stage)
    assert stage.view(1).row.reason == "Rights expired: contract of 2019"


def test_help_says_that_the_command_alone_opens_a_form(stage: Stage) -> None:
    for typed in ("/vod", "/vod help"):
        reply = stage.slack.say("ana", typed).reply
        assert reply is not None
        assert "`/vod delete`" in reply.text or "/vod delete" in reply.text
    stage.slack.click("ana", "Propose a deletion")
    assert looked_at(stage).content["callback_id"] == form.CALLBACK_ID
