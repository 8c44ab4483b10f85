"""The whole list of a proposal in a modal: opened by a button of its card, leafed through by buttons of its own."""

from http.client import HTTPException

from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.models.views import View

from deletion import pages
from deletion.approval.people import readers
from deletion.approval.proposal import SlackAction
from deletion.approval.shown import Shown
from deletion.pages import ListPage
from deletion.terms.refusals import Refusal, Rule
from handlers.services import Services
from handlers.slack.api.failures import trouble
from handlers.slack.buttons import clicks
from handlers.slack.buttons.clicks import Misclick, UnansweredError
from handlers.slack.forms import OVERTAKEN, in_time, open_form
from handlers.slack.guard import Body, clicked_by, guard
from handlers.text import words
from handlers.text.language import Language
from handlers.views import whole_list


def on_view_all(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Open the list at its first page, for whoever may read."""
    ack()

    answer = clicks.privately(respond)

    def work(lang: Language) -> None:
        click = clicks.read(body)
        shown = None if isinstance(click, Misclick) else click.shown
        page = _page(services, click.action, shown, 0)
        if isinstance(page, Refusal):
            answer(words.refusal(lang, page))
        elif open_form(client, str(body["trigger_id"]), whole_list.build(lang, page)) is not None:
            answer(
                lang.say(
                    "Slack could not open the list in time. Click the button once more. While the card waits for "
                    "approval, the same list is the CSV file in its thread."
                )
            )

    guard("view_all", lambda: services.language(str(body["user"]["id"])), work, answer)


def on_turn(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Show another page in place of the one whose button was pressed."""
    ack()
    view = body["view"]

    def answer(text: str) -> None:
        _show(client, body, whole_list.instead(view, text, again=True))

    def work(lang: Language) -> None:
        turn = whole_list.parse(view, body["actions"][0])
        page = _page(services, clicked_by(body), turn.shown, turn.start)
        if isinstance(page, Refusal):
            _show(client, body, whole_list.instead(view, words.refusal(lang, page), again=False))
        else:
            _show(client, body, whole_list.build(lang, page))

    guard("list_page", lambda: services.language(str(body["user"]["id"])), work, answer)


def _page(services: Services, action: SlackAction, shown: Shown | None, start: int) -> ListPage | Refusal:
    """Return a page, or why this person is not shown it."""
    refusal = readers.refuse_unless_reader(services.database, services.config, services.directory, action)
    if refusal is not None:
        services.wake()
        return refusal
    if shown is None:
        return Refusal(Rule.DIGEST_UNKNOWN)
    return services.database.read(lambda tx: pages.page(tx, shown, start))


def _show(client: WebClient, body: Body, new: View) -> None:
    """Put a view in place of the one that was pressed, unless that is not what is shown any more."""
    view = body["view"]
    try:
        in_time(client).views_update(view_id=view["id"], hash=view["hash"], view=new)
    except (SlackClientError, OSError, HTTPException) as exc:
        code = trouble(exc).code
        if code not in OVERTAKEN:
            # A view has no other way to be answered: without our 200, Slack itself says that the press failed.
            raise UnansweredError(f"a page of a list was not shown: {code}") from None
