from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Database
from tests.storage.engines import Clock, Engine
from tests.storage.migrated import lay
from tests.storage.postgres import Server


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A place without anything; with a new record for a test that asks for a ``database``."""
    is_new = "database" in request.fixturenames
    path = tmp_path / "record.db"
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        made = Engine("postgres", server.new_record() if is_new else server.empty_database())
    else:
        made = Engine("sqlite", str(path))
        if is_new:
            lay(path)
    yield made
    made.close()


@pytest.fixture
def database(engine: Engine) -> Database:
    return engine.open()


@pytest.fixture
def clock(engine: Engine) -> Clock:
    return engine.clock
