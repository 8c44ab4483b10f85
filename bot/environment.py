"""Variables as platforms and people write them: those that are not ours, and spellings that mean the same."""

import re
from collections.abc import Mapping

PREFIX = "COUNTERSIGN_"

_LINK_NAME = re.compile(
    r"(_SERVICE_HOST|_SERVICE_PORT(_[A-Z0-9_]+)?|_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?|_ENV_\w+)$"
)
"""What Kubernetes sets in every pod for a Service, and Docker for a link (Kubernetes documentation, "Service")."""

_LINK_VALUE = re.compile(r"(tcp|udp|sctp)://\S+$")

YES = frozenset({"yes", "y", "true", "t", "on", "1"})
NO = frozenset({"no", "n", "false", "f", "off", "0"})

LEVELS = {"WARN": "WARNING", "FATAL": "ERROR", "CRITICAL": "ERROR", "TRACE": "DEBUG"}
"""Names that others use for a level."""


def is_service_link(name: str, value: str) -> bool:
    """Say whether a platform set this variable for a service whose name begins as our settings do."""
    upper = f"_{name.upper()}"
    if _LINK_NAME.search(upper):
        return True
    return (upper.endswith("_PORT") and bool(_LINK_VALUE.match(value.strip()))) or (
        upper.endswith("_NAME") and value.strip().startswith("/")
    )


def given(environ: Mapping[str, str], names: Mapping[str, object]) -> dict[str, str]:
    """Return the settings that are set, by the names of their fields, without blanks and a pair of quotes around.

    Docker's ``--env-file`` keeps quotes that a shell would take away.
    """
    found = {}
    for name in names:
        raw = environ.get(name.upper(), "")
        if is_service_link(name, raw):
            continue
        value = unquoted(raw.strip())
        if value:
            found[name] = value
    return found


def unquoted(value: str) -> str:
    """Return what stands between a pair of quotes, or everything."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].strip()
    return value


def yes_or_no(value: object) -> object:
    """Read a yes or a no as people write it; anything else is returned as it is."""
    word = str(value).lower()
    return "yes" if word in YES else "no" if word in NO else value


def level(value: object) -> object:
    """Read a log level as people write it; ValueError for what is none."""
    word = str(value).upper()
    word = LEVELS.get(word, word)
    if word not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return word
