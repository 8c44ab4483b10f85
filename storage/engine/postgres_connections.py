"""Connections to PostgreSQL: the address read once, time-outs set on purpose, a pool, and errors in our words.

Every time-out has a reason. A server that does not answer must cost a listener less than Slack's three seconds. A
connection whose other end vanished must be noticed by itself. An instance that is stopped in the middle of a
transaction would otherwise hold the head of the audit log for ever (measured: with
idle_in_transaction_session_timeout the lock is free when it has passed).
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import psycopg
from psycopg.pq import Conninfo
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from storage.engine import deadline, fence
from storage.engine.database import BusyError, MovedError, StorageError


class Connection(psycopg.Connection[dict[str, Any]]):
    """A connection with one cursor for all that is done: each new one looks up its settings anew."""

    @cached_property
    def only(self) -> psycopg.Cursor[dict[str, Any]]:
        """Return the cursor."""
        return self.cursor()


Pool = ConnectionPool[Connection]

Parameters = dict[str, Any]

CONNECT_WITHIN_S = 2
"""How long a transaction waits for a connection: a click has to be answered in three seconds, with bad news too."""

CONNECTIONS = 12
"""Per process; small databases for hire allow 20 in all."""

CLIENT = {
    "connect_timeout": str(CONNECT_WITHIN_S),
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "application_name": "countersign",
}
"""What the address may say otherwise (PostgreSQL documentation, 34.1.2)."""

SESSION = {
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    # Whoever counts the items of a long list is not to take the cores from those who click and those who delete.
    "max_parallel_workers_per_gather": "0",
}
"""Settings of every transaction (PostgreSQL documentation, 19.4 and 19.11), set with its BEGIN.

Not in the connection's options: PgBouncer refuses those, and in its transaction mode hands the server's session to
somebody else afterwards.
"""

BEGIN = "BEGIN"

BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

EXAMPLE = "postgresql://user:password@host:5432/name"


def parameters(url: str) -> Parameters:
    """Read a PostgreSQL address; StorageError says what is wrong with it, never what it says.

    libpq takes whatever stands before an unencoded ``/`` or after an unencoded ``@`` of a password for a host, a
    port or a name, and would show it. Such an address is refused.
    """
    try:
        found: Parameters = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        found = {}
        _refuse_unknown(url)
    host, port, name = (str(found.get(part, "")) for part in ("host", "port", "dbname"))
    if not found or "@" in f"{host}{name}" or not re.fullmatch("[0-9,]*", port):
        raise StorageError(
            f"DATABASE_URL is not an address such as {EXAMPLE}. Special characters in the password have to be "
            "percent-encoded: @ as %40, / as %2F, : as %3A, # as %23, % as %25."
        )
    if not name:
        raise StorageError(f"DATABASE_URL names no database. It has to end with one: {EXAMPLE}.")
    return found


def _refuse_unknown(url: str) -> None:
    """Name a parameter that is not libpq's; of what may be a part of a password nothing is said."""
    _, asks, query = url.rpartition("?")
    if not asks or "@" in query:
        return
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    names = [part.partition("=")[0] for part in query.split("&") if "=" in part]
    strange = [name for name in names if name not in known and re.fullmatch("[A-Za-z_][A-Za-z0-9_.-]{0,40}", name)]
    if strange:
        raise StorageError(
            f"DATABASE_URL has the parameter {strange[0]}, which is another program's, not PostgreSQL's own. "
            "Leave it out; sslmode and the others that libpq knows are taken."
        )


def shown(found: Mapping[str, Any]) -> str:
    """Return which database on which host, for people: no user, no password."""
    host = found.get("host") or found.get("hostaddr") or "this machine"
    port = str(found.get("port", "")).strip(",")
    return f"PostgreSQL database {found['dbname']} at {host}{f':{port}' if port else ''}"


def open_pool(found: Parameters) -> Pool:
    """Make the pool; it connects in the background, and gives up soon enough to try again with the next use."""
    return ConnectionPool(
        connection_class=Connection,
        kwargs=_arguments(found),
        min_size=1,
        max_size=CONNECTIONS,
        timeout=CONNECT_WITHIN_S,
        # The default keeps trying for five minutes at ever longer intervals, long after the server is back.
        reconnect_timeout=CONNECT_WITHIN_S,
        open=True,
    )


def reach(found: Parameters) -> None:
    """Connect once, outside the pool; StorageError with the server's own reason when that is not possible."""
    try:
        psycopg.connect(**_arguments(found)).close()
    except psycopg.Error as exc:
        raise StorageError(
            f"Cannot connect to the {shown(found)}: {_reason(exc, found)} "
            "Check DATABASE_URL and that the server runs."
        ) from None


@contextmanager
def errors_mapped(place: str) -> Iterator[None]:
    """Turn psycopg's errors into ours; their texts may hold the connection's address and are left out."""
    try:
        yield
    except PoolTimeout:
        raise BusyError(
            f"The {place} does not answer, or all of its {CONNECTIONS} connections are busy. "
            "Check DATABASE_URL and that the server runs."
        ) from None
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled) as exc:
        if isinstance(exc, psycopg.errors.QueryCanceled) and not deadline.is_over():
            raise StorageError(f"The {place} refused: {exc.diag.message_primary}.") from None
        raise BusyError(f"The {place} is busy: another transaction holds what is wanted for too long.") from None
    except psycopg.Error as exc:
        said = exc.diag.message_primary or type(exc).__name__
        if said.startswith(fence.FIRST_WORDS):
            raise MovedError(said) from None
        raise StorageError(f"The {place} refused: {said}.") from None


def _arguments(found: Parameters) -> Parameters:
    checks = found.get("sslmode", os.environ.get("PGSSLMODE")) in {"verify-ca", "verify-full"}
    bundle = os.environ.get("SSL_CERT_FILE")
    return {
        **CLIENT,
        # Only where a certificate is checked: with this set, libpq checks it for sslmode=require as well.
        **({"sslrootcert": bundle} if checks and bundle and "PGSSLROOTCERT" not in os.environ else {}),
        **found,
        "row_factory": dict_row,
        "autocommit": True,
        # PgBouncer in transaction mode gives each transaction another server, which knows no prepared statement.
        "prepare_threshold": None,
    }


def _reason(exc: psycopg.Error, found: Parameters) -> str:
    """Return the first line of what libpq or the server said, without the password in any case."""
    first = next(iter(str(exc).strip().splitlines()), type(exc).__name__)
    secrets = [str(found[name]) for name in ("password", "sslpassword") if found.get(name)]
    for secret in secrets:
        first = first.replace(secret, "…")
    return first if first.endswith(".") else f"{first}."
