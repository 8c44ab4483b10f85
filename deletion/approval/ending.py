"""How a proposal came to stand where it does: kept beside its state, for the card and for answers. Pure."""

from dataclasses import dataclass
from typing import Any

from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.refusals import Refusal
from deletion.terms.results.causes import Cause
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import LeftOut, LeftOutItem, Problem, ProblemFound


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Who ended it (a Slack user id) and in what words, or what the program found; empty while it is open.

    ``left_out`` are the first of ``left_out_count``; earlier versions kept all.
    """

    actor: str | None = None
    why: str | None = None
    because: Cause | None = None
    vod: VodFault | None = None
    refused: Refusal | None = None
    problems: tuple[ProblemFound, ...] = ()
    left_out: tuple[LeftOutItem, ...] = ()
    left_out_count: int | None = None

    def text(self) -> str:
        """Return it as canonical JSON; what there is nothing to say of is left out."""
        fault = self.vod
        value: dict[str, Json] = {
            "actor": self.actor,
            "why": self.why,
            "because": self.because.to_json() if self.because else None,
            "vod": {"code": fault.code, "advice": fault.advice, "request_id": fault.request_id} if fault else None,
            "refusal": self.refused.to_json() if self.refused else None,
            "problems": self.problems or None,
            "left_out": self.left_out or None,
            "left_out_count": self.left_out_count,
        }
        return canonical.dumps({name: inner for name, inner in value.items() if inner is not None})

    @classmethod
    def parse(cls, text: str) -> "Ending":
        """Read back what ``text`` made, or what an earlier version wrote."""
        value: dict[str, Any] = canonical.loads(text)
        fault = value.get("vod")
        return cls(
            actor=value.get("actor"),
            why=value.get("why"),
            because=Cause.from_json(value["because"]) if "because" in value else None,
            vod=VodFault(
                code=str(fault.get("code", "unknown")),
                advice=fault.get("advice") or "",
                request_id=fault.get("request_id"),
            )
            if fault
            else None,
            refused=Refusal.from_json(value["refusal"]) if "refusal" in value else None,
            problems=tuple(ProblemFound(Problem(problem), name) for problem, name in value.get("problems", ())),
            left_out=tuple(LeftOutItem(name, LeftOut(why)) for name, why in value.get("left_out", ())),
            left_out_count=value.get("left_out_count"),
        )


NO_ENDING = Ending()
