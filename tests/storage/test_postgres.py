import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import psycopg
import pytest

from storage import Database, StorageError, Tx, UnknownCommitError
from storage.engine import postgres as module
from storage.engine import postgres_connections as connections
from storage.engine.postgres import PostgresDatabase, dialect
from storage.engine.postgres_connections import CONNECT_WITHIN_S, CONNECTIONS, SESSION, parameters, shown
from storage.migrations.schema import MIGRATIONS
from storage.tables import deliveries, items, proposals
from tests.storage import samples
from tests.storage.postgres import Server

NOWHERE = "postgresql://user:hunter2@127.0.0.1:1/nowhere"
"""Port 1 is nobody's."""


@pytest.fixture
def database(postgres: Server) -> Iterator[PostgresDatabase]:
    opened = PostgresDatabase(postgres.empty_database())
    opened.migrate()
    with closing(opened):
        yield opened


def keys(database: Database) -> list[str]:
    return [row["key"] for row in database.read(lambda tx: tx.rows("SELECT key FROM deliveries ORDER BY key"))]


def cut_off(tx: Tx, url: str) -> None:
    """End a transaction's connection from outside, as an administrator or an idle time-out would."""
    row = tx.one("SELECT pg_backend_pid() AS pid")
    assert row is not None
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (row["pid"],))


