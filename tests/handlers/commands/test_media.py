"""Every form of `/vod delete`, typed as people and phones type it."""

import pytest

from deletion.terms.requests.targets import (
    DEFINITIONS,
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
)
from handlers.commands.dispatch import Understood, understand
from handlers.commands.syntax.media import REASON_MOST, ByForm, Deletion
from handlers.commands.syntax.problems import Problems

A = "a1" * 16
B = "b2" * 16
URL = "https://img.example/cover/one.png"

FORMS: list[tuple[str, Request]] = [
    (f"delete video {A}", Videos((A,))),
    (f"delete video {A} {B}", Videos((A, B))),
    (f"delete videos {A}", Videos((A,))),
    (f"DELETE Video {A}", Videos((A,))),
    (f"delete stream {A} HD", Streams(A, ("HD",))),
    (f"delete stream {A} hd 2k fd", Streams(A, ("HD", "2K", "FD"))),
    (f"delete stream {A} {B}", Streams(A, (B,))),
    (f"delete streams {A} {B} OD", Streams(A, (B, "OD"))),
    (f"delete mezzanine {A}", Mezzanines((A,), force=False)),
    (f"delete mezzanine {A} {B} --force", Mezzanines((A, B), force=True)),
    (f"delete mezzanine --force {A}", Mezzanines((A,), force=True)),
    (f"delete mezzanines {A} \u2014force", Mezzanines((A,), force=True)),
    (f"delete image {A} {B}", Images((A, B))),
    (f"delete image {URL}", ImageUrls((URL,))),
    (f"delete image {URL} {URL}2", ImageUrls((URL, f"{URL}2"))),
    (f"delete image --of {A} cover", ImagesOf(A, (VideoImages.COVER,))),
    (f"delete image cover --of {A}", ImagesOf(A, (VideoImages.COVER,))),
    (f"delete image --of {A} snapshot", ImagesOf(A, (VideoImages.SNAPSHOT,))),
    (f"delete image --of {A} sprite", ImagesOf(A, (VideoImages.SPRITE,))),
    (f"delete image --of {A} sprite-origin", ImagesOf(A, (VideoImages.SPRITE_ORIGIN,))),
    (f"delete image --of {A} Cover SPRITE", ImagesOf(A, (VideoImages.COVER, VideoImages.SPRITE))),
    (f"delete image --of {A} all", ImagesOf(A, tuple(VideoImages))),
    (f"delete image \u2013of {A} cover", ImagesOf(A, (VideoImages.COVER,))),
]


def deleted(text: str) -> Deletion:
    found = understand(text)
    assert isinstance(found, Understood), found
    assert isinstance(found.command, Deletion)
    assert found.instead is None
    return found.command


@pytest.mark.parametrize(("typed", "request_meant"), FORMS, ids=[typed for typed, _ in FORMS])
def test_every_form_of_delete_is_understood(typed: str, request_meant: Request) -> None:
    assert deleted(f'{typed} --reason "rights expired"') == Deletion(request_meant, "rights expired")


@pytest.mark.parametrize(("typed", "request_meant"), FORMS, ids=[typed for typed, _ in FORMS])
def test_the_reason_may_stand_anywhere_after_the_level(typed: str, request_meant: Request) -> None:
    delete, level, *rest = typed.split(" ")
    moved = f'{delete} {level} --reason "rights expired" --force' if "force" in typed else ""
    if moved:
        names = " ".join(word for word in rest if "force" not in word)
        assert deleted(f"{moved} {names}").request == request_meant
    assert deleted(f"{typed} --reason 'rights expired'").reason == "rights expired"


@pytest.mark.parametrize(
    "reason",
    [
        '--reason "rights expired"',
        "--reason 'rights expired'",
        "--reason \u201crights expired\u201d",
        "--reason \u201drights expired\u201d",
        "--reason \u2018rights expired\u2019",
        "--reason \u201erights expired\u201c",
        "--reason \u00abrights expired\u00bb",
        "--reason \u201crights expired\u201c",
        "\u2014reason \u201crights expired\u201d",
        "\u2013reason rights expired",
        "--reason rights expired",
        "--REASON rights   expired",
        '--reason "rights" expired',
    ],
)
def test_a_reason_is_read_whatever_quotes_and_dashes_a_phone_puts_in(reason: str) -> None:
    assert deleted(f"delete video {A} {reason}").reason == "rights expired"


def test_a_reason_without_quotes_ends_at_the_next_option() -> None:
    command = deleted(f"delete mezzanine {A} --reason rights have expired --force")
    assert command == Deletion(Mezzanines((A,), force=True), "rights have expired")


def test_quotes_within_words_are_just_characters() -> None:
    assert deleted(f"delete video {A} --reason it's 5\" too wide").reason == "it's 5\" too wide"


def test_a_quoted_reason_may_begin_with_a_dash() -> None:
    assert deleted(f'delete video {A} --reason "\u2014 see ticket 12"').reason == "\u2014 see ticket 12"
    assert deleted(f'delete video {A} --reason "--force is not needed"').reason == "--force is not needed"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (f"<{URL}>", URL),
        (f"<{URL}|img.example>", URL),
        (f"<{URL}|two words>", URL),
        (f"<{URL}?a=1&amp;b=2>", URL),
        (f"{URL}?a=1&amp;b=2", URL),
    ],
)
def test_links_are_taken_out_of_what_slack_makes_of_them(sent: str, meant: str) -> None:
    assert deleted(f"delete image {sent} --reason old").request == ImageUrls((meant,))


def test_entities_in_a_reason_are_what_the_person_typed() -> None:
    assert deleted(f'delete video {A} --reason "A &amp; B &lt; C &gt; &amp;lt;"').reason == "A & B < C > &lt;"


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_every_definition_of_vod_names_a_stream(definition: str) -> None:
    assert deleted(f"delete stream {A} {definition.lower()} --reason old").request == Streams(A, (definition,))


def test_a_reason_of_the_greatest_length_fits_and_one_longer_does_not() -> None:
    assert deleted(f'delete video {A} --reason "{"x" * REASON_MOST}"').reason == "x" * REASON_MOST
    assert isinstance(understand(f'delete video {A} --reason "{"x" * (REASON_MOST + 1)}"'), Problems)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("delete", ""), ('delete --reason "rights expired"', "rights expired"), ("delete \u2014reason x", "x")],
)
def test_with_nothing_named_the_form_asks(typed: str, reason: str) -> None:
    found = understand(typed)
    assert isinstance(found, Understood)
    assert found.command == ByForm(reason=reason)
