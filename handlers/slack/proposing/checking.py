"""What would go, read from VOD once the person has seen that it is being read; and proposing it."""

import secrets
from dataclasses import dataclass, replace

from slack_bolt import Ack

from deletion.approval import lists, proposal, proposing
from deletion.approval.proposal import SlackAction
from deletion.approval.proposing import ProposalDraft
from deletion.audit import audience
from deletion.audit.audience import ReplyTo
from deletion.audit.notices import ListProposed, ListRead
from deletion.jobs.record import Tx
from deletion.terms.blank import is_blank
from deletion.terms.list_files import ListForm
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.targets import Request, kind_of, size_of
from handlers.services import Services
from handlers.slack import clicks
from handlers.slack.guard import Body, guard
from handlers.text import words
from handlers.text.blocks import Block
from handlers.text.language import Language
from handlers.views.proposing import preview
from handlers.views.proposing.preview import Asked


@dataclass(frozen=True)
class Check:
    """A view that shows what would go: ``shown`` at once, the rest under its ``external_id`` once it is read."""

    asked: Asked
    shown: list[Block]
    external_id: str


def begin(lang: Language, asked: Asked) -> Check:
    """Return what can be shown before VOD was asked."""
    shown = (
        preview.of_file(lang, asked.what) if isinstance(asked.what, ListForm) else preview.named(lang, asked.what)
    )
    return Check(asked, shown, f"countersign-{secrets.token_hex(8)}")


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
