"""Opening the form: by the command, by both shortcuts, and by the button of a message."""

from collections.abc import Sequence
from dataclasses import replace

from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from deletion.approval.people import readers
from deletion.terms.requests.list_files import BadList, WrongList
from handlers.cards.parts import buttons
from handlers.commands.files import told
from handlers.commands.syntax import lexing, naming
from handlers.commands.syntax.media import ID
from handlers.services import Services
from handlers.slack.buttons import clicks
from handlers.slack.forms import open_form, turned_away
from handlers.slack.guard import Body, clicked_by, guard, typed_by
from handlers.text import words
from handlers.text.blocks import Message, said
from handlers.text.language import Language
from handlers.views.proposing import filled, form
from handlers.views.proposing.filled import Filled


def show(services: Services, lang: Language, client: WebClient, body: Body, held: Filled) -> Message | None:
    """Open the form with this in it; return why it is not there, with a button that opens it, or None.

    It shows titles of what is in VOD, so Slack is asked whether this is a full member, which the rules do not know.
    An app that may not read files gets it without the field for one, but for the files of a message.
    """
    action = typed_by(body) if "command" in body else clicked_by(body)
    refusal = readers.refuse_unless_reader(services.database, services.config, services.directory, action)
    if refusal is not None:
        services.wake()
        return said(words.refusal(lang, refusal))
    trigger_id = str(body["trigger_id"])
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
    """Offer the form once more with what is in it, where that is not more than a button carries."""
    message, value = said(text), filled.button_value(held)
    return message if value is None else Message(message.text, (*message.blocks, buttons.proposing(lang, value)))


def on_global_shortcut(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Open the empty form. There is no channel to answer in: what it says otherwise is a direct message."""
    ack()

    def answer(text: str) -> None:
        _tell_directly(client, body, said(text))

    def work(lang: Language) -> None:
        refusal = turned_away(services, clicked_by(body))
        if refusal:
            answer(words.refusal(lang, refusal))
        elif why_not := show(services, lang, client, body, filled.empty("")):
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
        elif why_not := show(services, lang, client, body, held):
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
        if why_not := show(services, lang, client, body, held):
            tell(why_not)

    guard("propose_button", lambda: services.language(str(body["user"]["id"])), work, answer)


def _answer(respond: Respond, message: Message) -> None:
    respond(text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=False)


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
