from itertools import product

import pytest

from deletion.outcomes import MOST_SENDS, Next, Outcome, Waiting, after_look
from deletion.outcomes import Presence

RESEND, GIVE_UP, UNREAD = 100, 1_000, 10_000
SAID = (Outcome.ACCEPTED, Outcome.ALREADY_GONE, Outcome.UNKNOWN)
WAITED = (0, RESEND - 1, RESEND, GIVE_UP - 1, GIVE_UP, UNREAD - 1, UNREAD)


def expected(said: Outcome, presence: Presence, waited: int, sends: int) -> tuple[Next, Outcome]:
    match presence, said:
        case Presence.ABSENT, Outcome.ALREADY_GONE:
            return Next.SETTLE, Outcome.ALREADY_GONE
        case Presence.ABSENT, _:
            return Next.SETTLE, Outcome.DELETED
        case Presence.UNKNOWN, _ if waited < UNREAD:
            return Next.LOOK_AGAIN, said
        case Presence.UNKNOWN, Outcome.ACCEPTED:
            return Next.SETTLE, Outcome.ACCEPTED
        case Presence.UNKNOWN, _:
            return Next.SETTLE, Outcome.UNKNOWN
        case _, Outcome.ACCEPTED:
            return (Next.SETTLE if waited >= GIVE_UP else Next.LOOK_AGAIN), Outcome.ACCEPTED
        case _ if waited < RESEND:
            return Next.LOOK_AGAIN, said
        case _ if sends < MOST_SENDS:
            return Next.SEND_AGAIN, said
        case _:
            return Next.SETTLE, Outcome.FAILED


@pytest.mark.parametrize(("said", "presence"), list(product(SAID, Presence)))
def test_what_is_done_after_a_look(said: Outcome, presence: Presence) -> None:
    for waited, sends in product(WAITED, range(1, MOST_SENDS + 2)):
        found = after_look(said, presence, Waiting(waited, sends, RESEND, GIVE_UP, UNREAD))

        assert found == expected(said, presence, waited, sends), (waited, sends)


def every_answer() -> set[tuple[Outcome, Presence, Next, Outcome]]:
    return {
        (said, presence, *after_look(said, presence, Waiting(waited, sends, RESEND, GIVE_UP, UNREAD)))
        for said, presence, waited, sends in product(SAID, Presence, WAITED, range(1, MOST_SENDS + 2))
    }


def test_deleted_is_said_only_of_what_is_absent() -> None:
    for _, presence, _, word in every_answer():
        if word is Outcome.DELETED:
            assert presence is Presence.ABSENT


def test_nothing_is_sent_again_unless_it_was_read_as_still_there() -> None:
    for said, presence, following, _ in every_answer():
        if following is Next.SEND_AGAIN:
            assert presence is Presence.PRESENT
            assert said is not Outcome.ACCEPTED
