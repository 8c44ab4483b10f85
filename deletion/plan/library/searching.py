"""Which media match a query now: every one of them, read from VOD page by page.

VOD shows the first 5,000 matches of a search, and more only through a token that expires. Here every page is a
search of its own, from the time of the last match on (they come oldest first): nothing that VOD remembers can run
out, and what is deleted or added meanwhile moves nothing past unseen. Every page says how many there are from there
on: the end is where VOD counts no more than it lists.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import vod
from deletion.plan.library.quota import Turns
from deletion.terms.refusals import Refusal
from deletion.terms.requests.query import Query
from vod.api.searching import MOST_PER_PAGE, REACHABLE

ANEW = 20
"""How often a second is read anew in which more was created than a page holds, while that still changes."""

INCOMPLETE = "SearchIncomplete"
"""The code of a search in which VOD counts other things than it lists, or too many of one second."""


@dataclass(frozen=True)
class Page:
    """What matches on one page, each only once in a search. ``left`` is how many there can be from here on."""

    ids: tuple[str, ...]
    left: int


@dataclass(frozen=True)
class TooMany:
    """There are more matches than were wanted: how many, if VOD counts them itself."""

    count: int | None


def everything(
    pages: Iterator[Page], query: Query, *, most: int, refused: Callable[[int], Refusal | None] = lambda _: None
) -> tuple[str, ...] | TooMany | Refusal:
    """Return what is on these pages, oldest first, as long as that is not more than ``most``: then reading ends.

    ``refused`` says why so many may not be proposed. Where VOD counts the matches itself it is asked with the first
    page, otherwise once there is no other.
    """
    ids: list[str] = []
    for number, page in enumerate(pages):
        if not number and query.is_counted_by_vod:
            if page.left > most:
                return TooMany(page.left)
            refusal = refused(page.left)
            if refusal is not None:
                return refusal
        ids += page.ids
        if len(ids) > most:
            return TooMany(None)
    return refused(len(ids)) or tuple(ids)


class Search:
    """Goes from the oldest match to the newest. Raises vod.VodError."""

    def __init__(
        self,
        client: vod.VodClient,
        quota: Turns,
        kind: vod.SearchKind,
        query: Query,
        between: Callable[[], None],
    ) -> None:
        self._client, self._quota, self._between = client, quota, between
        self._kind, self._query = kind, query
        self._since: datetime | None = None
        self._page = 1
        self._seen: set[str] = set()
        self._listed: set[str] = set()

    def pages(self) -> Iterator[Page]:
        """Yield every match, as VOD lists them."""
        anew, counted = 0, 0
        while True:
            page = self._read()
            if self._page > 1 and (page.total != counted or not self._goes_on(page)):
                # Something came or went among those of one second, or their order is another one: what was on
                # earlier pages may be on others now.
                anew, self._page = anew + 1, 1
                if anew > ANEW:
                    raise _incomplete()
                continue
            counted = page.total
            self._listed = {one.id for one in page.found} | (self._listed if self._page > 1 else set())
            rest = page.total - (self._page - 1) * MOST_PER_PAGE
            if len(page.found) != min(max(rest, 0), MOST_PER_PAGE):
                raise _incomplete()
            yield Page(tuple(self._new(page)), rest)
            if rest <= MOST_PER_PAGE:
                return
            self._go_on(page.found[-1].created)
            # Of those before nothing is listed again.
            self._seen = {one.id for one in page.found} | (self._seen if self._page > 1 else set())

    def _read(self) -> vod.SearchPage:
        self._between()
        self._quota.turn("SearchMedia")
        return self._client.search(self._kind, self._query.expression(self._since), page=self._page)

    def _goes_on(self, page: vod.SearchPage) -> bool:
        """Say whether a page lists nothing that those before it list: if it does, it passes over something else."""
        return self._listed.isdisjoint(one.id for one in page.found)

    def _new(self, page: vod.SearchPage) -> Iterator[str]:
        for one in page.found:
            if one.id not in self._seen and self._query.matches(one):
                yield one.id
            self._seen.add(one.id)

    def _go_on(self, last: datetime) -> None:
        if last != self._since:
            self._since, self._page = last, 1
        elif self._page * MOST_PER_PAGE < REACHABLE:
            self._page += 1
        else:
            raise _incomplete()


def _incomplete() -> vod.VodError:
    return vod.Ambiguous("SearchMedia", INCOMPLETE, advice=vod.Advice.TRY_AGAIN)
