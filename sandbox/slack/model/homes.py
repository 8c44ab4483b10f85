"""Home tabs: of each person the view that the app published last, if it did."""

import threading
from collections.abc import Callable
from dataclasses import replace

from sandbox.json_types import Json
from sandbox.slack.model.block_kit.elements import identified
from sandbox.slack.model.modals import View


class Homes:
    """Every person's Home tab. A tab keeps its id; each view in it has a hash of its own. Safe between threads."""

    def __init__(self, serial: Callable[[], int]) -> None:
        self._serial = serial
        self._lock = threading.Lock()
        self._views: dict[str, View] = {}

    def of(self, person: str) -> View | None:
        """What the app published for a person last."""
        with self._lock:
            return self._views.get(person)

    def publish(self, person: str, content: Json, seen: str | None = None) -> View:
        """Show a view in a person's tab. Raises LookupError when another than the one `seen` is there by now."""
        with self._lock:
            shown = self._views.get(person)
            if seen is not None and (shown is None or shown.hash != seen):
                raise LookupError("another view is shown by now")
            blocks = [identified(block, self._serial) for block in content["blocks"]]
            whole = {"private_metadata": "", "callback_id": "", "external_id": "", **content, "blocks": blocks}
            view_hash = f"{self._serial()}.h"
            if shown is None:
                view_id = f"V0{self._serial():09d}"
                view = View(id=view_id, person=person, content=whole, hash=view_hash, root=view_id)
            else:
                view = replace(shown, content=whole, hash=view_hash)
            self._views[person] = view
            return view
