"""The app's message shortcuts, as its manifest names them: what the menu of a message offers."""

import json
from functools import cache
from pathlib import Path

from sandbox.json_types import Json

MANIFEST = Path(__file__).parents[2] / "manifest.json"


@cache
def message_shortcuts() -> tuple[Json, ...]:
    """Each with its `name`, `callback_id` and `description`, and the name of the `app`."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    app = manifest["display_information"]["name"]
    return tuple(
        {"app": app, **{name: one[name] for name in ("name", "callback_id", "description")}}
        for one in manifest["features"].get("shortcuts", ())
        if one["type"] == "message"
    )
