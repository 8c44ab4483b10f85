"""What would go, read from VOD once the person has seen that it is being read; and proposing it."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from http.client import HTTPException
from typing import Protocol

import structlog
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.models.views import View

from deletion.approval import proposal
from deletion.approval.people import readers
from deletion.approval.proposal import SlackAction
from deletion.approval.requests import lists, proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.notices import ListProposed, ListRead
from deletion.jobs.record import Tx
from deletion.lookup.desk import Desk
from deletion.lookup.failures import LookupFailedError, Why
from deletion.lookup.preview import preview as looked_up
from deletion.policy import decisions
from deletion.terms.blank import is_blank
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.requests.list_files import BadList, ListForm, ListUnreachedError, ListWaitsError
from deletion.terms.requests.targets import Request, kind_of, size_of
from handlers.commands.files import told
from handlers.lookups import LookUp
from handlers.services import Services
from handlers.slack.api.failures import trouble
from handlers.slack.buttons import clicks
from handlers.slack.forms import in_time
from handlers.slack.guard import Body, clicked_by, guard
from handlers.slack.looking import modal
from handlers.text import words
from handlers.text.blocks import Block, context
from handlers.text.language import Language
from handlers.views.proposing import preview
from handlers.views.proposing.preview import Asked

log = structlog.get_logger()

FILE_WITHIN_S = 15.0
"""How long a file is read for whoever looks at what is in it; the worker has more time."""


class Showing(Protocol):
    """Makes the view of some blocks."""

    def __call__(self, shown: Sequence[Block], *, in_vain: bool = False) -> View: ...  # noqa: D102


def look_up(
    services: Services, lang: Language, action: SlackAction, asked: Asked, reason: str
) -> tuple[str, LookUp]:
    """Return how it is looked up what would go, and the external id of the view that shows it."""
    external_id, what = f"countersign-{secrets.token_hex(8)}", asked.what

    def view(shown: Sequence[Block], *, in_vain: bool = False) -> View:
        read_so = [context(line) for line in told.how_read(lang, asked.facts)]
        return preview.build(lang, asked, reason, [*shown, *read_so], external_id=external_id, in_vain=in_vain)

    def look(desk: Desk) -> View:
        # First: what a stranger or a guest gives is not even looked at.
        refusal = readers.why_not(services.config, services.directory, action)
        if refusal is not None:
            return view(preview.refused(lang, [words.refusal(lang, refusal)]), in_vain=True)
        return _in_file(services, lang, desk, what, view) if isinstance(what, ListForm) else named(desk, what)

    def named(desk: Desk, request: Request) -> View:
        found = looked_up(desk, request)
        return view(preview.shown(lang, found), in_vain=preview.is_in_vain(found))

    if isinstance(what, ListForm):
        waiting = preview.of_file(lang, what)
        return external_id, LookUp(view(waiting), look, lambda why: view(preview.file_unread(lang, what, why)))
    waiting = preview.reading(lang, what)
    return external_id, LookUp(view(waiting), look, lambda why: view(preview.unread(lang, what, why)))


def _in_file(services: Services, lang: Language, desk: Desk, form: ListForm, view: Showing) -> View:
    """Show what is in a file, and of that what would go."""
    ends_s = desk.monotonic_s() + FILE_WITHIN_S

    def keep() -> None:
        if desk.monotonic_s() > ends_s:
            raise LookupFailedError(Why.TOO_SLOW)

    try:
        read = services.lists.read(form, keep)
    except (ListUnreachedError, ListWaitsError):
        return view(preview.file_unread(lang, form, lang.say("It cannot be read at the moment.")))
    except LookupFailedError:
        return view(preview.file_unread(lang, form, lang.say("Reading it takes longer than anybody waits here.")))
    if isinstance(read, BadList):
        return view(preview.unreadable(lang, form, told.problems(lang, read)), in_vain=True)
    refusals = decisions.unacceptable(services.config.policy, read.request)
    if refusals:
        return view(preview.refused(lang, [words.refusal(lang, each) for each in refusals]), in_vain=True)
    found = looked_up(desk, read.request)
    read_so = [context(line) for line in told.how_read(lang, read.facts)]
    return view([*preview.shown(lang, found), *read_so], in_vain=preview.is_in_vain(found))


def on_read_again(services: Services, ack: Ack, body: Body, client: WebClient) -> None:
    """Read what would go once more, for the view whose button was pressed."""
    ack()
    view = body["view"]

    def work(lang: Language) -> None:
        asked, reason = preview.parse(view)
        external_id, wanted = look_up(services, lang, clicked_by(body), asked, reason)
        shown = modal.look_with_answer(services, lang, client, body, external_id, wanted)
        try:
            in_time(client).views_update(view_id=view["id"], hash=view["hash"], view=shown)
        except (SlackClientError, OSError, HTTPException) as exc:
            # Another press was faster, or nothing happens: the view offers to propose all the same.
            log.warning("preview.not_updated", code=trouble(exc).code)

    guard("propose_read_again", lambda: services.language(str(body["user"]["id"])), work, lambda _: None)


def on_propose(services: Services, ack: Ack, body: Body) -> None:
    """Propose what was shown, or say under the reason why not; the view then stays as it is."""

    def fail(text: str) -> None:
        ack(response_action="errors", errors=preview.errors(text))

    def work(lang: Language) -> None:
        asked, reason = preview.parse(body["view"])
        refusals = (Refusal(Rule.BLANK_REASON),) if is_blank(reason) else _propose(services, body, asked, reason)
        if refusals:
            fail(" ".join(_told(lang, each) for each in refusals))
        else:
            ack(response_action="clear")

    guard("propose_form", lambda: services.language(str(body["user"]["id"])), work, fail)


def _propose(services: Services, body: Body, asked: Asked, reason: str) -> tuple[Refusal, ...]:
    action = clicks.submitted_by(body)
    if isinstance(asked.what, ListForm):
        wanted = replace(asked.what, reason=reason)
        refused = services.database.write(lambda tx: _keep(tx, services, action, wanted, asked.channel))
    else:
        request = asked.what
        refused = services.database.write(lambda tx: _store(tx, services, action, request, reason, asked))
    services.wake()
    return refused


def _keep(tx: Tx, services: Services, action: SlackAction, form: ListForm, channel: str) -> tuple[Refusal, ...]:
    refusal = lists.ask(tx, services.config, action, form, channel=channel)
    if refusal is None:
        audience.answer(tx, ReplyTo(channel, action.actor.user), ListRead(name=form.name))
        return ()
    proposal.leave_open(tx, action, refusal)
    return (refusal,)


def _store(
    tx: Tx, services: Services, action: SlackAction, request: Request, reason: str, asked: Asked
) -> tuple[Refusal, ...]:
    """Propose what is named, as ``/vod delete`` would."""
    made = proposing.propose(tx, services.config, action, ProposalDraft(request, reason))
    if isinstance(made, tuple):
        proposal.leave_open(tx, action, made[0])
        return made
    notice = ListProposed(number=made, name="", of=kind_of(request), count=size_of(request), facts=asked.facts)
    audience.answer(tx, ReplyTo(asked.channel, action.actor.user), notice)
    return ()


def _told(lang: Language, refusal: Refusal) -> str:
    if refusal.rule is Rule.REPLAYED:
        return lang.say(
            "This form was handled already: what was stored is in a private message to you. To propose once more, "
            "open it anew."
        )
    return words.refusal(lang, refusal)
