"""What the record notes of one item besides its outcome: what its calls and readings said. Pure."""

from dataclasses import dataclass, fields
from typing import Any

from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.results.causes import Cause
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import FieldChange


@dataclass(frozen=True, kw_only=True)
class ItemNote:
    """The evidence for an item's word.

    ``undone``: calls that VOD answered by saying that they did nothing. ``called_gone``: some call was answered by
    "there is no such thing". ``hidden``: readings in a row that neither showed it nor called it gone; ``looks``:
    readings since it was sent that did not show it gone. ``sent_ms``: when it was last sent (UTC ms),
    ``waited_ms``: how long after that it was settled. Then why it was held, stopped or refused: one of the last
    three.
    """

    undone: int = 0
    called_gone: bool = False
    hidden: int = 0
    looks: int = 0
    sent_ms: int | None = None
    waited_ms: int | None = None
    because: Cause | None = None
    drift: tuple[FieldChange, ...] = ()
    fault: VodFault | None = None

    def text(self) -> str:
        """Return it as canonical JSON; what there is nothing to say of is left out."""
        value: dict[str, Json] = {}
        for name in ("undone", "called_gone", "hidden", "looks", "sent_ms", "waited_ms", "drift"):
            found = getattr(self, name)
            if found not in (0, None, ()):
                value[name] = found
        if self.because is not None:
            value["because"] = self.because.to_json()
        if self.fault is not None:
            value |= {"code": self.fault.code, "advice": self.fault.advice, "request_id": self.fault.request_id}
        return canonical.dumps(value)

    @classmethod
    def parse(cls, text: str) -> "ItemNote":
        """Read back what ``text`` made, or what an earlier version wrote."""
        value: dict[str, Any] = canonical.loads(text)
        plain = {each.name: value[each.name] for each in fields(cls) if each.name in value}
        plain["drift"] = tuple(FieldChange(*change) for change in value.get("drift", ()))
        if "because" in value:
            plain["because"] = Cause.from_json(value["because"])
        if "code" in value:
            plain["fault"] = VodFault(
                code=value["code"], advice=value.get("advice") or "", request_id=value.get("request_id")
            )
        return cls(**plain)
