"""Where the record is kept: what DATABASE_URL names, and whether it lasts there."""

from collections.abc import Mapping

from bot import environment
from storage import Address, Engine, StorageError, parse

DEFAULT = "sqlite:///countersign.db"


class VanishingError(StorageError):
    """The record would be lost with the instance's disk; the text says what to do."""


OVERRIDE = "COUNTERSIGN_SQLITE_ON_VANISHING_DISK"

VANISHING = {"DYNO": "Heroku", "GAE_ENV": "App Engine", "GAE_INSTANCE": "App Engine", "K_SERVICE": "Cloud Run"}
"""Variables that are set where an instance's disk is thrown away with it (each platform's own documentation)."""


def address(environ: Mapping[str, str]) -> Address:
    """Return where the record is kept; StorageError when it cannot be, VanishingError when it would not last."""
    found = parse(environment.unquoted(environ.get("DATABASE_URL", "").strip()) or DEFAULT)
    names = [name for name in VANISHING if name in environ]
    if found.engine is Engine.SQLITE and names and _is_set(environ, OVERRIDE) != "yes":
        raise VanishingError(
            f"DATABASE_URL names a SQLite file (or is not set), and {names[0]} says that this is "
            f"{VANISHING[names[0]]}: the disk is thrown away with the instance, and with it the record of what was "
            "approved and deleted. Set DATABASE_URL=postgresql://user:password@host:5432/name. "
            f"If the file is on a mounted disk that stays, set {OVERRIDE}=yes."
        )
    return found


def _is_set(environ: Mapping[str, str], name: str) -> object:
    return environment.yes_or_no(environment.unquoted(environ.get(name, "").strip()))
