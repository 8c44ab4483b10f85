"""A PostgreSQL server that was demoted: its sessions are dropped, and the next ones find who takes writes."""

import psycopg
import pytest
from psycopg import sql

from storage import StorageError, Tx
from storage.engine.postgres import PostgresDatabase
from tests.storage.postgres import Server


def test_a_session_on_a_demoted_server_is_dropped_and_the_write_done_on_the_next(postgres: Server) -> None:
    database = PostgresDatabase(postgres.empty_database())
    database.migrate()
    pids: list[int] = []

    def work(tx: Tx) -> int:
        row = tx.one("SELECT pg_backend_pid() AS pid")
        pids.append(row["pid"] if row else 0)
        if len(pids) == 1:
            tx.run("SET TRANSACTION READ ONLY")  # as on a server that was demoted meanwhile
        return tx.run("UPDATE quotas SET next_us = next_us")

    assert database.write(work) >= 1
    assert len(set(pids)) == len(pids) == 2
    database.close()


def test_a_server_that_stays_read_only_is_told_in_words(postgres: Server) -> None:
    url = postgres.empty_database()
    database = PostgresDatabase(url)
    database.migrate()
    name = database.read(lambda tx: tx.one("SELECT current_database() AS name"))
    assert name is not None
    database.write(lambda tx: tx.run(f'ALTER DATABASE "{name["name"]}" SET default_transaction_read_only = on'))
    database.close()
    try:
        with pytest.raises(StorageError, match="takes no writes: it is read-only"):
            database.write(lambda tx: tx.run("UPDATE quotas SET next_us = next_us"))
        database.close()
    finally:
        # The server is the next test's too.
        with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
            reset = sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only")
            connection.execute(reset.format(sql.Identifier(name["name"])))
