"""What is wrong with a command is said all at once, in words that say what is right."""

import pytest

from handlers.commands import explanations
from handlers.commands.dispatch import understand
from handlers.commands.every_verb import BY_WORD, FORMS
from handlers.commands.explanations import COUNTS, SENTENCES, explained, page
from handlers.commands.syntax.media import IMAGES_OF, LEVELS
from handlers.commands.syntax.problems import Problems, Wrong
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from tests.handlers.samples import BIDI, HOSTILE, hidden_characters

A = "a1" * 16
B = "b2" * 16
URL = "https://img.example/cover/one.png"
WHY = '--reason "rights expired"'


def problems(text: str) -> tuple[str, ...]:
    found = understand(text)
    assert isinstance(found, Problems), found
    return tuple(explained(ENGLISH, problem) for problem in found.found)


def only_problem(text: str) -> str:
    (problem,) = problems(text)
    return problem


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("delte video", "delete"),
        ("remove", None),
        ("withdrawal 4", "withdraw"),
        ("stpo 4", "stop"),
        ("frezee", "freeze"),
        ("unfreze", "unfreeze"),
        ("löschen", None),
    ],
)
def test_an_unknown_command_names_the_nearest_or_all(typed: str, nearest: str | None) -> None:
    problem = only_problem(typed)
    assert problem.startswith(f"Unknown command “{typed.split(maxsplit=1)[0]}”.")
    expected = f"Did you mean {nearest}?" if nearest else f"Available: {', '.join(BY_WORD)}."
    assert problem.endswith(expected)


@pytest.mark.parametrize(
    ("level", "nearest"),
    [("vidoe", "video"), ("mezanine", "mezzanine"), ("steam", "stream"), ("picture", None), (A, None)],
)
def test_an_unknown_kind_of_media_names_the_nearest_or_all(level: str, nearest: str | None) -> None:
    problem = only_problem(f"delete {level} {A} {WHY}")
    assert problem.endswith(f"Did you mean {nearest}?" if nearest else f"Available: {', '.join(LEVELS)}.")


@pytest.mark.parametrize(
    ("option", "ending"),
    [
        ("--reson", "Did you mean --reason?"),
        ("--forced", "Did you mean --force?"),
        ('--resaon="expired"', "Did you mean --reason?"),
        ("--force=perhaps", "Did you mean --force?"),
        ("--zzzzzzzz", "Available: --reason, --force, --of, --file, --where."),
        ("\u2014frce", "Did you mean --force?"),
    ],
)
def test_an_unknown_option_names_the_nearest_or_all(option: str, ending: str) -> None:
    assert any(problem.endswith(ending) for problem in problems(f"delete video {A} {option} {WHY}"))


@pytest.mark.parametrize("name", ["status", "withdraw"])
@pytest.mark.parametrize("rest", ["", "4 5", "four", "-4", "4.0", "#", "##4", "1234567890", "\u00b2", "\u0664"])
def test_a_proposal_is_named_by_one_number(name: str, rest: str) -> None:
    assert only_problem(f"{name} {rest}") == f"Name one proposal by its number, for example: /vod {name} 4"


def test_unfreeze_takes_nothing_after_it() -> None:
    assert only_problem("unfreeze all") == "/vod unfreeze takes no arguments."


def test_a_list_says_what_it_takes() -> None:
    assert only_problem("list all") == "Unknown option “all”. Available: --mine, --done, --since."
    assert only_problem("list --since soon").startswith("--since needs a time, and “soon” is none: ")


@pytest.mark.parametrize("level", ["video", "mezzanine", "image"])
def test_naming_nothing_is_a_problem(level: str) -> None:
    assert any("Name at least one" in problem for problem in problems(f"delete {level} {WHY}"))


@pytest.mark.parametrize("level", ["video", "mezzanine", "image"])
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (A[:31], "it has 31 characters, IDs have 32"),
        (A + "0", "it has 33 characters, IDs have 32"),
        ("x", "it has 1 character, IDs have 32"),
        (A[:31] + "-", "IDs are made of digits and letters only"),
        (A[:31] + "\u0430", "IDs are made of digits and letters only"),
        (A[:31] + "!", "IDs are made of digits and letters only"),
    ],
)
def test_a_malformed_id_is_told_what_is_wrong_with_it(level: str, wrong: str, why: str) -> None:
    assert any(problem.endswith(f": {why}.") for problem in problems(f"delete {level} {wrong} {WHY}"))


def test_a_definition_in_another_case_is_the_same_definition() -> None:
    assert only_problem(f"delete stream {A} HD hd Hd {WHY}") == "“HD” is named 3 times; name it once."


def test_a_kind_of_image_in_another_case_is_the_same_kind() -> None:
    assert only_problem(f"delete image --of {A} cover Cover {WHY}") == "“cover” is named 2 times; name it once."


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("", "Name the video, then its streams"),
        (A, "Name at least one stream of the video"),
        (f"{A} UHD", "“UHD” is neither a definition (FD, LD,"),
        (f"{A} {B[:31]}", "nor a job ID (32 characters)"),
        ("HD", "“HD” is not a video ID"),
    ],
)
def test_streams_are_named_by_video_and_definition_or_job(rest: str, words: str) -> None:
    assert any(words in problem for problem in problems(f"delete stream {rest} {WHY}"))


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (f"{A} {URL}", "by ID or by URL, not both"),
        ("--of", "--of needs a video ID."),
        ("--of --force", "--of needs a video ID."),
        (f"--of {A}", f"The kind of images is missing: {', '.join(IMAGES_OF)}."),
        (f"--of {A[:31]} cover", "is not a video ID"),
        (f"--of {A} covr", "Did you mean cover?"),
        (f"--of {A} {URL}", "Unknown kind of image"),
        ("ftp://img.example/one.png", "is not an image ID"),
    ],
)
def test_images_are_named_by_id_or_url_or_as_those_of_a_video(rest: str, words: str) -> None:
    assert any(words in problem for problem in problems(f"delete image {rest} {WHY}"))


