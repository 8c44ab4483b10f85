"""What is wrong with a command is said all at once, in words that say what is right."""

import pytest

from handlers.commands.parsing import LEVELS, SUBCOMMANDS, Problems, parse

A = "a1" * 16
B = "b2" * 16
URL = "https://img.example/cover/one.png"
WHY = '--reason "rights expired"'


def problems(text: str) -> tuple[str, ...]:
    command = parse(text)
    assert isinstance(command, Problems), command
    return command.found


def only_problem(text: str) -> str:
    (problem,) = problems(text)
    return problem


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("delte video", "delete"),
        ("remove", None),
        ("statsu 4", "status"),
        ("lst", "list"),
        ("withdrawal 4", "withdraw"),
        ("hepl", "help"),
        ("löschen", None),
    ],
)
def test_an_unknown_command_names_the_nearest_or_all(typed: str, nearest: str | None) -> None:
    problem = only_problem(typed)
    assert f"no command “{typed.split(maxsplit=1)[0]}”" in problem
    expected = f"Did you mean {nearest}?" if nearest else f"There are: {', '.join(SUBCOMMANDS)}."
    assert problem.endswith(expected)


@pytest.mark.parametrize(
    ("level", "nearest"),
    [("vidoe", "video"), ("mezanine", "mezzanine"), ("steam", "stream"), ("picture", None), (A, None)],
)
def test_an_unknown_kind_of_media_names_the_nearest_or_all(level: str, nearest: str | None) -> None:
    problem = only_problem(f"delete {level} {A} {WHY}")
    assert problem.endswith(f"Did you mean {nearest}?" if nearest else f"There are: {', '.join(LEVELS)}.")


@pytest.mark.parametrize(
    ("option", "ending"),
    [
        ("--reson", "Did you mean --reason?"),
        ("--forced", "Did you mean --force?"),
        ('--reason="expired"', "Did you mean --reason?"),
        ("--zzzzzzzz", "There are: --reason, --force, --of."),
        ("\u2014frce", "Did you mean --force?"),
    ],
)
def test_an_unknown_option_names_the_nearest_or_all(option: str, ending: str) -> None:
    assert any(problem.endswith(ending) for problem in problems(f"delete video {A} {option} {WHY}"))


@pytest.mark.parametrize("name", ["status", "withdraw"])
@pytest.mark.parametrize("rest", ["", "4 5", "four", "-4", "4.0", "#", "##4", "1234567890", "\u00b2", "\u0664"])
def test_a_proposal_is_named_by_one_number(name: str, rest: str) -> None:
    assert only_problem(f"{name} {rest}") == f"Name one proposal by its number, such as: /vod {name} 4"


def test_list_takes_nothing_after_it() -> None:
    assert only_problem("list mine") == "/vod list takes nothing after it."


def test_delete_alone_asks_what() -> None:
    assert only_problem("delete") == "Say what to delete: video, stream, mezzanine and image."


@pytest.mark.parametrize("level", ["video", "mezzanine", "image"])
def test_naming_nothing_is_a_problem(level: str) -> None:
    assert any("Name at least one" in problem for problem in problems(f"delete {level} {WHY}"))


@pytest.mark.parametrize("level", ["video", "mezzanine", "image"])
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (A[:31], "it has 31 characters, ids have 32"),
        (A + "0", "it has 33 characters, ids have 32"),
        ("x", "it has 1 character, ids have 32"),
        (A[:31] + "-", "ids are made of digits and letters only"),
        (A[:31] + "\u0430", "ids are made of digits and letters only"),
        (A[:31] + ",", "ids are made of digits and letters only"),
        (f'""{A}', "it has 0 characters, ids have 32"),
    ],
)
def test_a_malformed_id_is_told_what_is_wrong_with_it(level: str, wrong: str, why: str) -> None:
    assert any(problem.endswith(f": {why}.") for problem in problems(f"delete {level} {wrong} {WHY}"))


@pytest.mark.parametrize(
    "typed",
    [
        f"delete video {A} {A}",
        f"delete mezzanine {A} {A}",
        f"delete image {A} {A}",
        f"delete image {URL} {URL}",
        f"delete stream {A} {B} {B}",
    ],
)
def test_naming_something_twice_is_a_problem(typed: str) -> None:
    repeated = typed.rsplit(" ", 1)[1]
    assert only_problem(f"{typed} {WHY}") == f"“{repeated}” is there 2 times; name it once."


def test_a_definition_in_another_case_is_the_same_definition() -> None:
    assert only_problem(f"delete stream {A} HD hd Hd {WHY}") == "“HD” is there 3 times; name it once."


def test_a_kind_of_image_in_another_case_is_the_same_kind() -> None:
    assert only_problem(f"delete image --of {A} cover Cover {WHY}") == "“cover” is there 2 times; name it once."


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("", "Name the video, then its streams"),
        (A, "Name at least one stream of the video"),
        (f"{A} UHD", "“UHD” is neither a definition (FD, LD,"),
        (f"{A} {B[:31]}", "nor a job id (32 characters)"),
        ("HD", "“HD” is not a video id"),
    ],
)
def test_streams_are_named_by_video_and_definition_or_job(rest: str, words: str) -> None:
    assert any(words in problem for problem in problems(f"delete stream {rest} {WHY}"))


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (f"{A} {URL}", "by id or by URL, not both"),
        ("--of", "--of wants a video id."),
        ("--of --force", "--of wants a video id."),
        (f"--of {A}", "Say which images of the video: cover, snapshot, sprite, sprite-origin, all."),
        (f"--of {A[:31]} cover", "is not a video id"),
        (f"--of {A} covr", "Did you mean cover?"),
        (f"--of {A} {URL}", "There is no kind of image"),
        ("ftp://img.example/one.png", "is not an image id"),
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
    assert 'Say why, so that the approver can decide: add --reason "…".' in problems(f"delete video {A} {why}")


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
    assert only_problem(typed) == f"The quote that begins with {start} is never closed."


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = problems(f"delete stream {A[:31]} HD hd UHD --force --of {B} --zzzzzzzz --reason {'x' * 501}")
    for words in (
        "is not a video id",
        "“HD” is there 2 times",
        "“UHD” is neither",
        "--force is only for mezzanine",
        "--of is only for image",
        "no option “--zzzzzzzz”",
        "The reason has 501 characters",
    ):
        assert sum(words in problem for problem in found) == 1, words
    assert len(found) == 7


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("delete", "delete"),
        ("delete film x", "delete"),
        ("delete videos x", "delete video"),
        ("delete stream x", "delete stream"),
        ("status", "status"),
        ("list x", "list"),
        ("nonsense", None),
    ],
)
def test_problems_name_the_subcommand_they_are_about(typed: str, topic: str | None) -> None:
    command = parse(typed)
    assert isinstance(command, Problems)
    assert command.topic == topic


def test_a_very_long_word_is_shortened_where_it_is_repeated() -> None:
    assert len(only_problem("x" * 40_000)) < 200
