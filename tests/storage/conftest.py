from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Database
from tests.storage.engines import Clock, Engine


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = Engine(request.param, str(tmp_path / "record.db"))
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
