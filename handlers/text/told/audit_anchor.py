"""What the audit channel is told of a record that does not lead to its heads, and of those who vouch for it."""

from typing import assert_never

from deletion.audit import events
from handlers.text import people
from handlers.text.escaping import code
from handlers.text.language import Language

DIGITS = 8
"""Digits by which people tell hashes and records apart."""


def what(lang: Language, event: events.AnchorLost | events.AnchorRestored) -> str:
    """Say what happened (mrkdwn)."""
    match event:
        case events.AnchorLost():
            return lang.say(
                "everything is held: the newest head here is event {posted} (`{posted_hash}`), but this record "
                "({record}) ends at event {own} (`{own_hash}`): {finding}",
                posted=event.posted_seq,
                posted_hash=event.posted_hash[:DIGITS],
                record=code(event.record[:DIGITS]),
                own=event.seq,
                own_hash=event.hash[:DIGITS],
                finding=code(event.finding, 40),
            )
        case events.AnchorRestored():
            return lang.say("taken for the true record by {people}", people=people.listed(lang, event.people))
        case _:
            assert_never(event)


def vote(lang: Language, event: events.VoteCast | events.VoteCounted | events.VoteVoided) -> str:
    """Say what became of a vote for this record."""
    actor = people.named(event.by)
    match event:
        case events.VoteCast():
            return lang.say("{actor} voted for this record; not counted yet", actor=actor)
        case events.VoteCounted():
            return lang.say(
                "vote by {actor} for this record counted: {counted} of {needed}",
                actor=actor,
                counted=lang.number(event.counted),
                needed=lang.number(event.needed),
            )
        case events.VoteVoided():
            rule = code(event.refusal.rule, 40)
            return lang.say("vote by {actor} for this record not counted: {rule}", actor=actor, rule=rule)
        case _:
            assert_never(event)