def use_every_connection(database: PostgresDatabase) -> None:
    """Open all connections of the pool, and leave them there for the next use."""
    together = threading.Barrier(CONNECTIONS)

    def work(_: Tx) -> None:
        together.wait(20)

    threads = [threading.Thread(target=database.read, args=(work,)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


def test_a_server_that_was_restarted_is_written_to_as_if_nothing_had_happened(
    database: PostgresDatabase, postgres: Server
) -> None:
    use_every_connection(database)
    database.write(lambda tx: deliveries.first_time(tx, "before"))
    postgres.restart()

    assert database.write(lambda tx: deliveries.first_time(tx, "after"))
    assert not database.write(lambda tx: deliveries.first_time(tx, "before"))
    assert keys(database) == ["after", "before"]


def test_a_server_that_is_restarted_in_the_middle_of_a_write_gets_all_of_it_once(
    database: PostgresDatabase, postgres: Server
) -> None:
    tries: list[bool] = []

    def work(tx: Tx) -> None:
        tries.append(deliveries.first_time(tx, "a"))
        if len(tries) == 1:
            postgres.restart()
        deliveries.first_time(tx, "b")

    database.write(work)

    assert tries == [True, True], "what the lost transaction did was undone"
    assert keys(database) == ["a", "b"]


def test_while_the_server_is_away_there_is_an_answer_in_time_and_afterwards_there_is_a_record(
    database: PostgresDatabase, postgres: Server
) -> None:
    assert CONNECT_WITHIN_S <= 2, "a click has to be answered in three seconds"
    database.write(lambda tx: deliveries.first_time(tx, "before"))
    postgres.crash()
    try:
        with pytest.raises(StorageError, match="does not answer"):
            database.write(lambda tx: deliveries.first_time(tx, "meanwhile"))
        with pytest.raises(StorageError, match="Check DATABASE_URL"):
            database.check_schema()
    finally:
        postgres.start()

    assert database.write(lambda tx: deliveries.first_time(tx, "after"))
    assert keys(database) == ["after", "before"]


def test_a_connection_that_is_cut_before_the_commit_costs_nothing(
    database: PostgresDatabase, postgres: Server
) -> None:
    cuts = iter([True])

    def work(tx: Tx) -> bool:
        first = deliveries.first_time(tx, "a")
        if next(cuts, False):
            cut_off(tx, postgres.url)
        return first and deliveries.first_time(tx, "b")

    assert database.write(work)
    assert keys(database) == ["a", "b"]


def test_a_connection_that_turns_out_to_be_cut_at_the_commit_is_not_guessed_about(
    database: PostgresDatabase, postgres: Server
) -> None:
    """Nothing was stored here, but from this end it looks just like a commit whose answer was lost."""

    def work(tx: Tx) -> None:
        deliveries.first_time(tx, "a")
        cut_off(tx, postgres.url)

    with pytest.raises(UnknownCommitError):
        database.write(work)

    assert keys(database) == []


def test_a_reader_whose_connection_is_cut_reads_again(database: PostgresDatabase, postgres: Server) -> None:
    cuts = iter([True])

    def work(tx: Tx) -> int:
        if next(cuts, False):
            cut_off(tx, postgres.url)
        return samples.count(tx, "audit_head")

    assert database.read(work) == 1


def test_a_connection_that_is_cut_every_time_is_told_instead_of_tried_for_ever(
    database: PostgresDatabase, postgres: Server
) -> None:
    tries = []

    def work(tx: Tx) -> None:
        tries.append(1)
        cut_off(tx, postgres.url)
        deliveries.first_time(tx, "a")

    with pytest.raises(StorageError, match="Nothing was changed"):
        database.write(work)

    assert len(tries) == module.RECONNECTIONS + 1
    assert keys(database) == []


def test_a_connection_that_is_lost_during_the_commit_is_told_as_unknown_and_nothing_is_done_twice(
    database: PostgresDatabase,
) -> None:
    tries = []

    def work(tx: Tx) -> None:
        tries.append(deliveries.first_time(tx, "a"))
        # A constraint that is only checked at the commit cuts the connection there.
        tx.run(
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
        )
        tx.run(
            "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON lanes DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION cut()"
        )
        tx.run("INSERT INTO lanes (lane) VALUES ('a')")

    with pytest.raises(UnknownCommitError, match="nobody knows"):
        database.write(work)

    assert tries == [True]
    assert database.write(lambda tx: deliveries.first_time(tx, "b"))


def test_a_failure_that_was_overlooked_is_not_taken_for_a_commit(database: PostgresDatabase) -> None:
    def work(tx: Tx) -> None:
        deliveries.first_time(tx, "a")
        with suppress(psycopg.Error):
            tx.run("SELECT 1/0")

    with pytest.raises(StorageError, match="all of it was undone"):
        database.write(work)

    assert keys(database) == []


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03"])
def test_a_lost_race_is_run_again_as_a_whole(postgres: Server, code: str) -> None:
    pauses: list[float] = []
    losses = iter([code] * 3)

    def work(tx: Tx) -> None:
        tx.run("INSERT INTO deliveries (key, seen_ms) VALUES ('a', 1)")
        if loss := next(losses, None):
            tx.run(f"DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{loss}'; END $$")

    with closing(PostgresDatabase(postgres.empty_database(), pause=pauses.append)) as database:
        database.migrate()
        database.write(work)

        assert keys(database) == ["a"]
    assert pauses == sorted(pauses)
    assert len(pauses) == 3


def test_a_race_that_is_lost_every_time_is_told(postgres: Server) -> None:
    pauses: list[float] = []

    def work(tx: Tx) -> None:
        tx.run("DO $$ BEGIN RAISE EXCEPTION 'lost again' USING ERRCODE = '40001'; END $$")

    with (
        closing(PostgresDatabase(postgres.empty_database(), pause=pauses.append)) as database,
        pytest.raises(StorageError, match="lost again"),
    ):
        database.write(work)

    assert len(pauses) == module.TRIES


def test_every_transaction_has_its_time_outs_and_needs_nothing_of_its_session(database: PostgresDatabase) -> None:
    def settings(tx: Tx) -> dict[str, Any]:
        return {name: (tx.one(f"SHOW {name}") or {})[name] for name in SESSION}

    wanted = {**SESSION, "statement_timeout": "1min"}
    assert database.write(settings) == database.read(settings) == wanted


def test_no_statement_is_prepared_because_pgbouncer_gives_each_transaction_another_server(
    database: PostgresDatabase,
) -> None:
    def prepared(tx: Tx) -> list[Any]:
        return [tx.rows("SELECT name FROM pg_prepared_statements WHERE name <> :name", name="") for _ in range(10)]

    assert database.write(prepared) == [[]] * 10


def test_the_clock_is_read_once_in_a_transaction_and_then_goes_on(database: PostgresDatabase) -> None:
    def work(tx: Tx) -> tuple[int, int, int]:
        first = tx.now_ms()
        tx.rows("SELECT pg_sleep(0.02)")
        with suppress(psycopg.Error):
            tx.run("SELECT 1/0")
        # Nothing can be asked of the server any more: what is answered now is known here.
        return first, tx.now_ms(), tx.now_ms()

    results: list[tuple[int, int, int]] = []
    with pytest.raises(StorageError, match="all of it was undone"):
        database.write(lambda tx: results.append(work(tx)))
    first, second, third = results[0]
    theirs = database.write(lambda tx: tx.rows("SELECT extract(epoch FROM now()) * 1000 AS ms"))[0]["ms"]

    assert first + 20 <= second <= third <= float(theirs)


def test_later_transactions_have_later_clocks(database: PostgresDatabase) -> None:
    found = [database.write(lambda tx: tx.now_ms()) for _ in range(200)]

    assert found == sorted(found)


def test_the_list_of_migrations_is_read_once(database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Callable[[Tx], Any]] = []
    real = database.read

    def read(work: Callable[[Tx], Any]) -> Any:
        reads.append(work)
        return real(work)

    monkeypatch.setattr(database, "read", read)
    monkeypatch.setattr(module, "MIGRATIONS", (*MIGRATIONS, ("9998_one", ()), ("9999_two", ())))

    with pytest.raises(StorageError, match="2 migration"):
        database.check_schema()
    assert len(reads) == 1


def test_a_server_nobody_listens_at_is_told_without_the_password() -> None:
    with closing(PostgresDatabase(NOWHERE)) as database:
        for use in (database.migrate, database.check_schema):
            with pytest.raises(StorageError) as caught:
                use()
            told = "".join(traceback.format_exception(caught.value))

            assert "PostgreSQL database nowhere at 127.0.0.1:1" in str(caught.value)
            assert "refused" in str(caught.value).lower()
            assert "hunter2" not in told


def test_a_database_that_does_not_exist_is_told_in_the_servers_words(postgres: Server) -> None:
    absent = postgres.url.replace("/postgres?", "/absent?")
    assert absent != postgres.url

    with (
        closing(PostgresDatabase(absent)) as database,
        pytest.raises(StorageError, match='"absent" does not exist'),
    ):
        database.migrate()


def test_a_database_that_cannot_hold_every_title_is_refused(postgres: Server) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS latin")
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

    latin = postgres.url.replace("/postgres?", "/latin?")
    with closing(PostgresDatabase(latin)) as database, pytest.raises(StorageError, match="UTF8"):
        database.migrate()


def test_a_text_with_a_nul_is_refused_as_a_whole(database: PostgresDatabase) -> None:
    def work(tx: Tx) -> None:
        deliveries.first_time(tx, "a")
        deliveries.first_time(tx, "b\0c")

    with pytest.raises(StorageError):
        database.write(work)

    assert keys(database) == []


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://u:p@db.example.com:6432/vod", "PostgreSQL database vod at db.example.com:6432"),
        ("postgresql://db.example.com/vod?sslmode=require", "PostgreSQL database vod at db.example.com"),
        ("postgresql://u:p@/vod?host=/cloudsql/a:b:c", "PostgreSQL database vod at /cloudsql/a:b:c"),
        ("postgresql://u:p%40%2F%3A@a,b/vod", "PostgreSQL database vod at a,b"),
        ("postgresql://u@[::1]:5432/vod", "PostgreSQL database vod at ::1:5432"),
        ("postgresql:///vod?user=u&password=p", "PostgreSQL database vod at this machine"),
        ("postgresql://10.0.0.1/vod?password=p", "PostgreSQL database vod at 10.0.0.1"),
    ],
)
def test_a_place_is_told_without_user_and_password(url: str, place: str) -> None:
    assert shown(parameters(url)) == place


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hun@ter2@host/vod",
        "postgresql://u:hun/ter2@host/vod",
        "postgresql://u:1/hunter2@host/vod",
        "postgresql://u:hunter2%zz@host/vod",
        "postgresql://u:hunter2@host:port/vod",
        "postgresql://u:hunter2@host",
        "postgresql://u:hunter2@host/",
        "postgresql://",
    ],
)
def test_an_address_that_is_no_good_is_told_with_what_to_do_and_never_repeated(url: str) -> None:
    with pytest.raises(StorageError, match="DATABASE_URL") as caught:
        PostgresDatabase(url)
    told = "".join(traceback.format_exception(caught.value))

    assert "ter2" not in told
    assert "postgresql://user:password@host:5432/name" in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@host/vod?colour=hunter2"])
