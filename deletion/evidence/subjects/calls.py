"""The delete calls of one proposal, as the log tells them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.fields import CallAnswer
from deletion.evidence.claims import Claim, Exactly, Finding, Means, Row, compared, json_of
from deletion.execution.calls import results
from deletion.terms import canonical
from storage.tables.calls import CallState


@dataclass
class Calls:
    """Every delete call of proposal ``number``, by its id."""

    number: int
    made: dict[str, dict[str, Claim]] = field(default_factory=dict)

    def follow(self, event: Event) -> None:
        """Take up what happened."""
        match event:
            case events.CallIntended(call=call, api=api, targets=targets):
                self.made[call] = {
                    "proposal_id": Exactly(self.number),
                    "action": Exactly(api),
                    "targets": json_of(targets),
                    "state": Exactly(CallState.INTENT),
                    "answer": json_of({}),
                }
            case events.CallAnswered(call=call) | events.CallAdopted(call=call) if call in self.made:
                self.made[call] |= {"state": Exactly(event.state), "answer": _answer(event.answer)}
            case _:
                return

    def findings(self, rows: Sequence[Row]) -> Iterator[Finding]:
        """Compare with the rows of the table. What is only in one of both is told by whoever replays the calls."""
        for row in rows:
            if row["id"] in self.made:
                yield from compared("calls", str(row["id"]), row, [self.made[row["id"]]])


def _answer(answer: CallAnswer) -> Claim:
    text = results.text(answer)
    return Means(_meaning(text), _meaning, text)


def _meaning(text: str) -> Mapping[str, Any]:
    """Return an answer without what says nothing, under today's names."""
    found: dict[str, Any] = canonical.loads(text)
    named = {name.replace(" ", "_"): value for name, value in found.items()}
    return {name: value for name, value in named.items() if value not in (None, [], "")}
