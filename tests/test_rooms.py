"""No room is a hall: a folder holds about a dozen modules. Of circles among folders import-linter knows."""

from pathlib import Path

ROOT = Path(__file__).parents[1]

PACKAGES = ("bot", "demo", "handlers", "deletion", "vod", "storage", "sandbox", "benchmarks")

MOST_MODULES = 13

ONE_EACH = {Path("storage/migrations"), Path("storage/tables")}
"""As many as there are: whoever looks for one knows its name."""


def test_no_folder_has_more_than_about_a_dozen_modules() -> None:
    rooms: dict[Path, int] = {}
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            room = module.parent.relative_to(ROOT)
            rooms[room] = rooms.get(room, 0) + (module.name != "__init__.py")

    assert set(PACKAGES) | set(map(str, ONE_EACH)) <= set(map(str, rooms))
    halls = {str(room): modules for room, modules in rooms.items() if modules > MOST_MODULES}
    assert halls.keys() <= set(map(str, ONE_EACH)), "split these along what their modules import"
