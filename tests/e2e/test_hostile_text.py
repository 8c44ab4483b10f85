"""Titles, reasons and file names that try to mention, link, format, hide or overflow: shown as text everywhere."""

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.views import reject
from sandbox.slack import Message
from sandbox.vod import Source, Stream, seed
from tests.e2e.evidence import (
    assert_lawful,
    assert_words_are_only_words,
    audit_card,
    audit_lines,
    in_blocks,
    said,
    texts,
)
from tests.stage import Stage

HOSTILE = (
    "<!channel> <!here> <!everyone> <@U0BO93LXT6W> <#C0GENERAL01> <!subteam^S0APPROVERS>",
    "*bold* _italic_ ~gone~ `code` ```block``` > quote & &lt;!channel&gt;",
    "<https://evil.example|Approve> https://evil.example mailto:x@evil.example",
    "Invoice \u202egpj.fdp\u202c \u2066isolated\u2069 \u200bzero\ufeff \x07bell \x1b[31mred\x00",
    "line\nline\r\nline\u2028line\u2029line\ttab",
    '=HYPERLINK("https://evil.example","open")',
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u05e9\u05dc\u05d5\u05dd \u6625\u5b63\u53d1\u5e03",
    "x" * 500,
    "\U0001f4a9" * 250,
    "&" * 500,
    "",
)
KNOWN = (seed.MARKUP_TITLE, seed.BIDI_TITLE, seed.LONG_TITLE, seed.CHINESE_TEASER)


def mentions(messages: list[Message]) -> set[str]:
    """Return every live mention in messages."""
    return {mention for message in messages for mention in message.broadcasts}


def the_people(stage: Stage) -> set[str]:
    """Return the mentions of those who proposed and decided: all that the bot means."""
    return {f"<@{stage.slack.user(name).id}>" for name in ("ana", "bo", "cy")}


def test_hostile_titles_are_text_from_the_card_to_the_audit_channel(stage: Stage) -> None:
    made = [
        stage.vod.library.add_video(
            title=title, category=title, tags=(title[:30],), source=Source(file_name=title[:100] or "x.mp4")
        ).video_id
        for title in HOSTILE
    ]
    wanted = [made[1], *made, *(known.video_id for known in KNOWN)]
    number = stage.propose("ana", f"video {' '.join(wanted)}")
    stage.say("cy", "/vod list")
    stage.vod.library.change_video(made[0], title=HOSTILE[2], description=HOSTILE[0])
    stage.click("bo", "Approve", number)
    card = in_blocks(stage.card(number))
    stage.click("bo", "Approve", number)

    assert set(stage.outcomes(number).values()) == {"deleted"}
    assert mentions(said(stage)) <= the_people(stage)
    assert "<!channel>" in card
    for shown in (card, in_blocks(audit_card(stage, number)), audit_lines(stage, number)):
        assert "\\u202Egpj.fdp\\u202C" in shown
    assert_lawful(stage)


def test_hostile_streams_sources_and_images_are_text_as_well(stage: Stage) -> None:
    library = stage.vod.library
    for title in ("".join(HOSTILE[:5]), KNOWN[0].title):
        video = library.add_video(
            title=title, source=Source(file_name=title[:80]), streams=(Stream("HD"), Stream("LD"))
        )
        image = library.add_image(title=title, tags=(title[:30],))
        for words in (
            f"stream {video.video_id} HD",
            f"mezzanine {video.video_id}",
            f"image {image.image_id}",
        ):
            stage.click("bo", "Approve", stage.propose("ana", words))

    assert mentions(said(stage)) <= the_people(stage)
    assert_lawful(stage)


def test_hostile_reasons_and_commands_are_text_wherever_they_are_repeated(stage: Stage) -> None:
    for text in HOSTILE[:5]:
        typed = text.replace("\n", " ").replace('"', "'")
        rejected = stage.propose("ana", f"video {seed.SPRING_TEASER.video_id}", reason=typed or "x")
        stage.click("bo", "Reject", rejected)
        stage.slack.submit("bo", {reject.BLOCK_ID: text or "because"})
        stage.say("ana", f"/vod status {rejected}")
        stage.say("ana", f"/vod delete video {typed} --reason x")
        stage.say("ana", f"/vod {typed}")
        stage.say("ana", "/vod list")

    assert mentions(said(stage)) <= the_people(stage)
    assert_words_are_only_words(stage)
    assert len(stage.events("proposal.rejected")) == 5


def test_long_titles_never_make_a_message_that_slack_refuses(stage: Stage) -> None:
    """Nineteen of the longest fill a card; not one message is given up, and each says what it is about."""
    facts = {"title": "&" * 500, "tags": ("t" * 32,) * 16, "has_cover": False}
    made = [stage.vod.library.add_video(**facts).video_id for _ in range(19)]
    number = stage.propose("ana", f"video {' '.join(made)}", reason="&" * 500)
    stage.click("bo", "Approve", number)

    refused = [
        call for call in stage.slack.calls if isinstance(call.answer, dict) and call.answer.get("ok") is False
    ]
    assert refused == []
    assert set(stage.outcomes(number).values()) == {"deleted"}
    assert all(len(message.text) <= 4000 for message in said(stage))


def test_the_attached_list_holds_hostile_titles_and_no_formula(stage: Stage) -> None:
    made = [stage.vod.library.add_video(title=HOSTILE[n % len(HOSTILE)]).video_id for n in range(25)]
    stage.propose("ana", f"video {' '.join(made)}")
    (file,) = stage.slack.files
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))

    assert [row[1] for row in rows[1:]] == made
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert not set("".join(cell for row in rows for cell in row)) & set("\u202e\u2066\x07\x1b\x00\n\r")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=120), reason=st.text(min_size=1, max_size=120))
def test_whatever_a_title_and_a_reason_are_made_of_the_card_only_shows_them(
    stage: Stage, title: str, reason: str
) -> None:
    sound = title.encode("utf-8", "ignore").decode()
    video = stage.vod.library.add_video(title=sound, has_cover=False)
    delivery = stage.say(
        "ana", f"/vod delete video {video.video_id} --reason {reason.encode('utf-8', 'ignore').decode()}"
    )
    assert delivery.error is None
    newest = said(stage)[-6:]
    assert mentions(newest) <= the_people(stage)
    assert all(text for message in newest for _, text in texts(list(message.blocks)))
    assert_words_are_only_words(stage)
