"""The form while somebody fills it in: another level has other fields, and Check leads to what would go."""

from http.client import HTTPException

import structlog
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from handlers.services import Services
from handlers.slack.api.failures import trouble
from handlers.slack.forms import OVERTAKEN, in_time
from handlers.slack.guard import Body, clicked_by, guard
from handlers.slack.looking import modal
from handlers.slack.proposing import asking, checking
from handlers.text.language import Language
from handlers.views.proposing import form, reading
from handlers.views.proposing.preview import Asked

log = structlog.get_logger()


def on_level(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Show the fields of the level that was chosen, with what was filled in before."""
    ack()
    view = body["view"]

    def work(lang: Language) -> None:
        new = form.build(lang, reading.parse(view), services.reasons)
        try:
            in_time(client).views_update(view_id=view["id"], hash=view["hash"], view=new)
        except (SlackClientError, OSError, HTTPException) as exc:
            code = trouble(exc).code
            if code not in OVERTAKEN:
                # The form stays as it was; whatever has no field there is asked for when it is checked.
                log.warning("form.not_updated", code=code)

    guard("propose_level", lambda: services.language(str(body["user"]["id"])), work, lambda _: None)


def on_check(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Show what would go, or say at its field what is wrong; nothing is stored, and the form stays as it is."""
    view = body["view"]

    def fail(text: str) -> None:
        ack(response_action="errors", errors=reading.errors(view, [(form.LEVEL_BLOCK, text)]))

    def work(lang: Language) -> None:
        held = reading.parse(view)
        asked = asking.asked(lang, services.config.policy, held)
        if not isinstance(asked, Asked):
            ack(response_action="errors", errors=reading.errors(view, asked))
            return
        external_id, wanted = checking.look_up(services, lang, clicked_by(body), asked, held.why)
        shown = modal.look_with_answer(services, lang, client, body, external_id, wanted)
        ack(response_action="update" if _is_deepest(view) else "push", view=shown)

    guard("propose_check", lambda: services.language(str(body["user"]["id"])), work, fail)


def _is_deepest(view: Body) -> bool:
    """Say whether two views are below this one, so that Slack takes no other on top of it."""
    below, root = view.get("previous_view_id"), view.get("root_view_id")
    return bool(below) and below != root
