"""Which command a text means, and what becomes of one that is nearly right."""

import pytest

from handlers.commands.dispatch import Understood, understand
from handlers.commands.every_verb import BY_WORD
from handlers.commands.syntax.media import REASON_MOST
from handlers.commands.syntax.problems import Problems, Wrong
from handlers.commands.syntax.since import Listed


@pytest.mark.parametrize(
    ("typed", "name", "command"),
    [
        ("", "help", None),
        ("   ", "help", None),
        ("help", "help", None),
        ("Help me please", "help", None),
        ("list", "list", Listed()),
        ("LIST", "list", Listed()),
        ("status 4", "status", 4),
        ("status #4", "status", 4),
        ('"status" 4', "status", 4),
        ("withdraw 17", "withdraw", 17),
        ("withdraw #000017", "withdraw", 17),
        ("stop 4", "stop", 4),
        ("approve 4", "approve", 4),
        ("reject #4", "approve", 4),
        ("thaw", "thaw", None),
        ("unfreeze", "thaw", None),
        ("UnFreeze", "thaw", None),
        ("freeze", "freeze", ""),
        ("freeze wrong folder", "freeze", "wrong folder"),
        ("FREEZE --reason wrong folder", "freeze", "wrong folder"),
        ('freeze "wrong folder"', "freeze", "wrong folder"),
        ("freeze it isn't right", "freeze", "it isn't right"),
        ('freeze "half', "freeze", "half"),
        ("freeze \u201chalf a quote", "freeze", "\u201chalf a quote"),
        ("freeze 'nuff", "freeze", "nuff"),
        ("freeze --force --of --reason", "freeze", "--force --of --reason"),
        ("freeze A &amp; B", "freeze", "A & B"),
        (f"freeze {'x' * 1_000}", "freeze", "x" * REASON_MOST),
    ],
)
def test_a_command_is_understood(typed: str, name: str, command: object) -> None:
    assert understand(typed) == Understood(BY_WORD[name], command)


@pytest.mark.parametrize(
    ("typed", "meant", "command"),
    [
        ("statsu 4", "status", 4),
        ("STAUS #4", "status", 4),
        ("lst", "list", Listed()),
        ("hepl", "help", None),
        ("aprove 4", "approve", 4),
        ("rejct 4", "reject", 4),
    ],
)
def test_what_only_reads_is_carried_out_although_it_is_misspelt(typed: str, meant: str, command: object) -> None:
    instead = (typed.split(" ", maxsplit=1)[0], meant)
    assert understand(typed) == Understood(BY_WORD[meant], command, instead)


@pytest.mark.parametrize(
    "typed", ["delte video x", "witdraw 4", "stopp 4", "frezee", "freez wrong folder", "unfreze", "thw", "thaww"]
)
def test_what_writes_is_only_suggested_when_it_is_misspelt(typed: str) -> None:
    found = understand(typed)
    assert isinstance(found, Problems)
    (problem,) = found.found
    assert problem.code is Wrong.UNKNOWN_COMMAND
    assert problem.nearest is not None
    assert not BY_WORD[problem.nearest].only_reads


@pytest.mark.parametrize(("typed", "meant"), [("stato 4", "status"), ("listing", "list")])
def test_what_is_not_near_enough_is_only_suggested(typed: str, meant: str) -> None:
    found = understand(typed)
    assert isinstance(found, Problems)
    assert found.found[0].nearest == meant


def test_of_a_misspelt_command_everything_that_is_wrong_is_said() -> None:
    found = understand("statsu four")
    assert isinstance(found, Problems)
    assert [problem.code for problem in found.found] == [Wrong.UNKNOWN_COMMAND, Wrong.NUMBER_WANTED]
    assert found.topic == "status"
