"""What the record costs: transactions a second on each engine, next to the bare driver doing one insert each."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deletion.audit import chain
from storage import Database, Tx
from storage.tables import calls, items, jobs, proposals
from storage.tables.calls import CallState, Intent
from storage.tables.items import Lane
from storage.tables.proposals import NewProposal

SECONDS = 3.0
"""How long each thing is done over and over."""

PAYLOAD = '{"data":"' + "x" * 250 + '"}'

BATCH = 20


@dataclass(frozen=True)
class Rate:
    """Transactions (or batches) a second, of all writers together."""

    per_second: float


def measure(work: Callable[[int], None], *, writers: int = 1) -> Rate:
    """Do something as often as possible for a while, by so many threads; each call is given its own number."""
    end = time.monotonic() + SECONDS

    def keep_on(writer: int) -> int:
        done = 0
        while not done or time.monotonic() < end:
            work(writer * 10_000_000 + done)
            done += 1
        return done

    began = time.monotonic()
    if writers == 1:
        done = keep_on(0)
    else:
        with ThreadPoolExecutor(writers) as pool:
            done = sum(pool.map(keep_on, range(writers)))
    return Rate(done / (time.monotonic() - began))


def bare_sqlite(path: Path) -> Rate:
    """One insert a transaction with the standard library's driver, as durable as ours (WAL, FULL)."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, payload TEXT)")

        def insert(number: int) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO bare VALUES (?, ?)", (number, PAYLOAD))
            connection.execute("COMMIT")

        return measure(insert)


def bare_postgres(url: str) -> Rate:
    """One insert a transaction with psycopg."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE bare (id BIGINT PRIMARY KEY, payload TEXT)")
        connection.commit()

        def insert(number: int) -> None:
            connection.execute("INSERT INTO bare VALUES (%s, %s)", (number, PAYLOAD))
            connection.commit()

        return measure(insert)


def events(database: Database, *, writers: int) -> Rate:
    """Append to the audit chain, an event a transaction: the head is one row that all writers wait for."""

    def append(number: int) -> None:
        def work(tx: Tx) -> None:
            chain.append(
                tx, actor="countersign", action="measured", ref="bench/1", data={"n": number, "x": "x" * 200}
            )

        database.write(work)

    return measure(append, writers=writers)


def job_turns(database: Database) -> Rate:
    """Queue, claim and finish a job: three transactions, counted as one."""

    def turn(number: int) -> None:
        database.write(lambda tx: jobs.add(tx, "measured", number))
        job = database.write(lambda tx: jobs.claim(tx, owner="bench", lease_ms=tx.now_ms() + 60_000))
        if job is not None:
            database.write(lambda tx: jobs.finish(tx, job))

    return measure(turn)


def batches(database: Database) -> Rate:
    """Journal and complete a batch of 20 items: what a deletion writes around each call."""
    number = database.write(_proposal)
    for start in range(0, 200_000, 10_000):
        some = [(place, f"{place:032x}", place // BATCH) for place in range(start, start + 10_000)]
        database.write(lambda tx, some=some: items.add_all(tx, number, some))  # type: ignore[misc] # mypy cannot infer a lambda's default
    database.analyze("items")
    return measure(lambda n: _batch(database, number, n))


def _batch(database: Database, number: int, n: int) -> None:
    name = f"call {n}"
    found = database.read(lambda tx: items.next_pending(tx, Lane(number), BATCH))

    def journal(tx: Tx) -> None:
        proposals.lock(tx, number)
        items.claim(tx, found, name)
        calls.intend(tx, Intent(name, number, "DeleteVideo", "[]", "bench", tx.now_ms() + 60_000))
        chain.append(tx, actor="countersign", action="call.intent", ref="bench/1", data={"call": name})

    def complete(tx: Tx) -> None:
        proposals.lock(tx, number)
        calls.complete(tx, name, owner="bench", state=CallState.DONE, answer="{}")
        gone = [
            items.settled(item, outcome="deleted", note="{}", now_ms=tx.now_ms())
            for item in items.in_call(tx, name)
        ]
        items.write(tx, gone)
        chain.append(tx, actor="countersign", action="call.answered", ref="bench/1", data={"call": name})

    database.write(journal)
    database.write(complete)


def _proposal(tx: Tx) -> int:
    new = NewProposal("T", "U", "video", "{}", "measured", "executing", 1, 0, 0, 0)
    return proposals.add(tx, new)


def all_of(database: Database) -> Iterator[tuple[str, Rate]]:
    """Measure everything on one engine, (what, rate) each."""
    yield "audit events, 1 writer", events(database, writers=1)
    yield "audit events, 8 writers", events(database, writers=8)
    yield "job turns (3 transactions)", job_turns(database)
    yield "batches of 20 journalled and completed", batches(database)
