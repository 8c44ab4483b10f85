import pytest

from bot import database_url
from bot.database_url import OVERRIDE, VANISHING
from storage import Engine, StorageError
from tests.bot.samples import GOOD, problems

POSTGRES = "postgresql://user:password@host/name"


def test_a_record_nobody_named_is_a_file_in_this_folder() -> None:
    assert (
        database_url.address({})
        == database_url.address({"DATABASE_URL": "  "})
        == database_url.address({"DATABASE_URL": database_url.DEFAULT})
    )
    assert database_url.address({}).target == "countersign.db"


@pytest.mark.parametrize("name", VANISHING)
@pytest.mark.parametrize("url", ["", "sqlite:////app/countersign.db"])
def test_a_file_on_a_disk_that_vanishes_is_refused_with_why_and_what_to_do(name: str, url: str) -> None:
    environ = {**GOOD, name: "web.1", "DATABASE_URL": url}
    found = problems(environ)

    assert len(found) == 1
    for word in (name, VANISHING[name], "thrown away", "DATABASE_URL=postgresql://", f"{OVERRIDE}=yes"):
        assert word in found[0]
    with pytest.raises(StorageError, match=name):
        database_url.address(environ)


@pytest.mark.parametrize("name", VANISHING)
@pytest.mark.parametrize("settings", [{"DATABASE_URL": POSTGRES}, {OVERRIDE: "yes"}, {OVERRIDE: " yes\n"}])
def test_postgresql_or_a_mounted_disk_are_taken_there(name: str, settings: dict[str, str]) -> None:
    assert problems({**GOOD, name: "web.1", **settings}) == []
    database_url.address({name: "web.1", **settings})


@pytest.mark.parametrize("value", ["no", ""])
def test_saying_no_to_the_mounted_disk_changes_nothing(value: str) -> None:
    assert len(problems({**GOOD, "DYNO": "web.1", OVERRIDE: value})) == 1


def test_an_address_that_cannot_be_read_is_told_once_on_such_a_disk_too() -> None:
    found = problems({**GOOD, "DYNO": "web.1", "DATABASE_URL": "mysql://a:b@c/d"})

    assert len(found) == 1
    assert "must be sqlite:///" in found[0]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_names_of_postgresql_are_one(scheme: str) -> None:
    found = database_url.address({"DATABASE_URL": f" {scheme}://user:password@host/name\n"})

    assert (found.engine, found.target) == (Engine.POSTGRES, POSTGRES)
    assert found.place == "PostgreSQL database name at host"
