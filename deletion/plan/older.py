"""Plans of versions 1 and 2: one canonical text with every target in it, whose SHA-256 is the digest. Read only."""

from collections.abc import Mapping
from typing import Any

from deletion.plan import plan
from deletion.plan.facts import Warn, target_from
from deletion.plan.plan import LEFT_OUT_KEPT, Entry, Plan
from deletion.plan.totals import Totalling
from deletion.terms import canonical
from deletion.terms.place import Place
from deletion.terms.requests.targets import from_json, kind_of
from deletion.terms.results.findings import LeftOut, LeftOutItem

PLACED = 2
"""The version of plans that knew the whole place they were made for."""

REGION_ONLY = 1
"""The version whose plans knew their region and nothing else of their place."""


def parse(text: str) -> Plan:
    """Read a plan of any version: of these all entries are at hand, of one in rows none."""
    value = canonical.loads(text)
    version = value["version"]
    if version == plan.VERSION:
        return plan.from_header(text, value)
    if version not in {REGION_ONLY, PLACED}:
        raise ValueError(f"this plan has format {version}; only those up to {plan.VERSION} are known")
    return _whole(text, value, version)


def _whole(text: str, value: Mapping[str, Any], version: int) -> Plan:
    request = from_json(value["request"])
    warnings: dict[str, list[Warn]] = {}
    for code, name in value["warnings"]:
        warnings.setdefault(name, []).append(Warn(code))
    totalling = Totalling(kind_of(request))
    entries = []
    for place, fields in enumerate(value["targets"]):
        target = target_from(fields)
        entries.append(Entry(place, target, tuple(warnings.get(target.id, ()))))
        totalling.add(target, entries[-1].warnings)
    return Plan(
        place=Place(value["region"]) if version == REGION_ONLY else Place.from_json(value["place"]),
        request=request,
        count=len(entries),
        totals=totalling.totals(),
        digest=canonical.sha256(text),
        version=version,
        entries=tuple(entries),
        left_out=tuple(LeftOutItem(what, LeftOut(why)) for what, why in value["left_out"][:LEFT_OUT_KEPT]),
        left_out_count=len(value["left_out"]),
    )
