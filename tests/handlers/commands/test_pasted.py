"""What people paste, from lists, consoles and other keyboards: understood in full, or refused in words."""

import random
import time

import pytest

from deletion.terms.requests.targets import ImageUrls, Mezzanines, Videos
from handlers.commands.dispatch import Understood, understand
from handlers.commands.syntax.media import Deletion
from handlers.commands.syntax.naming import Tidied
from handlers.commands.syntax.problems import Problems, Wrong

A, B = "93ab850b4f6f44eab54b6e91d24d81d4", "0123456789abcdef0123456789abcdef"
WHY = " --reason why"


def deletion(typed: str) -> Deletion:
    found = understand(f"delete {typed}")
    assert isinstance(found, Understood), found
    command = found.command
    assert isinstance(command, Deletion)
    return command


LISTS = (
    f"{A} {B}",
    f"{A};{B}",
    f"{A}; {B};",
    f"{A},{B}",
    f"{A}|{B}",
    f"{A}\t{B}",
    f"{A}\n{B}",
    f"{A}\r\n{B}",
    f"{A}\u3001{B}",
    f"{A}\uff0c{B}",
    f"{A}\uff1b{B}",
    f"{A}\u00a0{B}",
    f"{A}\u3000{B}",
    f'"{A}","{B}"',
    f"'{A}', '{B}'",
    f"\u201c{A}\u201d,\u201c{B}\u201d",
    f"\u00ab{A}\u00bb \u00ab{B}\u00bb",
    f"\u300c{A}\u300d\u300c{B}\u300d",
    f"\u201e{A}\u201c \u201e{B}\u201d",
    f'["{A}","{B}"]',
    f'[ "{A}", "{B}" ]',
    f"({A}, {B})",
    f"{{{A};{B}}}",
    f"`{A}` `{B}`",
    f"```{A} {B}```",
    f"*{A}* _{B}_",
    f"~{A}~ <{B}>",
    f"&lt;{A}&gt; {B}",
    f"\u2022 {A}\n\u2022 {B}",
    f"- {A}\n- {B}",
    f"1. {A}\n2. {B}",
    f"1) {A} 2) {B}",
    f"\ufeff{A} {B}\u200b",
    f"{A[:8]}\u00ad{A[8:]} \u202a{B}\u202c",
    f"\u2066{A}\u2069 \u200e{B}",
    f"https://vod.console.aliyun.com/#/media/video/detail/{A}/video {B}",
    f"<https://vod.console.aliyun.com/?spm=1#/media/video/detail/{A}|console> {B}",
    f"https://play.example.com/{A}/0f0f-hd.m3u8?auth_key=17 {B}",
)


@pytest.mark.parametrize("typed", LISTS)
def test_a_list_is_taken_however_it_was_kept(typed: str) -> None:
    assert deletion(f"video {typed}{WHY}").request == Videos((A, B))


def test_what_was_left_out_and_what_was_there_twice_is_known() -> None:
    found = deletion(f"video `{A}`,{B} {A}{WHY}")
    assert found.request == Videos((A, B))
    assert found.tidied == {Tidied.MARKS, Tidied.REPEATED}
    assert found.repeated == (A,)
    assert deletion(f"video {A} {B}{WHY}").tidied == frozenset()


@pytest.mark.parametrize(
    "option",
    [
        *("--force", "\u2014force", "\u2013force", "\u2015force", "\u2011\u2011force", "\u2010\u2010force"),
        *(
            "\u2212\u2212force",
            "\uff0d\uff0dforce",
            "-\u2011force",
            "\u2014FORCE",
            "\u200b--force",
            "--\u200bforce",
        ),
    ],
)
def test_an_option_is_one_on_every_keyboard(option: str) -> None:
    assert deletion(f"mezzanine {A} {option}{WHY}").request == Mezzanines((A,), force=True)


