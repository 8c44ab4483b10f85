from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Database
from tests.storage.engines import Clock, Engine
from tests.storage.postgres import Server


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        made = Engine("postgres", server.empty_database())
    else:
        made = Engine("sqlite", str(tmp_path / "record.db"))
    yield made
    made.close()


@pytest.fixture
def database(engine: Engine) -> Database:
    opened = engine.open()
    opened.migrate()
    return opened


@pytest.fixture
def clock(engine: Engine) -> Clock:
    return engine.clock
