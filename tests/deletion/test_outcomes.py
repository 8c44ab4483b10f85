from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import pytest

from deletion.terms.results.outcomes import MOST_SENDS, Next, Outcome, Presence, Waiting, after_look

RESEND, GIVE_UP, UNREAD = 100, 1_000, 10_000
SAID = (Outcome.ACCEPTED, Outcome.ALREADY_GONE, Outcome.UNKNOWN)
WAITED = (0, RESEND - 1, RESEND, GIVE_UP - 1, GIVE_UP, UNREAD - 1, UNREAD)
SENDS = range(1, MOST_SENDS + 2)


class Case(NamedTuple):
    """All that one decision depends on."""

    said: Outcome
    presence: Presence
    waited: int
    sends: int
    called_gone: bool
    never_done: bool

    def decided(self) -> tuple[Next, Outcome]:
        waiting = Waiting(
            self.waited, self.sends, RESEND, GIVE_UP, UNREAD, self.called_gone, never_done=self.never_done
        )
        return after_look(self.said, self.presence, waiting)


def every_case() -> Iterator[Case]:
    return map(Case._make, product(SAID, Presence, WAITED, SENDS, (False, True), (False, True)))


def expected(case: Case) -> tuple[Next, Outcome]:
    word = Outcome.ALREADY_GONE if case.said is Outcome.ALREADY_GONE else Outcome.DELETED
    match case.presence, case.said:
        case Presence.ABSENT, _:
            return Next.SETTLE, word
        case Presence.NOT_SERVED, Outcome.ACCEPTED:
            return Next.SETTLE, Outcome.DELETED
        case Presence.NOT_SERVED, _ if case.called_gone:
            return Next.SETTLE, word
        case Presence.UNKNOWN, _ if case.waited < UNREAD:
            return Next.LOOK_AGAIN, case.said
        case Presence.UNKNOWN, Outcome.ACCEPTED:
            return Next.SETTLE, Outcome.ACCEPTED
        case Presence.UNKNOWN, _:
            return Next.SETTLE, Outcome.UNKNOWN
        case _, Outcome.ACCEPTED:
            return (Next.SETTLE if case.waited >= GIVE_UP else Next.LOOK_AGAIN), Outcome.ACCEPTED
        case _:
            return expected_of_what_nobody_vouches_for(case)


def expected_of_what_nobody_vouches_for(case: Case) -> tuple[Next, Outcome]:
    shown = case.presence is Presence.PRESENT and not case.called_gone
    if case.waited < RESEND:
        return Next.LOOK_AGAIN, case.said
    if case.sends < MOST_SENDS:
        return Next.SEND_AGAIN, case.said
    if shown and (case.never_done or case.waited >= GIVE_UP):
        return Next.SETTLE, Outcome.FAILED
    return (Next.SETTLE, Outcome.UNKNOWN) if case.waited >= GIVE_UP else (Next.LOOK_AGAIN, case.said)


@pytest.mark.parametrize(("said", "presence"), list(product(SAID, Presence)))
def test_what_is_done_after_a_look(said: Outcome, presence: Presence) -> None:
    for case in every_case():
        if (case.said, case.presence) == (said, presence):
            assert case.decided() == expected(case), case


def test_deleted_and_gone_are_said_only_of_what_is_absent_or_not_served_and_agreed_on() -> None:
    for case in every_case():
        following, word = case.decided()
        if following is Next.SETTLE and word in {Outcome.DELETED, Outcome.ALREADY_GONE}:
            agreed = case.said is Outcome.ACCEPTED or case.called_gone
            assert case.presence is Presence.ABSENT or (case.presence is Presence.NOT_SERVED and agreed), case


def test_failed_is_said_only_of_what_is_shown_and_that_vod_never_called_gone() -> None:
    for case in every_case():
        if case.decided() == (Next.SETTLE, Outcome.FAILED):
            assert (case.presence, case.called_gone) == (Presence.PRESENT, False), case
            assert case.waited >= GIVE_UP or case.never_done, case


def test_nothing_is_sent_again_unless_it_was_read_as_still_there_or_only_its_address_says_otherwise() -> None:
    for case in every_case():
        if case.decided()[0] is Next.SEND_AGAIN:
            assert case.said is not Outcome.ACCEPTED, case
            assert case.sends < MOST_SENDS, case
            assert case.presence is Presence.PRESENT or (
                case.presence is Presence.NOT_SERVED and not case.called_gone
            ), case


def test_no_item_is_waited_for_without_end() -> None:
    for case in every_case():
        if case.waited >= UNREAD and case.sends >= MOST_SENDS:
            assert case.decided()[0] is Next.SETTLE, case


def test_a_word_that_is_not_final_is_the_one_that_was_said() -> None:
    for case in every_case():
        following, word = case.decided()
        if following is not Next.SETTLE:
            assert word is case.said, case
