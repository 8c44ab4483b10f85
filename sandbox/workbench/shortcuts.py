"""The app's shortcuts, as its manifest names them: of the menu of a message, and those offered everywhere."""

import json
from functools import cache
from pathlib import Path

from sandbox.json_types import Json

MANIFEST = Path(__file__).parents[2] / "manifest.json"


def message_shortcuts() -> tuple[Json, ...]:
    """Those of the menu of a message; see `shortcuts`."""
    return shortcuts("message")


@cache
def shortcuts(kind: str) -> tuple[Json, ...]:
    """Those of one kind, `message` or `global`: `name`, `callback_id`, `description` and the `app`'s name."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    app = manifest["display_information"]["name"]
    return tuple(
        {"app": app, **{name: one[name] for name in ("name", "callback_id", "description")}}
        for one in manifest["features"].get("shortcuts", ())
        if one["type"] == kind
    )