@pytest.mark.parametrize("level", ["video", "stream", "image"])
def test_force_is_only_for_mezzanine(level: str) -> None:
    assert "--force is only for mezzanine." in problems(f"delete {level} {A} --force {WHY}")


@pytest.mark.parametrize("level", ["video", "stream", "mezzanine"])
def test_of_is_only_for_image(level: str) -> None:
    assert "--of is only for image." in problems(f"delete {level} {A} --of {B} {WHY}")


@pytest.mark.parametrize("option", [f"--of {B} --of {A}", f'--of {A} {WHY} --reason "because"'])
def test_an_option_given_twice_is_a_problem_not_a_choice_of_the_last(option: str) -> None:
    assert any("times; give it once" in problem for problem in problems(f"delete image cover {option} {WHY}"))


@pytest.mark.parametrize("why", ["", "--reason", '--reason ""', '--reason "   "', "--reason --force"])
def test_a_reason_is_asked_for_when_there_is_none(why: str) -> None:
    assert 'The reason is missing: add --reason "…", so that the approver can decide.' in problems(
        f"delete video {A} {why}"
    )


def test_a_reason_that_is_too_long_is_told_its_length() -> None:
    found = only_problem(f'delete video {A} --reason "{"x" * 777}"')
    assert found == "The reason has 777 characters; at most 500 fit on the card."


@pytest.mark.parametrize(
    ("typed", "start"),
    [
        (f'delete video {A} --reason "rights expired', '"rights expired'),
        (f"delete video {A} --reason \u201crights expired", "\u201crights expired"),
        ("\u00abdelete a very long command indeed", "\u00abdelete a very long "),
        ('"', '"'),
    ],
)
def test_a_quote_that_is_never_closed_is_named(typed: str, start: str) -> None:
    assert only_problem(typed) == f"The quote that begins with {start} is not closed."


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = problems(f"delete stream {A[:31]} HD hd UHD --force --of {B} --zzzzzzzz --reason {'x' * 501}")
    for words in (
        "is not a video ID",
        "“HD” is named 2 times",
        "“UHD” is neither",
        "--force is only for mezzanine",
        "--of is only for image",
        "Unknown option “--zzzzzzzz”",
        "The reason has 501 characters",
    ):
        assert sum(words in problem for problem in found) == 1, words
    assert len(found) == 7


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("delete film x", "delete"),
        ("delete videos x", "delete video"),
        ("delete stream x", "delete stream"),
        ("status", "status"),
        ("list x", "list"),
        ("nonsense", None),
        ('status "4', "status"),
        ('"status 4', None),
    ],
)
def test_problems_name_the_subcommand_they_are_about(typed: str, topic: str | None) -> None:
    found = understand(typed)
    assert isinstance(found, Problems)
    assert found.topic == topic


def test_a_very_long_word_is_shortened_where_it_is_repeated() -> None:
    assert len(only_problem("x" * 40_000)) < 200


def shown(text: str) -> str:
    found = understand(text)
    assert isinstance(found, Problems), found
    message = page(ENGLISH, found, FORMS)
    assert message_problems(list(message.blocks)) == []
    assert 0 < len(message.text) <= 4_000
    assert hidden_characters(message) == []
    return "\n".join([message.text, *texts(list(message.blocks))])


def test_every_problem_has_one_sentence() -> None:
    assert sorted([*SENTENCES, *COUNTS]) == sorted(Wrong)


@pytest.mark.parametrize(
    ("typed", "usage"),
    [
        ("status", "/vod status <number>"),
        ("delete video x", '/vod delete video <video-id>… --reason "…"'),
        ("delete image x", "/vod delete image --of <video-id>"),
        ("delete x", "/vod delete stream <video-id>"),
        ("nonsense", "/vod help"),
    ],
)
def test_problems_are_listed_with_how_it_is_written(typed: str, usage: str) -> None:
    assert f"Usage:\n{usage}" in shown(typed) or f"\n{usage}" in shown(typed)


def test_the_answer_counts_the_problems_and_tells_each() -> None:
    told = shown(f"delete video {A[:31]} --force {WHY}")
    assert told.startswith("Nothing was stored or deleted: 2 problems with this command. • ")
    assert "\n• --force is only for mezzanine." in told
    assert shown(f"delete video {A[:31]} {WHY}").startswith("Nothing was stored or deleted: 1 problem with this ")


def test_of_very_many_problems_the_rest_is_counted_and_all_are_readable() -> None:
    hostile = "".join(f"{HOSTILE}{BIDI}".replace(",", "").split())
    ids = " ".join(f'"{n}{hostile}"' for n in range(100))
    told = shown(f"delete video {ids} {WHY}")
    assert "100 problems" in told
    assert told.partition("*Nothing")[2].count("is not a video ID") == explanations.SHOWN
    assert "… and 75 more" in told
