"""Where messages go, by name: the approvals channel, the audit channel, a person.

Which Slack channel that is, is looked up when a message is sent, and kept with it.
"""

from enum import StrEnum


class MessageKind(StrEnum):
    """The forms that a message takes."""

    CARD = "card"
    MANIFEST = "manifest"
    OUTCOMES = "outcomes"
    """What became of every item of a deletion, as a file in the thread of its card."""
    THREAD = "thread"
    CHANNEL = "channel"
    DIRECT = "direct"
    DEEDS = "deeds"
    """What was approved under somebody's name lately: one message, shown anew with each approval."""
    READING = "reading"
    """How far the reading of a proposal is, for its proposer alone: one message, shown anew."""
    PRIVATE = "private"
    PROBLEMS = "problems"
    """The problems with a list that somebody gave, as a file for them alone."""
    AUDIT = "audit"
    """A stretch of the log with its head, as earlier versions queued it."""
    AUDIT_CARD = "audit card"
    AUDIT_THREAD = "audit thread"
    AUDIT_POST = "audit post"
    AUDIT_HEAD = "audit head"


PERSON = ("U", "W")
"""How Slack's ids of people begin."""

OPERATORS = "operators"
APPROVALS = "approvals"
AUDIT = "audit"


def person(user: str) -> str:
    """Return the lane of direct messages to somebody."""
    return f"person:{user}"


def private(user: str) -> str:
    """Return the lane of private answers to somebody: nobody waits behind a busy channel."""
    return f"private:{user}"


def problems(user: str) -> str:
    """Return the lane of files for somebody alone: no message waits behind one."""
    return f"problems:{user}"


def file_of(number: int) -> str:
    """Return the lane of a proposal's list: a file that Slack will not take must not hold up the cards."""
    return f"list:{number}"


def outcomes_of(number: int) -> str:
    """Return the lane of the file with a deletion's outcomes: nothing waits for it."""
    return f"outcomes:{number}"
