"""The search field of the form: what is typed is looked for in titles, and answered while Slack waits."""

from slack_bolt import Ack

import vod
from deletion.lookup import search
from deletion.lookup.desk import Desk
from deletion.lookup.failures import LookupFailedError, Unread, Why
from deletion.lookup.search import Hits
from deletion.policy import decisions
from deletion.terms import canonical
from deletion.terms.requests.query import Condition, Field, Op, Query
from handlers.commands.syntax.media import ID
from handlers.services import Services
from handlers.slack.guard import Body, clicked_by, guard, left_s
from handlers.text.language import Language
from handlers.views.proposing import form, offers

TO_SAY_SO_S = 0.4
"""Seconds of what a listener has that are left to say that nothing was found in time."""

HITS = 20
TYPED_MOST = 200
"""Characters that are looked for."""


def on_search(services: Services, ack: Ack, body: Body) -> None:
    """Offer what has the typed words in its title; what could not be looked for is said in the menu itself."""

    def work(lang: Language) -> None:
        typed = canonical.clean(str(body.get("value") or "")).strip()[:TYPED_MOST]
        if decisions.may_propose(services.config.policy, clicked_by(body).actor) is not None or not typed:
            ack(options=[])
        elif ID.fullmatch(typed):
            ack(options=offers.of_id(lang, typed))
        else:
            found = _search(services, str(body["user"]["id"]), typed, _kind(body))
            ack(options=offers.unread(lang) if isinstance(found, Unread) else offers.of_hits(lang, found))

    guard(
        "propose_search",
        lambda: services.language(str(body["user"]["id"])),
        work,
        lambda text: ack(options=offers.told(text)),
    )


def _kind(body: Body) -> vod.SearchKind:
    return vod.SearchKind.IMAGE if body["action_id"] == form.PICTURES_INPUT else vod.SearchKind.VIDEO


def _search(services: Services, person: str, typed: str, kind: vod.SearchKind) -> Hits | Unread:
    """Look for titles in what is left of the three seconds; whatever comes later is nobody's any more."""
    query, found = Query((Condition(Field.TITLE, Op.HAS, typed),)), list[Hits | Unread]()

    def work(desk: Desk) -> None:
        try:
            found.append(search.find(desk, query, kind=kind, most=HITS))
        except LookupFailedError as exc:
            found.append(exc.unread)

    in_time = services.lookups.ask_and_wait(person, work, max(0.0, left_s() - TO_SAY_SO_S))
    return found[0] if in_time and found else Unread(Why.TOO_SLOW)


FIELDS = (form.FOUND_INPUT, form.PICTURES_INPUT)
"""The menus that it answers for."""
