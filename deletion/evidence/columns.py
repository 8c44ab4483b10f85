"""Every column of every table: what the log is asked about it, or why nobody believes it.

Whoever adds a column says in an event what it holds and compares the two here in ``evidence`` (BELIEVED), or gives
the reason why an edit of it could deceive neither a person nor the program (NOT_BELIEVED). A test holds that there
is no third kind, and another edits each believed column and expects the check to name it.
"""

from collections.abc import Mapping

BELIEVED: Mapping[str, frozenset[str]] = {
    "audit": frozenset({"seq", "prev", "hash", "event_hash", "at_ms", "actor", "action", "ref", "payload"}),
    "audit_head": frozenset({"seq", "hash", "posted_seq", "record_id"}),
    "anchors": frozenset({"seq", "hash", "outbox_id"}),
    "proposals": frozenset(
        {
            *("id", "team", "proposer", "kind", "request", "reason", "state", "state_note", "needed", "revision"),
            *("digest", "created_ms", "collect_by_ms", "expires_ms", "decided_ms", "execute_by_ms", "finished_ms"),
            *("hold_until_ms", "started_ms", "halted", "lanes", "canary", "hold_no", "hold_s"),
            "again_of",
            *("ramp", "ramp_stage", "ramp_below", "ramp_since_ms", "ramp_until_ms", "asked", "parts_of"),
        }
    ),
    "plans": frozenset(
        {
            *("proposal_id", "revision", "digest", "plan", "drift", "created_ms", "targets", "bytes"),
            *("first_title", "rows_id"),
        }
    ),
    "plan_rows": frozenset({"set_id", "part", "ord", "target", "title", "warned", "fields", "leaf"}),
    "votes": frozenset(
        {
            *("id", "subject_kind", "subject_id", "digest", "voter_team", "voter", "state", "note", "cast_ms"),
            *("settled_ms", "typed", "comment"),
        }
    ),
    "questions": frozenset(
        {"id", "proposal_id", "digest", "team", "person", "text", "asked_ms", "answer", "answered_ms"}
    ),
    "items": frozenset(
        {"proposal_id", "ord", "target", "state", "outcome", "note", "call_id", "attempts", "settled_ms"}
    ),
    "calls": frozenset({"id", "proposal_id", "action", "targets", "state", "answer"}),
    "freezes": frozenset({"id", "team", "person", "reason", "frozen_ms", "thawed_ms", "digest"}),
    "anchor_losses": frozenset({"id", "digest", "found", "seen_ts", "closed_ms", "accepted"}),
    "outbox": frozenset({"id", "message", "proposal_id"}),
}
"""Columns that are compared with what the log says of them, or with the event or the head that a message names.

Of ``plan_rows`` those of plans are: the others are read by whoever goes on reading, and shown to nobody before.
"""

_MADE_ANEW = "where a message is in Slack; what is shown there is made anew from what is compared"
_LEASE = "who works at it at the moment; whoever comes later takes over what is in the other columns"
_PACE = "how soon something is looked at again; what is done then goes by the other columns"
_TIME_OF_EVENT = "the time of its event in the log is shown, not this one"
_SLACK_KNOWS = "whether and where a message is in Slack is reconciled with Slack itself"
_WHERE_TO_ANSWER = "where a person was when they acted, to answer them there"

NOT_BELIEVED: Mapping[str, Mapping[str, str]] = {
    "audit_head": {
        "id": "there is one row",
        "head_posted_ms": "how soon the next head is posted; which ones were, the anchors and the log say",
    },
    "proposals": dict.fromkeys(
        ("card_channel", "card_ts", "audit_channel", "audit_ts", "earlier_channel", "earlier_ts"), _MADE_ANEW
    ),
    "row_sets": dict.fromkeys(
        ("id", "kind", "ref", "place", "created_ms", "asked"),
        "who reads the rows, where and since when; those of a plan are compared with the root in its header",
    ),
    "votes": {"channel": _WHERE_TO_ANSWER},
    "items": {
        "id": "a number of the table's own",
        "batch": "which of them go together; each is compared with the plan by itself before it is sent",
        "due_ms": _PACE,
    },
    "calls": {
        "owner": _LEASE,
        "lease_ms": _LEASE,
        "intent_ms": _TIME_OF_EVENT,
        "done_ms": _TIME_OF_EVENT,
    },
    "freezes": {"channel": _WHERE_TO_ANSWER},
    "outbox": {
        **dict.fromkeys(("kind", "lane", "nonce"), "how a message is told and where; what it tells is compared"),
        **dict.fromkeys(
            ("state", "attempts", "broken", "sent_ms", "ts", "error", "channel", "thread_ts", "file_id"),
            _SLACK_KNOWS,
        ),
        **dict.fromkeys(("created_ms", "urgency"), _PACE),
    },
    "anchor_losses": {"found_ms": _TIME_OF_EVENT},
    "jobs": dict.fromkeys(
        ("id", "kind", "ref", "lane", "state", "due_ms", "attempts", "owner", "lease_ms"),
        "when something is looked at; what is done then goes by rows that are compared",
    ),
    "lanes": {
        **dict.fromkeys(("lane", "next_allowed_ms", "owner", "lease_ms"), _LEASE),
        **dict.fromkeys(
            ("silent_ms", "silent_code"),
            "whether a channel takes messages is reconciled with Slack itself; the hold that follows is compared",
        ),
    },
    "lists": dict.fromkeys(
        ("id", "team", "person", "channel", "form", "created_ms", "done_ms"),
        "what is proposed from a file is shown, compared and approved like anything else that is proposed",
    ),
    "quotas": dict.fromkeys(("name", "next_us", "percent", "changed_ms", "sent"), _PACE),
    "readings": dict.fromkeys(
        (
            *("proposal_id", "phase", "began_ms", "at_ms", "done", "total", "mark_ms", "mark_done", "earlier_ms"),
            *("earlier_done", "told_ms", "channel", "ts"),
        ),
        "how far a reading is, and where its proposer is told so; what was read is compared once it is a plan",
    ),
    "record_time": dict.fromkeys(
        ("id", "seen_ms"), "how far time was seen to pass; nobody goes by more of it than the clock says as well"
    ),
    "troubles": dict.fromkeys(
        ("name", "told", "since_ms", "ended_ms"), "what operators were told of, so as not to repeat it"
    ),
    "told": dict.fromkeys(("proposal_id", "what", "at_ms"), "when something was said last, so as not to repeat it"),
    "refusals": dict.fromkeys(
        ("id", "actor", "action", "ref", "rule", "since_ms", "last_ms", "told", "more"),
        "refusals of the last ten minutes, to be counted; the first ones and every number are in the log",
    ),
    "deliveries": dict.fromkeys(
        ("key", "seen_ms"), "requests of the last day, so that none is acted on twice; what they did is compared"
    ),
}
"""The other columns, each with the reason why an edit of it deceives nobody."""
