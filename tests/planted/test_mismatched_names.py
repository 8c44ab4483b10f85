"""Names that do not match are planted in events and what reads them; mypy has to find every one.

What goes from room to room is typed so that nobody can rename one side and forget the other. Every mismatch is
planted in a copy of the product, and mypy has to complain at the side that was forgotten.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("bot", "handlers", "deletion", "vod", "storage")


@dataclass(frozen=True)
class Mismatch:
    """In ``file`` the text ``now`` is replaced, once; then mypy has to say ``problem`` of ``reader``."""

    what: str
    file: str
    now: str
    then: str
    reader: str
    problem: str


FIELDS = (
    Mismatch(
        "a field renamed in an event, not in the thread's words",
        "deletion/audit/events.py",
        "    counted: int\n    needed: int\n    reached",
        "    count: int\n    needed: int\n    reached",
        "handlers/text/told/thread.py",
        '"VoteCounted" has no attribute "counted"',
    ),
    Mismatch(
        "a field renamed in an event, not in the log lines",
        "deletion/audit/events.py",
        "    digest: Digest\n    revision: int",
        "    digest: Digest\n    plan_revision: int",
        "deletion/audit/log_lines.py",
        '"PlanFrozen" has no attribute "revision"',
    ),
    Mismatch(
        "a field renamed in an event, not in what the log is replayed by",
        "deletion/audit/events.py",
        "    reason: str\n    needed: int\n",
        "    reason: str\n    wanted: int\n",
        "deletion/evidence/replay.py",
        'has no attribute "needed"',
    ),
    Mismatch(
        "why a plan must not be carried out, renamed in the event, not in the proposer's direct message",
        "deletion/audit/events.py",
        '"proposal.plan_broken"\n    because:',
        '"proposal.plan_broken"\n    cause:',
        "handlers/text/told/direct.py",
        'has no attribute "because"',
    ),
    Mismatch(
        "a misspelt field where an event is made",
        "deletion/approval/holds/freezing.py",
        "by=by, why=reason, digest=digest",
        "by=by, reason=reason, digest=digest",
        "deletion/approval/holds/freezing.py",
        'Unexpected keyword argument "reason" for "FreezeBegun"',
    ),
    Mismatch(
        "a field forgotten where an event is made",
        "deletion/execution/stopping.py",
        "by=by, count=count, because=because)",
        "by=by, count=count)",
        "deletion/execution/stopping.py",
        'Missing named argument "because" for "ExecutionStopped"',
    ),
    Mismatch(
        "what VOD said while a vote waits, renamed in the notice, not in the voter's answer",
        "deletion/audit/notices.py",
        'so a vote does not count yet."""\n\n    vod:',
        'so a vote does not count yet."""\n\n    error:',
        "handlers/text/told/private.py",
        'has no attribute "vod"',
    ),
    Mismatch(
        "a misspelt field where a notice is made",
        "deletion/approval/requests/collecting.py",
        "until_ms=row.collect_by_ms)",
        "till_ms=row.collect_by_ms)",
        "deletion/approval/requests/collecting.py",
        'Unexpected keyword argument "till_ms" for "CollectionWaits"',
    ),
    Mismatch(
        "a fact of a cause renamed, not in its words",
        "deletion/terms/results/causes.py",
        "    vod_code: str | None = None",
        "    code: str | None = None",
        "handlers/text/reasons.py",
        '"Cause" has no attribute "vod_code"',
    ),
    Mismatch(
        "what a refusal saw, renamed, not in its words",
        "deletion/terms/refusals.py",
        "    others: int | None = None",
        "    rest: int | None = None",
        "handlers/text/words.py",
        '"Seen" has no attribute "others"',
    ),
    Mismatch(
        "what was noted of an item, renamed, not where readings are counted",
        "deletion/terms/results/item_note.py",
        "    looks: int = 0",
        "    look_count: int = 0",
        "deletion/execution/calls/verification.py",
        '"looks"',
    ),
    Mismatch(
        "what came of a call, renamed, not where the audit channel reads it",
        "deletion/audit/fields.py",
        "    not_sent: str | None = None",
        "    unsent: str | None = None",
        "handlers/text/told/audit_work.py",
        '"CallAnswer" has no attribute "not_sent"',
    ),
    Mismatch(
        "why an item was held, renamed, not where it is noted",
        "deletion/audit/fields.py",
        "    drift: tuple[FieldChange, ...] = ()",
        "    changes: tuple[FieldChange, ...] = ()",
        "deletion/execution/calls/batches.py",
        '"HoldReason" has no attribute "drift"',
    ),
    Mismatch(
        "how a proposal ended, renamed, not on the audit card",
        "deletion/approval/ending.py",
        "    why: str | None = None",
        "    words: str | None = None",
        "handlers/cards/audit_card.py",
        '"Ending" has no attribute "why"',
    ),
)

