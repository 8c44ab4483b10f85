"""The reckoning: what VOD and Slack saw against what the record says. Each criterion is a number that must be 0."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from deletion.evidence import record_check
from deletion.plan import older
from deletion.plan.calls import KINDS
from deletion.plan.plan import Plan
from deletion.terms.requests.targets import Images, ImagesOf, ImageUrls, Mezzanines, Streams, VideoImages, Videos
from sandbox.vod.model.library import Library, has_snapshots
from sandbox.vod.model.media import SnapshotKind
from tests.torture.arena import Arena
from tests.torture.post import doubled_or_lost, repeated_whispers

GONE = {
    "InvalidVideo.NotFound",
    "InvalidVideo.NoneStream",
    "InvalidStream.NotFound",
    "InvalidFile.NotFound",
    "NoSuchResource",
}
"""Codes with which VOD answers a call that reached it and found nothing to delete."""


@dataclass(frozen=True)
class Reckoning:
    """What came of a run. ``facts`` are told, ``faults`` must all be 0, ``evidence`` says more of them."""

    facts: dict[str, int | str]
    faults: dict[str, int]
    evidence: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Say whether every criterion is met."""
        return not any(self.faults.values())

    def also(self, faults: dict[str, int]) -> "Reckoning":
        """Return this with further criteria."""
        return replace(self, faults={**self.faults, **faults})


def reckon(arena: Arena) -> Reckoning:
    """Compare everything with everything."""
    cases = list(_cases(arena))
    report = record_check.verify(arena.database)
    unapproved = _unapproved(arena, cases)
    twice = _sent_twice(arena)
    lost = [problem for case in cases for problem in _lost(arena.vod.library, case)]
    unjournalled = _unjournalled(arena)
    posts = doubled_or_lost(arena)
    faults = {
        "unapproved ids in the ledger": len(unapproved),
        "approvals by the proposer": sum(case.proposer in case.voters or not case.voters for case in cases),
        "assets sent twice in completed calls": len(twice),
        "sends without a journalled intent of their own": len(unjournalled),
        "assets lost (no final word, or an untrue one)": len(lost),
        "messages lost or doubled": len(posts),
        "faults in the chain": len(report.violations),
        "calls that the sandboxes do not know": len(arena.vod.unknown_calls) + len(arena.slack.unknown_calls),
    }
    told = [*map(str, unapproved), *twice, *unjournalled, *lost, *posts, *(f.problem for f in report.violations)]
    return Reckoning(_facts(arena, cases, report.events), faults, tuple(told[:20]))


@dataclass(frozen=True)
class _Case:
    """One approved proposal: its plan, who approved it, and what the record says became of its items."""

    number: int
    state: str
    halted: str | None
    proposer: str
    voters: tuple[str, ...]
    shown: Plan
    ids: list[str]
    items: list[dict[str, Any]]

    @property
    def named(self) -> set[str]:
        """Return its targets as a call to VOD names them."""
        match self.shown.request:
            case ImagesOf(video_id=video_id):
                return {video_id}
            case _:
                return set(self.ids)


def _cases(arena: Arena) -> Iterator[_Case]:
    approvals = arena.rows("SELECT ref, payload FROM audit WHERE action = 'proposal.approved' ORDER BY seq")
    for approval in approvals:
        number = int(approval["ref"].rpartition("/")[2])
        row = arena.rows("SELECT state, halted, proposer FROM proposals WHERE id = :id", id=number)[0]
        digest = json.loads(approval["payload"])["data"]["digest"]
        stored = arena.rows(
            "SELECT plan, rows_id FROM plans WHERE proposal_id = :id AND digest = :digest", id=number, digest=digest
        )
        votes = arena.rows(
            """
            SELECT voter FROM votes
            WHERE subject_kind = 'proposal' AND subject_id = :id AND digest = :digest AND state = 'counted'
            """,
            id=number,
            digest=digest,
        )
        items = arena.rows("SELECT * FROM items WHERE proposal_id = :id ORDER BY ord", id=number)
        ids = [
            row["target"]
            for row in arena.rows(
                "SELECT target FROM plan_rows WHERE set_id = :id AND part = 0 ORDER BY ord", id=stored[0]["rows_id"]
            )
        ]
        shown = older.parse(stored[0]["plan"])
        yield _Case(
            number,
            row["state"],
            row["halted"],
            row["proposer"],
            tuple(v["voter"] for v in votes),
            shown,
            ids,
            items,
        )


