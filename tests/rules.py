"""The rules that tests go by: every one of them named here, once."""

from dataclasses import replace
from typing import Any

from deletion.policy.decisions import Policy

RULES = Policy(
    home_team="T1",
    approvers=frozenset(),
    proposers=frozenset(),
    approvals_needed=1,
    expires_after_s=3600,
    execute_within_s=3600,
    max_items=100,
    max_bytes=10**12,
    image_domains=frozenset(),
    max_open=10_000,
    max_hourly=10_000,
    max_daily=10**9,
    max_daily_all=10**9,
    hold_s=0,
    canary_from=50,
    stop_on=frozenset(),
    typed_from=10**6,
)
"""Nobody may do anything; nothing is held, no outcome stops the rest, and no number has to be typed."""


def rules(**changes: Any) -> Policy:
    """Return these rules with some of them changed."""
    return replace(RULES, **changes)
