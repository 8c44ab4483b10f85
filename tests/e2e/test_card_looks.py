"""What a card shows to decide on, on real wires: pictures that Slack cannot fetch, and streams that stay."""

from deletion.terms.states import State
from sandbox.slack import FaultKind
from sandbox.vod import seed
from tests.e2e.evidence import every_button, in_blocks
from tests.stage import Stage


def test_a_card_whose_pictures_slack_cannot_fetch_is_there_without_them(stage: Stage) -> None:
    ids = [stage.vod.library.add_video(title=f"take {n}").video_id for n in range(3)]
    for method in ("chat.postMessage", "chat.update"):
        stage.slack.faults.add(FaultKind.IMAGE_UNFETCHABLE, method, times=None)
    number = stage.propose("ana", f"video {' '.join(ids)}")
    stage.say("ana", "/vod freeze a drill")
    card = stage.card(number)
    assert "image_url" not in str(card.blocks)
    assert "*Frozen* by" in in_blocks(card)
    assert len(every_button(card)) == 5
    stage.slack.faults.clear()
    for who in ("ana", "bo"):
        stage.say(who, "/vod unfreeze")
    assert str(stage.card(number).blocks).count("image_url") == 6
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.FINISHED


def test_of_streams_the_card_says_which_others_of_the_video_still_play(stage: Stage) -> None:
    video = stage.vod.library.video(seed.SPRING_TEASER.video_id)
    assert video is not None
    first, *others = sorted({stream.definition for stream in video.streams if stream.status == "Normal"})
    assert others
    number = stage.propose("ana", f"stream {video.video_id} {first}")
    told = next(text for text in in_blocks(stage.card(number)).split("*Still plays afterwards*\n")[1:])
    named = told.split("\n")[0]
    assert all(f"`{definition} " in named for definition in others)
    assert f"`{first} " not in named
    stage.click("bo", "Approve", number)
    assert stage.state(number) is State.FINISHED
    assert stage.verify().holds
