"""Proposing from a file: the message shortcut, the form, and what becomes of it when it is submitted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.models.views import View

from deletion.approval import lists, proposal, proposing
from deletion.approval.proposal import SlackAction
from deletion.approval.proposing import ProposalDraft
from deletion.audit import audience
from deletion.audit.audience import ReplyTo
from deletion.audit.notices import ListProposed, ListRead
from deletion.jobs.record import Tx
from deletion.policy import decisions
from deletion.terms.blank import is_blank
from deletion.terms.ids import ProposalNumber
from deletion.terms.list_files import BadList, ListFacts, ListForm, WrongList
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.targets import kind_of, size_of
from handlers.commands import explanations
from handlers.commands.files import bounds, told
from handlers.commands.syntax import lexing, media, naming
from handlers.commands.syntax.lexing import Quoted
from handlers.commands.syntax.media import ID, Deletion
from handlers.commands.syntax.problems import Problems
from handlers.services import Services
from handlers.slack.clicks import submitted_by
from handlers.slack.forms import open_form
from handlers.slack.guard import Body, clicked_by, guard
from handlers.text import words
from handlers.text.language import Language
from handlers.views import propose_list
from handlers.views.propose_list import Submitted

OTHER_PROGRAMS = {
    "xls": BadList(WrongList.OLD_WORKBOOK),
    "ods": BadList(WrongList.OTHER_TABLE, ("ODS",)),
    "numbers": BadList(WrongList.OTHER_TABLE, ("Numbers",)),
    "xlsb": BadList(WrongList.OTHER_TABLE, ("XLSB",)),
    "docx": BadList(WrongList.OTHER_TABLE, ("Word",)),
    "pdf": BadList(WrongList.NOT_A_LIST, ("PDF",)),
    "png": BadList(WrongList.NOT_A_LIST, ("PNG",)),
    "jpg": BadList(WrongList.NOT_A_LIST, ("JPEG",)),
    "jpeg": BadList(WrongList.NOT_A_LIST, ("JPEG",)),
    "mp4": BadList(WrongList.NOT_A_LIST, ("MP4",)),
    "zip": BadList(WrongList.OTHER_TABLE, ("ZIP",)),
}
"""What the name of a file says of it that is no list: it is said under the field, before anything is fetched."""


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the form (plain text)."""

    block: str
    text: str


def not_opened(lang: Language, error: str) -> str:
    """Say that the form is not there, and what to do (mrkdwn)."""
    if error == "missing_scope":
        return told.wrong(lang, BadList(WrongList.SCOPE_MISSING))
    return lang.say("Slack could not open the form in time; nothing was stored. Try once more.")