def _facts(arena: Arena, cases: list[_Case], events: int) -> dict[str, int | str]:
    calls = arena.vod.ledger.calls()
    sends = Counter(arena.vod.ledger.ids())
    outcomes = Counter(str(item["outcome"]) for case in cases for item in case.items)
    fenced = arena.number("SELECT count(*) AS n FROM audit WHERE action = 'call.fenced'")
    return {
        "proposals approved": len(cases),
        "assets in them": sum(len(case.ids) for case in cases),
        "outcomes": ", ".join(f"{n:,} {word}" for word, n in outcomes.most_common()),
        "delete calls received by VOD": len(calls),
        "of them throttled by its quota": sum(
            call.code.startswith("Throttling") and call.fault != "throttle" for call in calls
        ),
        "of them met by a fault": sum(call.fault not in {"", "timeout"} for call in calls),
        "calls adopted": arena.number("SELECT count(*) AS n FROM audit WHERE action = 'call.adopted'"),
        "calls fenced": fenced,
        "ids in more than one send": sum(times > 1 for times in sends.values()),
        "of them gone already, sent by a process stopped after its last look": len(_resent(arena, by_url=False)),
        "of them image URLs, sent again for VOD to say that they are gone": len(_resent(arena, by_url=True)),
        "messages in the outbox": arena.number("SELECT count(*) AS n FROM outbox"),
        "private answers repeated": repeated_whispers(arena),
        "audit events": events,
    }


def _unapproved(arena: Arena, cases: list[_Case]) -> set[str]:
    return set(arena.vod.ledger.ids()) - {name for case in cases for name in case.named}


def _journal(arena: Arena) -> list[dict[str, Any]]:
    found = arena.rows("SELECT id, action, proposal_id, targets, state, answer FROM calls ORDER BY intent_ms, id")
    return [
        {**call, "targets": json.loads(call["targets"]), "answer": json.loads(call["answer"])} for call in found
    ]


def _sent_twice(arena: Arena) -> list[str]:
    """Find what two calls deleted whose answers came: those were certainly sent."""
    sent: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for call in _journal(arena):
        answer = call["answer"]
        if call["state"] == "done" and ("missing" in answer or answer.get("code") in GONE):
            for target in call["targets"]:
                sent[call["proposal_id"], target].append(call["id"])
    return [f"#{number} {target} sent in {calls}" for (number, target), calls in sent.items() if len(calls) > 1]


def _unjournalled(arena: Arena) -> list[str]:
    """Find calls that VOD got more often than the journal has intents for them: one intent is one call."""
    got = Counter((call.action, frozenset(call.ids)) for call in arena.vod.ledger.calls())
    meant = Counter(_as_received(arena, call) for call in _journal(arena))
    return [f"{action} of {sorted(ids)[:2]}… came {n} times" for (action, ids), n in (got - meant).items()]


def _as_received(arena: Arena, call: dict[str, Any]) -> tuple[str, frozenset[str]]:
    if call["action"] == "DeleteImage" and call["targets"][0] in set(VideoImages):
        request = arena.rows("SELECT request FROM proposals WHERE id = :id", id=call["proposal_id"])[0]["request"]
        return call["action"], frozenset({json.loads(request)["video_id"]})
    return call["action"], frozenset(call["targets"])


def _resent(arena: Arena, *, by_url: bool) -> set[str]:
    """Return ids that were sent once more although they were gone."""
    gone: set[str] = set()
    again: set[str] = set()
    for call in arena.vod.ledger.calls():
        way = call.extras.get("DeleteImageType")
        # The pictures of a video are sent under the video's id, several kinds in several calls.
        if way != "VideoId" and (way == "ImageURL") == by_url:
            again |= gone & set(call.ids)
            gone |= set(call.removed)
    return again


def _lost(library: Library, case: _Case) -> Iterator[str]:
    if case.state != "finished":
        yield f"#{case.number} is {case.state}"
    words = {item["target"]: item for item in case.items}
    for target in case.ids:
        item = words.get(target)
        if item is None or item["state"] != "settled":
            yield f"#{case.number} {target} has no final word: {item}"
            continue
        if item["outcome"] == "stopped" and not case.halted:
            yield f"#{case.number} {target} is called stopped, and nobody stopped it: {item['note']}"
        there, said = _is_there(library, case.shown, target), item["outcome"]
        if there == (said in {"deleted", "already gone"}):
            yield f"#{case.number} {target} is called {said}, but is {'there' if there else 'gone'}"


def _is_there(library: Library, shown: Plan, target: str) -> bool:
    match shown.request:
        case Videos():
            return library.video(target) is not None
        case Mezzanines():
            video = library.video(target)
            return video is not None and video.source is not None and video.source.status != "Deleted"
        case Streams(video_id=video_id):
            video = library.video(video_id)
            return video is not None and any(stream.job_id == target for stream in video.streams)
        case Images():
            return library.image(target) is not None
        case ImageUrls():
            return library.image_at(f"/{target.split('/', 3)[3]}") is not None
        case ImagesOf(video_id=video_id):
            video = library.video(video_id)
            return video is not None and has_snapshots(video, SnapshotKind(KINDS[VideoImages(target)]))
