"""The questions about one proposal and their answers, as the log tells them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deletion.audit import events
from deletion.audit.events import Event
from deletion.evidence.claims import Claim, Exactly, Finding, Row, compared, strays


@dataclass
class Questions:
    """Every question about proposal ``number``, by its own number."""

    number: int
    said: dict[int, dict[str, Claim]] = field(default_factory=dict)

    def follow(self, event: Event) -> None:
        """Take up what happened."""
        match event:
            case events.QuestionAsked(question=question, by=by):
                self.said[int(question)] = {
                    "proposal_id": Exactly(self.number),
                    "digest": Exactly(event.digest),
                    "team": Exactly(by.team if by else ""),
                    "person": Exactly(by.user if by else ""),
                    "text": Exactly(event.text),
                    "asked_ms": Exactly(event.asked_ms),
                    "answer": Exactly(None),
                    "answered_ms": Exactly(None),
                }
            case events.QuestionAnswered(question=question) if question in self.said:
                self.said[int(question)] |= {
                    "answer": Exactly(event.text),
                    "answered_ms": Exactly(event.answered_ms),
                }
            case _:
                return

    def findings(self, rows: Sequence[Row]) -> Iterator[Finding]:
        """Compare with the rows of the table."""
        stored = {row["id"]: row for row in rows}
        for number, said in self.said.items():
            if number in stored:
                yield from compared("questions", _name(number), stored[number], [said])
        yield from strays("questions", map(_name, self.said.keys() - stored.keys()), missing=True)
        yield from strays("questions", map(_name, stored.keys() - self.said.keys()), missing=False)


def _name(number: object) -> str:
    return f"#{number}"