def on_shortcut(services: Services, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Open the form for the files of a message, or for the IDs in its text."""
    ack()

    def answer(text: str) -> None:
        respond(text=text, response_type="ephemeral", replace_original=False)

    def work(lang: Language) -> None:
        refusal = _turned_away(services, clicked_by(body))
        if refusal:
            answer(words.refusal(lang, refusal))
            return
        view = _form_for(lang, body)
        if view is None:
            answer(
                lang.say(
                    "This message holds no file and no IDs that can be read. To propose from a file, type "
                    "`/vod delete --file`."
                )
            )
        elif isinstance(view, str):
            answer(view)
        elif error := open_form(client, str(body["trigger_id"]), view):
            answer(not_opened(lang, error))

    guard("list_shortcut", _language(services, body), work, answer)


def _turned_away(services: Services, action: SlackAction) -> Refusal | None:
    """Turn away whoever may not propose, before anything of the message is read."""
    if decisions.may_propose(services.config.policy, action.actor) is None:
        return None
    return services.database.write(lambda tx: proposing.turn_away(tx, services.config, action))


def _form_for(lang: Language, body: Body) -> View | str | None:
    message, channel = body["message"], str(body["channel"]["id"])
    files, ids = propose_list.files_of(message), ids_in(str(message.get("text") or ""))
    if files:
        return propose_list.for_message(lang, channel, files, has_ids=bool(ids))
    if ids and not propose_list.fits(ids):
        return lang.say_n(
            "This message names {n} ID, more than the form takes. Put it into a file and use that.",
            "This message names {n} IDs, more than the form takes. Put them into a file and use that.",
            len(ids),
        )
    return propose_list.for_ids(lang, channel, ids) if ids else None


def ids_in(text: str) -> Sequence[str]:
    """Return the IDs in a message's text, each once; whatever else stands there is passed over."""
    found = naming.read_ids(lexing.unescape(text).split())
    return [name for name in found.names if ID.fullmatch(name)]


def on_form(services: Services, ack: Ack, body: Body) -> None:
    """Keep what was submitted, or say under its field what is wrong; the form then stays as it is."""
    view = body["view"]

    def fail(text: str, block: str = propose_list.LEVEL_BLOCK) -> None:
        ack(response_action="errors", errors=propose_list.errors(view, block, text))

    def work(lang: Language) -> None:
        submitted, action = propose_list.parse(view), submitted_by(body)
        error = _field_error(lang, submitted) or _store(services, lang, action, submitted)
        if error:
            fail(error.text, error.block)
        else:
            ack()

    guard("list_form", _language(services, body), work, fail)


def _field_error(lang: Language, submitted: Submitted) -> FieldError | None:
    if is_blank(submitted.reason):
        return FieldError(propose_list.REASON_BLOCK, words.refusal(lang, Refusal(Rule.BLANK_REASON)))
    if submitted.ids is not None:
        return None
    if len(submitted.files) != 1:
        return FieldError(propose_list.FILE_BLOCK, lang.say("Choose one file."))
    (file,) = submitted.files
    extension = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    bad = OTHER_PROGRAMS.get(extension)
    if file.size > bounds.LARGEST:
        bad = BadList(WrongList.TOO_LARGE, number=file.size, most=bounds.LARGEST)
    return FieldError(propose_list.FILE_BLOCK, told.wrong(lang, bad)) if bad else None


def _store(services: Services, lang: Language, action: SlackAction, submitted: Submitted) -> FieldError | None:
    if submitted.ids is not None:
        return _propose(services, lang, action, submitted)
    (file,) = submitted.files
    form = ListForm(file.id, file.name, submitted.level, submitted.force, submitted.reason, submitted.column)
    reply_to = ReplyTo(submitted.channel, action.actor.user)

    def keep(tx: Tx) -> Refusal | None:
        refusal = lists.ask(tx, services.config, action, form, channel=submitted.channel)
        if refusal is None:
            audience.answer(tx, reply_to, ListRead(name=file.name))
        else:
            proposal.leave_open(tx, action, refusal)
        return refusal

    refusal = services.database.write(keep)
    services.wake()
    return FieldError(propose_list.FILE_BLOCK, _told(lang, refusal)) if refusal else None


def _told(lang: Language, refusal: Refusal) -> str:
    if refusal.rule is Rule.REPLAYED:
        return lang.say(
            "This form was handled already: what was stored is in a private message to you. To propose once more, "
            "open it anew."
        )
    return words.refusal(lang, refusal)


def _propose(services: Services, lang: Language, action: SlackAction, submitted: Submitted) -> FieldError | None:
    """Propose the IDs in the form, as ``/vod delete`` would."""
    wanted = _typed(submitted)
    if isinstance(wanted, Problems):
        lines = (explanations.explained(lang, each) for each in wanted.found)
        return FieldError(propose_list.IDS_BLOCK, " ".join(lines))

    def store(tx: Tx) -> ProposalNumber | tuple[Refusal, ...]:
        made = proposing.propose(tx, services.config, action, ProposalDraft(wanted.request, wanted.reason))
        if isinstance(made, tuple):
            proposal.leave_open(tx, action, made[0])
        else:
            notice = ListProposed(
                number=made,
                name="",
                of=kind_of(wanted.request),
                count=size_of(wanted.request),
                facts=_facts(wanted),
            )
            audience.answer(tx, ReplyTo(submitted.channel, action.actor.user), notice)
        return made

    made = services.database.write(store)
    services.wake()
    if not isinstance(made, tuple):
        return None
    return FieldError(propose_list.IDS_BLOCK, " ".join(_told(lang, each) for each in made))


def _typed(submitted: Submitted) -> Deletion | Problems:
    """Read the IDs in the form as if they were typed behind ``/vod delete``; no word there is an option."""
    force = ["--force"] if submitted.force else []
    typed = [Quoted(word) for word in (submitted.ids or "").split()]
    return media.parse_names([submitted.level.value, *typed, *force, "--reason", Quoted(submitted.reason)])


def _facts(wanted: Deletion) -> ListFacts:
    return ListFacts(
        repeated=wanted.repeated[:5],
        repeated_count=len(wanted.repeated),
        tidied=tuple(sorted(how for how in wanted.tidied if how is not naming.Tidied.REPEATED)),
    )


def _language(services: Services, body: Body) -> Callable[[], Language]:
    return lambda: services.language(str(body["user"]["id"]))
