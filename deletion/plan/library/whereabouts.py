"""Which account, region and address this program works in now: asked, believed for a while, and asked again."""

from collections.abc import Callable

import vod
from deletion.terms.place import Place

BELIEVED_MS = 15 * 60 * 1000
"""For how long an answer is believed: a process keeps its identity, whose temporary keys stay in one account."""


class Whereabouts:
    """Answers where the program works. Safe to share between threads."""

    def __init__(self, ask: Callable[[], str], endpoint: vod.Endpoint, monotonic_ms: Callable[[], int]) -> None:
        self._ask = ask
        self._endpoint = endpoint
        self._monotonic_ms = monotonic_ms
        self._known: tuple[int, Place] | None = None

    def __call__(self) -> Place:
        """Return the place; vod.VodError while nobody can say whose account this is."""
        known, now_ms = self._known, self._monotonic_ms()
        if known is not None and now_ms < known[0] + BELIEVED_MS:
            return known[1]
        # Two that ask at once get the same answer.
        place = Place(self._endpoint.region, self._ask(), self._endpoint.host)
        self._known = (now_ms, place)
        return place