NAMES = (
    Mismatch(
        "an event renamed, not in the thread's words",
        "deletion/audit/events.py",
        "class CanaryPassed(Event):",
        "class CanaryPast(Event):",
        "handlers/text/told/thread.py",
        'Name "events.CanaryPassed" is not defined',
    ),
    Mismatch(
        "an event renamed, not in the table of who is told",
        "deletion/audit/events.py",
        "class ProposalWithdrawn(Closed):",
        "class ProposalTakenBack(Closed):",
        "deletion/audit/events.py",
        'Name "ProposalWithdrawn" is not defined',
    ),
    Mismatch(
        "an audience renamed, not where its messages are queued",
        "deletion/audit/events.py",
        '    VOTER = "',
        '    ANSWERED = "',
        "deletion/audit/messages/audience.py",
        '"type[Audience]" has no attribute "VOTER"',
    ),
    Mismatch(
        "a notice renamed, not where it is told",
        "deletion/audit/notices.py",
        "class StopRecorded(Notice):",
        "class StopNoted(Notice):",
        "handlers/slack/buttons/clicks.py",
        'has no attribute "StopRecorded"',
    ),
    Mismatch(
        "an outcome renamed, not in its words",
        "deletion/terms/results/outcomes.py",
        '    ALREADY_GONE = "already gone"',
        '    GONE_BEFORE = "already gone"',
        "handlers/text/words.py",
        '"ALREADY_GONE"',
    ),
    Mismatch(
        "a rule renamed, not in its words",
        "deletion/terms/refusals.py",
        '    LIST_NOT_SHOWN = "',
        '    LIST_UNSEEN = "',
        "handlers/text/words.py",
        '"LIST_NOT_SHOWN"',
    ),
    Mismatch(
        "a cause renamed, not in its words",
        "deletion/terms/results/causes.py",
        '    CANARY_FAILED = "',
        '    TRIAL_FAILED = "',
        "handlers/text/reasons.py",
        '"CANARY_FAILED"',
    ),
)
"""Classes and members: apart from the fields, since mypy says nothing more of what a missing class is part of."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the product."""
    for folder in PRODUCT:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(folder: Path, mismatches: Iterable[Mismatch]) -> None:
    for each in mismatches:
        path = folder / each.file
        text = path.read_text("utf-8")
        assert text.count(each.now) == 1, f"{each.what}: {each.file} has changed; plant it anew"
        path.write_text(text.replace(each.now, each.then), "utf-8")


def complaints(folder: Path) -> list[str]:
    """Return what mypy says of the product in a folder."""
    packages = [word for folder_name in PRODUCT for word in ("--package", folder_name)]
    run = [sys.executable, "-m", "mypy", "--no-pretty", "--no-error-summary", *packages]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False).stdout.splitlines()


def test_nothing_is_found_where_nothing_was_planted_and_every_mismatch_where_it_was(copy: Path) -> None:
    assert complaints(copy) == []
    originals = {each.file: (copy / each.file).read_text("utf-8") for each in (*FIELDS, *NAMES)}

    missed = []
    for mismatches in (FIELDS, NAMES):
        plant(copy, mismatches)
        found = complaints(copy)
        missed += [
            each.what
            for each in mismatches
            if not any(line.startswith(f"{each.reader}:") and each.problem in line for line in found)
        ]
        for name, text in originals.items():
            (copy / name).write_text(text, "utf-8")

    assert missed == []
