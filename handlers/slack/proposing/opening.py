"""Opening the form: by the command, by both shortcuts, and by the button of a message."""

from collections.abc import Sequence
from dataclasses import replace

from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from deletion.approval import proposing
from deletion.approval.proposal import SlackAction
from deletion.policy import decisions
from deletion.terms.list_files import BadList, WrongList
from deletion.terms.refusals import Refusal
from handlers.commands.files import told
from handlers.commands.syntax import lexing, naming
from handlers.commands.syntax.media import ID
from handlers.services import Services
from handlers.slack import clicks
from handlers.slack.forms import open_form
from handlers.slack.guard import Body, clicked_by, guard
from handlers.text import words
from handlers.text.blocks import Block, Message, said
from handlers.text.language import Language
from handlers.views.proposing import filled, form
from handlers.views.proposing.filled import Filled


def show(services: Services, lang: Language, client: WebClient, trigger_id: str, held: Filled) -> Message | None:
    """Open the form with this in it; return why it is not there, with a button that opens it, or None.

    An app that may not read files gets it without the field for one, but for the files of a message.
    """
    error = open_form(client, trigger_id, form.build(lang, held, services.reasons))
    if error == "missing_scope" and not held.files:
        held = replace(held, without_files=True)
        error = open_form(client, trigger_id, form.build(lang, held, services.reasons))
    if error is None:
        return None
    if error == "missing_scope":
        return said(told.wrong(lang, BadList(WrongList.SCOPE_MISSING)))
    text = lang.say("Slack could not open the form in time; nothing was stored. Try once more.")
    return _with_button(lang, text, held)


def _with_button(lang: Language, text: str, held: Filled) -> Message:
    message = said(text)
    return Message(message.text, (*message.blocks, *button(lang, held)))


def button(lang: Language, held: Filled) -> Sequence[Block]:
    """Return the button that opens the form with this in it; none where that is more than a button carries."""
    value = filled.button_value(held)
    if value is None:
        return ()
    opens = {
        "type": "button",
        "action_id": form.OPEN,
        "text": {"type": "plain_text", "text": lang.say("Propose a deletion…"), "emoji": False},
        "value": value,
    }
    return ({"type": "actions", "elements": [opens]},)


def on_global_shortcut(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Open the empty form. There is no channel to answer in: what it says otherwise is a direct message."""
    ack()

    def answer(text: str) -> None:
        _tell_directly(client, body, said(text))

    def work(lang: Language) -> None:
        refusal = turned_away(services, clicked_by(body))
        if refusal:
            answer(words.refusal(lang, refusal))
        elif why_not := show(services, lang, client, str(body["trigger_id"]), filled.empty("")):
            _tell_directly(client, body, why_not)

    guard("propose_shortcut", lambda: services.language(str(body["user"]["id"])), work, answer)


def _tell_directly(client: WebClient, body: Body, message: Message) -> None:
    client.chat_postMessage(channel=str(body["user"]["id"]), text=message.text, blocks=list(message.blocks))


def on_message_shortcut(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form for the files of a message, or for the IDs in its text."""
    ack()

    def answer(text: str) -> None:
        _answer(respond, said(text))

    def work(lang: Language) -> None:
        refusal = turned_away(services, clicked_by(body))
        if refusal:
            answer(words.refusal(lang, refusal))
            return
        held = _of_message(lang, body)
        if isinstance(held, str):
            answer(held)
        elif why_not := show(services, lang, client, str(body["trigger_id"]), held):
            _answer(respond, why_not)

    guard("list_shortcut", lambda: services.language(str(body["user"]["id"])), work, answer)


def on_button(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form that a button holds, or an empty one where it holds none of ours, as that of the Home tab."""
    ack()
    at_home = clicks.in_home(services, body) if clicks.is_at_home(body) else None

    def tell(message: Message) -> None:
        if at_home is not None:
            at_home(message.text)
        else:
            _answer(respond, message)

    def answer(text: str) -> None:
        tell(said(text))

    def work(lang: Language) -> None:
        refusal = turned_away(services, clicked_by(body))
        if refusal:
            answer(words.refusal(lang, refusal))
            return
        channel = str((body.get("channel") or {}).get("id") or "")
        held = filled.read_button(str(body["actions"][0].get("value") or "")) or filled.empty(channel)
        held = replace(held, channel=held.channel or channel)
        if why_not := show(services, lang, client, str(body["trigger_id"]), held):
            tell(why_not)

    guard("propose_button", lambda: services.language(str(body["user"]["id"])), work, answer)


def _answer(respond: Respond, message: Message) -> None:
    respond(text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=False)


def turned_away(services: Services, action: SlackAction) -> Refusal | None:
    """Turn away whoever may not propose, before anything is read or asked."""
    if decisions.may_propose(services.config.policy, action.actor) is None:
        return None
    return services.database.write(lambda tx: proposing.turn_away(tx, services.config, action))


def _of_message(lang: Language, body: Body) -> Filled | str:
    """Return the form for a message, or why there is none (mrkdwn)."""
    message, channel = body["message"], str(body["channel"]["id"])
    files, ids = filled.files_of(message), ids_in(str(message.get("text") or ""))
    if files:
        return filled.of_files(channel, files, has_ids=bool(ids))
    if not ids:
        return lang.say(
            "This message holds no file and no IDs that can be read. To propose from a file, type "
            "`/vod delete --file`."
        )
    if not filled.fits(ids):
        return lang.say_n(
            "This message names {n} ID, more than the form takes. Put it into a file and use that.",
            "This message names {n} IDs, more than the form takes. Put them into a file and use that.",
            len(ids),
        )
    return filled.of_ids(channel, ids)


def ids_in(text: str) -> Sequence[str]:
    """Return the IDs in a message's text, each once; whatever else stands there is passed over."""
    found = naming.read_ids(lexing.unescape(text).split())
    return [name for name in found.names if ID.fullmatch(name)]
