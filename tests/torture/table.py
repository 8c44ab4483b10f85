"""What runs came to, and the table that tells it, in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.torture.accounts import Reckoning


@dataclass(frozen=True)
class Result:
    """What came of a run on one engine. ``done``: what was done to the bots."""

    engine: str
    seconds: float
    done: dict[str, int]
    reckoning: Reckoning

    @property
    def holds(self) -> bool:
        """Say whether every criterion is met."""
        return self.reckoning.holds


def table(results: Sequence[Result]) -> str:
    """Lay results side by side; below it what is wrong, if anything is."""
    columns = [_column(result) for result in results]
    lines = ["| | " + " | ".join(result.engine for result in results) + " |", "| --- |" + " ---: |" * len(results)]
    lines += [f"| {name} | " + " | ".join(column[name] for column in columns) + " |" for name in columns[0]]
    wrong = [f"{result.engine}: {line}" for result in results for line in result.reckoning.evidence]
    return "\n".join([*lines, *wrong, ""])


def _column(result: Result) -> dict[str, str]:
    found = {**result.done, **result.reckoning.facts}
    return {
        **{name: f"{value:,}" if isinstance(value, int) else value for name, value in found.items()},
        **{f"**{name}**": f"**{number}**" for name, number in result.reckoning.faults.items()},
        "the chain verifies": "no" if result.reckoning.faults["faults in the chain"] else "yes",
        "duration": f"{result.seconds:.0f} s",
        "verdict": "held" if result.holds else "MISSED",
    }
