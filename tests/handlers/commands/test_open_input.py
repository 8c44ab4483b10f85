"""Whatever is typed: parsing never raises, accepts nothing malformed, and its problems are fit to be shown."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from deletion.terms.requests import addresses
from deletion.terms.requests.targets import (
    DEFINITIONS,
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    Videos,
)
from handlers.commands import explanations
from handlers.commands.dispatch import Understood, understand
from handlers.commands.every_verb import FORMS
from handlers.commands.syntax.lexing import UnclosedQuoteError, tokenize
from handlers.commands.syntax.media import ID, REASON_MOST, Deletion
from handlers.commands.syntax.problems import Problems
from handlers.text.language import ENGLISH
from sandbox.slack.model.block_kit.blocks import message_problems
from tests.handlers.samples import hidden_characters, patient

QUOTES = "\"'\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
ANY = st.text(st.characters(codec="utf-8"), max_size=80)
IDS = st.text("0123456789abcdefABCDEF", min_size=31, max_size=33)
WORDS = st.one_of(
    IDS,
    ANY,
    st.sampled_from(["delete", "video", "stream", "mezzanine", "image", "status", "withdraw", "list", "help"]),
    st.sampled_from(["--reason", "--force", "--of", "\u2014reason", "--", "all", "cover", "sprite", *DEFINITIONS]),
    st.sampled_from(["https://img.example/a.png", "<https://img.example/b.png|b>", "&lt;&amp;", *QUOTES]),
)
LINES = st.lists(WORDS, max_size=12).map(" ".join)
FEW = st.sampled_from(["a1" * 16, "a1" * 16, "b2" * 16, "c3" * 16 + "c", "d4" * 15 + "d", "e5" * 15 + "e-"])
"""A few ids, so that they repeat; the last three are malformed."""
DELETES = st.tuples(
    st.sampled_from(["video", "stream", "mezzanine", "image", "image --of", "mezzanine --force"]),
    st.one_of(
        st.lists(FEW, min_size=1, max_size=4),
        st.lists(st.one_of(FEW, st.sampled_from(["HD", "hd", "cover", "all", "https://img.example/a.png"]))),
    ),
).map(lambda drawn: f"delete {drawn[0]} {' '.join(drawn[1])} --reason because")


@patient
@given(st.one_of(ANY, LINES))
def test_parsing_never_raises_and_repeats_itself(text: str) -> None:
    assert understand(text) == understand(text)


@settings(patient, max_examples=400)
@given(DELETES)
def test_what_is_accepted_names_each_thing_once_and_well_formed(text: str) -> None:
    found = understand(text)
    if isinstance(found, Understood) and isinstance(command := found.command, Deletion):
        assert 0 < len(command.reason.strip()) <= REASON_MOST
        names = list(_names(command.request))
        assert names
        assert len(set(names)) == len(names)
        assert all(_is_well_formed(command.request, name) for name in names)


@patient
@given(st.lists(IDS.filter(lambda name: len(name) == 32), min_size=1, max_size=30, unique=True))
def test_well_formed_ids_are_accepted_in_their_order(ids: list[str]) -> None:
    found = understand(f"delete video {' '.join(ids)} --reason because")
    assert isinstance(found, Understood)
    assert found.command == Deletion(Videos(tuple(ids)), "because")


@patient
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters=QUOTES), max_size=12), max_size=8))
def test_quoted_words_come_back_as_they_were(words: list[str]) -> None:
    assert tokenize(" ".join(f'"{word}"' for word in words)) == words


@patient
@given(st.lists(st.text("abc\u4e2d-#", min_size=1, max_size=6), max_size=8), st.sampled_from([" ", "\t", "\n  "]))
def test_plain_words_come_back_as_they_were(words: list[str], gap: str) -> None:
    assert tokenize(gap.join(words)) == words


@patient
@given(ANY)
def test_splitting_either_works_or_names_the_quote(text: str) -> None:
    try:
        found = tokenize(text)
    except UnclosedQuoteError as unclosed:
        found, opening = [unclosed.start], unclosed.start[0]
    else:
        opening = QUOTES[0]
    assert opening in QUOTES
    assert all(token in text for token in found)


@patient
@given(st.one_of(ANY, LINES))
def test_problems_are_whole_sentences_that_slack_accepts_and_nothing_hides_in(text: str) -> None:
    problems = understand(text)
    if not isinstance(problems, Problems):
        return
    assert problems.found
    assert all(explanations.explained(ENGLISH, problem)[-1] in ".?4" for problem in problems.found)
    message = explanations.page(ENGLISH, problems, FORMS)
    assert message_problems(list(message.blocks)) == []
    assert hidden_characters(message) == []


def _names(request: Request) -> Iterable[str]:
    match request:
        case Videos(ids=names) | Mezzanines(ids=names) | Images(ids=names) | ImageUrls(urls=names):
            return names
        case Streams(wanted=names):
            return names
        case ImagesOf(which=which):
            return which


def _is_well_formed(request: Request, name: str) -> bool:
    match request:
        case ImageUrls():
            return addresses.normal(name) == name
        case Streams(video_id=video_id):
            return ID.fullmatch(video_id) is not None and (name in DEFINITIONS or bool(ID.fullmatch(name)))
        case ImagesOf(video_id=video_id):
            return ID.fullmatch(video_id) is not None
        case _:
            return ID.fullmatch(name) is not None
