"""What is written down as about to be sent can be sent: whatever was typed, and whatever VOD called a thing."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vod
from deletion.collection import stage
from deletion.plan.calls import delete_call, is_sendable
from deletion.plan.facts import Target
from deletion.plan.library.reading import Reading, sendable
from deletion.terms.requests import addresses
from deletion.terms.requests.targets import (
    BATCH,
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
    kind_of,
)
from deletion.terms.results.findings import LeftOut
from handlers.commands.dispatch import Understood, understand
from handlers.commands.syntax.media import Deletion
from sandbox.vod import seed
from tests.deletion.bench import Bench
from tests.handlers.samples import patient

ONE = seed.SPRING_TEASER.video_id
HEX = "0123456789abcdefABCDEF"
ANY = st.text(max_size=40)
IDS = st.one_of(st.text(HEX, min_size=32, max_size=32), st.text(HEX, max_size=40), ANY)
URLS = st.builds(
    "{}{}/{}".format,
    st.sampled_from(["http://", "https://", "HTTP://", "hTTps://", "ftp://", "https:/", ""]),
    st.one_of(st.sampled_from(["img.example", "IMG.example", "", " ", "a b", "img.example:80"]), ANY),
    st.one_of(ANY, st.sampled_from(["a b.png", "a\tb", "\x7f", "a,b?c#d", "a" * 3000, "\ud800"])),
)
WORDS = st.one_of(IDS, URLS, st.sampled_from(["HD", "ld", "cover", "all", "sprite"]))
TYPED = st.builds(
    "delete {} {} --reason because".format,
    st.sampled_from(
        ["video", "stream", f"stream {ONE}", "mezzanine", "mezzanine --force", "image", f"image --of {ONE}"]
    ),
    st.lists(st.one_of(WORDS, WORDS.map('"{}"'.format)), min_size=1, max_size=4).map(" ".join),
)


def targets_of(request: Request) -> Sequence[str]:
    """Return what the request itself names as targets; streams are named by VOD."""
    match request:
        case Videos(ids=names) | Mezzanines(ids=names) | Images(ids=names) | ImageUrls(urls=names):
            return names
        case ImagesOf(which=which):
            return which
        case Streams(wanted=wanted):
            return [name for name in wanted if len(name) == 32]


@settings(patient, max_examples=1_000)
@given(TYPED)
def test_whatever_gets_past_the_reading_of_a_command_has_a_call(text: str) -> None:
    found = understand(text)
    if not isinstance(found, Understood) or not isinstance(found.command, Deletion):
        return
    request = found.command.request
    named = targets_of(request)
    for start in range(0, len(named), BATCH):
        delete_call(request, named[start : start + BATCH])


@patient
@given(URLS)
def test_an_address_that_is_taken_is_one_that_vod_takes(url: str) -> None:
    normal = addresses.normal(url)
    if normal is None:
        return
    assert addresses.normal(normal) == normal
    assert is_sendable(ImageUrls((normal,)), normal)


@patient
@given(st.lists(ANY, max_size=4))
def test_of_whatever_vod_calls_a_stream_only_what_has_a_call_comes_into_a_plan(names: list[str]) -> None:
    request = Streams(ONE, ("HD",))
    read = sendable(request, Reading(tuple(Target(id=name, title="t") for name in dict.fromkeys(names))))
    for target in read.targets:
        delete_call(request, [target.id])
    assert {each.why for each in read.left_out} <= {LeftOut.UNSENDABLE}
    assert {t.id for t in read.targets} | {each.name for each in read.left_out} == set(names)


@pytest.mark.parametrize(
    "request_",
    [
        Videos(("a" * 32, "")),
        Videos(()),
        Videos(tuple(f"{n:032x}" for n in range(21))),
        Streams("a,b", ("a" * 32,)),
        Mezzanines(("a" * 32,) * 2, force=True),
        Images(("b" * 65,)),
        ImageUrls(("https://img.example/a b.png",)),
        ImageUrls(("HTTP://img.example/a.png",)),
        ImageUrls((f"https://img.example/{'a' * 2048}",)),
        ImageUrls(("https://img.example/\ud800",)),
    ],
    ids=lambda each: f"{kind_of(each)}",
)
def test_what_has_no_call_says_so_when_the_call_is_made(request_: Request) -> None:
    names = request_.wanted if isinstance(request_, Streams) else targets_of(request_)
    with pytest.raises(vod.UnsendableError):
        delete_call(request_, names)


def test_a_kind_of_images_that_there_is_not_has_no_call() -> None:
    with pytest.raises(vod.UnsendableError, match="cover"):
        delete_call(ImagesOf(ONE, (VideoImages.COVER,)), ["poster"])


@pytest.mark.parametrize("url", ["HTTP://{}/image/a.png", "http://{}/image/a b.png"])
def test_a_plan_of_an_earlier_version_with_an_address_that_cannot_be_sent_is_stopped_in_words(
    bench: Bench, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command of today does not get that far; what was stored before is found before a call is written down."""
    with monkeypatch.context() as earlier:
        earlier.setattr(stage, "sendable", lambda _, reading, **__: reading)
        number = bench.executing(ImageUrls((url.format(bench.vod.image_domain),)))

    bench.settle()

    assert bench.events("call.intent") == []
    assert bench.vod.ledger.calls() == ()
    assert set(bench.outcomes(number).values()) == {"stopped"}
    (held,) = bench.events("items.held")
    assert held["items"][0][2]["because"] == {"why": "unsendable"}
