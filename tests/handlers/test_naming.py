"""People named without being pinged: by the name the workspace shows, made safe, with the id where it proves."""

from handlers.outbox.naming import NAME_MOST, unpinged
from handlers.text.blocks import Message, context, plain_section, section
from sandbox.slack.model.block_kit.blocks import texts
from tests.handlers.samples import APPROVER, SECOND

NAMES = {APPROVER: "Bo Lindqvist", SECOND: "<!channel> *Cy*"}


def test_a_mention_becomes_a_name_in_every_text_that_slack_formats() -> None:
    told = f"<@{APPROVER}> approved"
    shown = unpinged(Message(told, (section(told), context(told))), NAMES.get)
    assert [shown.text, *texts(list(shown.blocks))] == ["Bo Lindqvist approved"] * 3


def test_a_name_is_outside_text() -> None:
    shown = unpinged(Message(f"<@{SECOND}>"), NAMES.get)
    assert shown.text == "&lt;!channel&gt; \u2217Cy\u2217"


def test_who_it_was_for_certain_stands_beside_the_name_where_it_is_wanted() -> None:
    assert unpinged(Message(f"<@{APPROVER}>"), NAMES.get, with_ids=True).text == f"Bo Lindqvist (`{APPROVER}`)"


def test_nobody_can_name_themselves_as_if_with_the_id_of_somebody_else() -> None:
    shown = unpinged(Message(f"<@{APPROVER}>"), lambda _: f"Cy (`{SECOND}`)", with_ids=True)
    assert shown.text == f"Cy (\u02cb{SECOND}\u02cb) (`{APPROVER}`)"


def test_somebody_whose_name_is_not_known_is_named_by_id() -> None:
    assert unpinged(Message(f"<@{APPROVER}>"), lambda _: None).text == f"`{APPROVER}`"


def test_plain_text_stands_as_it_is() -> None:
    shown = unpinged(Message("", (plain_section(f"<@{APPROVER}>"),)), NAMES.get)
    assert list(texts(list(shown.blocks))) == [f"<@{APPROVER}>"]


def test_long_names_do_not_make_a_message_too_long() -> None:
    many = " ".join([f"<@{APPROVER}>"] * 180)
    shown = unpinged(Message(many, (section(many),)), lambda _: "n" * 90)
    assert len(shown.text) <= 4_000
    (text,) = texts(list(shown.blocks))
    assert len(text) <= 3_000
    assert text.startswith(f"{'n' * (NAME_MOST - 1)}… ")