def test_a_parameter_that_is_not_postgresqls_is_named_and_its_value_is_not(url: str) -> None:
    with pytest.raises(StorageError, match="DATABASE_URL has the parameter colour") as caught:
        PostgresDatabase(url)

    assert "ter2" not in "".join(traceback.format_exception(caught.value))


def test_what_the_address_says_about_the_connection_wins() -> None:
    found = connections._arguments(
        parameters("postgresql://h/vod?connect_timeout=9&application_name=mine&options=-csearch_path%3Dx")
    )

    assert (found["connect_timeout"], found["application_name"]) == ("9", "mine")
    assert found["options"] == "-csearch_path=x"
    assert found["keepalives_idle"] == "10"


def test_names_become_parameters_and_nothing_else_does() -> None:
    assert dialect("SELECT :a::text, ':b', 'x%' {lock} {skip}") == (
        "SELECT %(a)s::text, '%(b)s', 'x%%' FOR NO KEY UPDATE FOR NO KEY UPDATE SKIP LOCKED"
    )


@pytest.mark.parametrize("first", ["locks it", "writes what belongs to it"])
def test_a_proposal_that_is_held_and_what_is_written_for_it_do_not_wait_for_each_other(
    database: PostgresDatabase, first: str
) -> None:
    number = samples.proposal(database)
    works: list[Callable[[Tx], Any]] = [
        lambda tx: proposals.lock(tx, number),
        lambda tx: items.add_all(tx, number, [(0, "a", 0)]),
    ]
    one, other = works if first == "locks it" else reversed(works)
    done: list[Any] = []
    side = threading.Thread(target=lambda: done.append(database.write(other)))

    def hold(tx: Tx) -> bool:
        one(tx)
        side.start()
        side.join(5)
        return side.is_alive()

    waited = database.write(hold)
    side.join(20)

    assert not waited
    assert len(done) == 1


def test_after_a_look_at_many_new_items_a_batch_is_found_without_passing_all_of_them(
    database: PostgresDatabase,
) -> None:
    number = samples.proposal(database)
    database.write(lambda tx: items.add_all(tx, number, [(n, f"{n:032x}", n // 20) for n in range(20_000)]))

    database.analyze("items")

    plan = database.read(
        lambda tx: tx.rows(
            """
            EXPLAIN SELECT * FROM items WHERE proposal_id = :id AND state = 'pending' AND due_ms <= :now
                                        AND batch % :lanes = :lane
            ORDER BY ord LIMIT 20
            """,
            id=number,
            now=1,
            lanes=16,
            lane=3,
        )
    )
    steps = [row["QUERY PLAN"] for row in plan]
    assert "Index Scan using items_pending" in steps[1]
    assert not any("Sort" in each for each in steps)


def test_a_look_at_a_table_does_not_wait_for_somebody_who_is_at_it(
    database: PostgresDatabase, postgres: Server
) -> None:
    with psycopg.connect(postgres.url) as autovacuum:
        autovacuum.execute("LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE")
        began = time.monotonic()
        database.analyze("items")

    assert time.monotonic() - began < 2
