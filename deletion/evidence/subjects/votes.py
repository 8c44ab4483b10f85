"""The votes on one subject, as the log tells them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deletion.audit import events
from deletion.audit.events import Event
from deletion.evidence.claims import Claim, Exactly, Finding, Row, compared, json_of, strays
from deletion.terms import vote_note
from deletion.terms.ids import Ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal
from storage.tables.votes import VoteState

RENUMBERED = "thaw.cast"
"""Votes that an earlier version kept in a table of their own, with other numbers and no digest."""


@dataclass
class _Vote:
    """One vote so far; ``id`` is None for one that has another number now."""

    id: int | None
    by: Actor | None
    digest: str
    said: dict[str, Claim]
    state: VoteState = VoteState.CAST

    def settle(self, state: VoteState, note: Claim | None, at_ms: int | None) -> None:
        """Count or void it."""
        self.state = state
        self.said["state"] = Exactly(state)
        self.said.pop("note", None)
        self.said.pop("settled_ms", None)
        # The table in which the renumbered ones were kept had no notes.
        if note is not None and self.id is not None:
            self.said["note"] = note
        if at_ms is not None:
            self.said["settled_ms"] = Exactly(at_ms)


@dataclass
class Votes:
    """Every vote on a subject, in the order in which they were cast."""

    about: Ref
    cast: list[_Vote] = field(default_factory=list)

    def follow(self, action: str, event: Event) -> None:
        """Take up what happened; ``action`` is the event's name in the log."""
        match event:
            case events.VoteCast():
                self._cast(action, event)
            case events.VoteCounted(settled_ms=at_ms, rule=rule, group=group, newcomers=more):
                note = json_of(vote_note.counted(rule, group, more)) if at_ms is not None else None
                self._settle(event, event.vote, VoteState.COUNTED, note)
            case events.VoteVoided(refusal=refusal):
                self._settle(event, event.vote, VoteState.VOID, json_of(refusal.to_json()))
            case _:
                return

    def void_live(self, refusal: Refusal, at_ms: int | None) -> None:
        """Void every vote that is live: what they were on is no more."""
        for vote in self.cast:
            if vote.state is not VoteState.VOID:
                vote.settle(VoteState.VOID, json_of(refusal.to_json()), at_ms)

    def findings(self, rows: Sequence[Row]) -> Iterator[Finding]:
        """Compare with the rows of the table, in the order of their numbers."""
        if any(vote.id is None for vote in self.cast):
            yield from self._findings_in_order(rows)
            return
        stored = {row["id"]: row for row in rows}
        said = {vote.id: vote for vote in self.cast}
        for number, vote in said.items():
            if number in stored:
                yield from compared("votes", _name(number), stored[number], [vote.said])
        yield from strays("votes", map(_name, said.keys() - stored.keys()), missing=True)
        yield from strays("votes", map(_name, stored.keys() - said.keys()), missing=False)

    def _findings_in_order(self, rows: Sequence[Row]) -> Iterator[Finding]:
        for vote, row in zip(self.cast, rows, strict=False):
            yield from compared("votes", _name(row["id"]), row, [vote.said])
        yield from strays("votes", [f"of {vote.by}" for vote in self.cast[len(rows) :]], missing=True)
        yield from strays("votes", [_name(row["id"]) for row in rows[len(self.cast) :]], missing=False)

    def _cast(self, action: str, event: events.VoteCast) -> None:
        said: dict[str, Claim] = {
            "subject_kind": Exactly(self.about.kind),
            "subject_id": Exactly(self.about.number),
            "voter_team": Exactly(event.by.team if event.by else ""),
            "voter": Exactly(event.by.user if event.by else ""),
            "state": Exactly(VoteState.CAST),
            "note": json_of({}),
            "settled_ms": Exactly(None),
            "typed": Exactly(event.typed),
            "comment": Exactly(event.comment),
        }
        if event.digest:
            said["digest"] = Exactly(event.digest)
        if event.cast_ms is not None:
            said["cast_ms"] = Exactly(event.cast_ms)
        number = None if action == RENUMBERED else int(event.vote)
        self.cast.append(_Vote(number, event.by, event.digest, said))

    def _settle(
        self,
        event: events.VoteCounted | events.VoteVoided,
        number: int | None,
        state: VoteState,
        note: Claim | None,
    ) -> None:
        """Settle the vote that is named; older events name the voter only."""
        for vote in reversed(self.cast):
            named = vote.id == number if number is not None and vote.id is not None else vote.by == event.by
            if named and vote.state is not VoteState.VOID:
                vote.settle(state, note, event.settled_ms)
                return


def _name(number: object) -> str:
    return f"#{number}"