REASONS = (
    '--reason "rights expired"',
    '--reason="rights expired"',
    "--reason=\u201crights expired\u201d",
    "--reason\uff1d\u201crights expired\u201d",
    "--reason rights expired",
    "\u2014reason=\u2018rights expired\u2019",
    "--reason \u201erights expired\u201d",
    "--reason \u201erights expired\u201c",
    "--reason \u201arights expired\u2019",
    "--reason \u00abrights expired\u00bb",
    "--reason \u00bbrights expired\u00ab",
    "--reason \u2039rights expired\u203a",
    "--reason \u300crights expired\u300d",
    "--reason \u300erights expired\u300f",
    "--reason \uff02rights expired\uff02",
)


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_is_read_in_every_kind_of_quotes(reason: str) -> None:
    found = deletion(f"video {A} {reason}")
    assert (found.request, found.reason) == (Videos((A,)), "rights expired")


@pytest.mark.parametrize("blank", ['""', '" "', '"\u200b"', '"\u2800\u3164"', '"\u00a0\u2060"', "\u200b"])
def test_a_reason_that_shows_nothing_is_missing(blank: str) -> None:
    found = understand(f"delete video {A} --reason {blank}")
    assert isinstance(found, Problems)
    assert [problem.code for problem in found.found] == [Wrong.REASON_MISSING]


def test_an_image_is_named_once_without_its_signature() -> None:
    address = "https://img.example/image/default/a.png"
    found = deletion(f"image {address}?x-oss-process=image/resize,w_200 {address}?auth_key=176-0-0-abc{WHY}")
    assert found.request == ImageUrls((address,))
    assert found.tidied == {Tidied.QUERY, Tidied.REPEATED}


@pytest.mark.parametrize(
    "address",
    [
        f"https://example.com/watch?id={A}",
        f"https://vod.console.aliyun.com/{A}/{B}",
        f"https://aliyun.com.evil.example/x/{A}",
        f"https://play.example.com/{A}",
    ],
)
def test_an_id_is_not_guessed_from_any_address(address: str) -> None:
    found = understand(f"delete video {address}{WHY}")
    assert isinstance(found, Problems)


ATOMS = (
    *("<http://", "<https://x|", "|", ">", "<", "&lt;", "&amp;", '"', "'", "\u201e", "\u201c", "\u201d", "\u00ab"),
    *("--", "--reason", "--reason=", "--force", "\u2014", "-", "=", "\uff1d", " ", "\n", "\t", "\u00a0", "\u200b"),
    *(
        "a",
        A,
        f"https://e.example/{A}/",
        "https://",
        "?",
        "#",
        ",",
        ";",
        "[",
        "]",
        "`",
        "*",
        "1.",
        "\u2022",
        "\u0301",
    ),
    *("delete", "video", "image", "status", "freeze", "4", "cover", "--of", "\ud83d\ude00", "\u202e"),
)
STARTS = ("", "delete video ", "delete image ", "delete stream ", "delete ", "freeze ", "status ", "help ")
INPUTS = 50_000
LONGEST = 40_000
EVERY_LONG = 1_000


def nasty(rng: random.Random, length: int) -> str:
    """Return a text of about so many characters: one atom again and again, or a mixture of a few."""
    few = rng.choices(ATOMS, k=rng.choice((1, 2, 3, 8)))
    unit = "".join(rng.choices(few, k=rng.choice((1, 4, 32))))
    return (rng.choice(STARTS) + unit * (length // len(unit) + 1))[:length]


def test_no_text_takes_long_to_read() -> None:
    """The longest are read in the time of this thread, so that a busy machine does not count."""
    rng, worst = random.Random(20261129), 0.0  # noqa: S311 - inputs for a test
    for n in range(INPUTS):
        text = nasty(rng, LONGEST if n % EVERY_LONG == 0 else rng.choice((8, 30, 80)))
        began = time.thread_time()
        understand(text)
        worst = max(worst, time.thread_time() - began)
    assert worst < 1.0
