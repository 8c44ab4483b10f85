"""Whether this process is healthy, as a list of named checks: what ``/healthz`` and ``/health`` answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

log = structlog.get_logger()

OK = "ok"

Facts = Mapping[str, object]

Report = tuple[bool, dict[str, object]]
"""Whether all is well, and what is answered as JSON."""


@dataclass(frozen=True)
class Check:
    """One thing that has to be well.

    ``cause`` returns None when it is, else a sentence for whoever runs the bot: what is wrong and what to do. It is
    shown to anybody who asks the port, so it names no secret, path, address or person. It has to answer in well
    under a second, and may be called by several threads at once.
    """

    name: str
    cause: Callable[[], str | None]


class Health:
    """The checks of one process; whoever has something that can be unwell adds a check for it."""

    def __init__(self, facts: Callable[[], Facts] = dict) -> None:
        self._facts = facts
        self._checks: list[Check] = []

    def watch(self, name: str, cause: Callable[[], str | None]) -> None:
        """Add a check; see ``Check``."""
        self._checks.append(Check(name, cause))

    def report(self) -> Report:
        """Ask every check, and tell what was found with the facts that can be read."""
        found = {check.name: _cause(check) for check in self._checks}
        causes = [f"{name}: {cause}" for name, cause in found.items() if cause is not None]
        answer: dict[str, object] = {"status": "unwell" if causes else OK}
        if causes:
            answer["causes"] = causes
        answer["checks"] = {name: cause or OK for name, cause in found.items()}
        return not causes, {**answer, **self._known_facts()}

    def _known_facts(self) -> Facts:
        try:
            return self._facts()
        except Exception:  # noqa: BLE001 - what cannot be read has its own check, which says why
            return {}


def _cause(check: Check) -> str | None:
    try:
        return check.cause()
    except Exception as exc:
        # The outermost edge of a check: one that breaks is not well, and hides no other.
        log.exception("health.check_failed", check=check.name)
        return f"it could not be looked at ({type(exc).__name__}); see the log"
