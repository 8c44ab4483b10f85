"""``/vod``: understood, stored in one transaction, answered at once. Never calls VOD, never posts."""

from slack_bolt import Ack

from deletion import views
from deletion.approval import freezing, proposing
from deletion.approval.proposing import ProposalDraft
from deletion.execution import stopping
from deletion.terms.refusals import Refusal
from handlers.cards.proposal_card import Message
from handlers.commands import answers, parsing
from handlers.commands.parsing import Delete, Freeze, Help, Listing, Problems, Status, Stop, Thaw, Withdraw
from handlers.slack.guard import Body, Desk, guarded, typed_by
from handlers.text import words
from handlers.text.language import ENGLISH
from storage.tables import freezes


def on_command(desk: Desk, ack: Ack, body: Body) -> None:
    """Answer one slash command."""

    def work() -> None:
        message = respond(desk, body)
        ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")

    guarded("command", work, lambda text: ack(text=text, response_type="ephemeral"))


def respond(desk: Desk, body: Body) -> Message:
    """Do what a command says and return the private answer to it."""
    command = parsing.parse(str(body.get("text") or ""))
    match command:
        case Delete():
            return _propose(desk, body, command)
        case Withdraw(number=number):
            return _withdraw(desk, body, number)
        case Stop(number=number):
            return _stop(desk, body, number)
        case Freeze(why=why):
            return _freeze(desk, body, why)
        case Thaw():
            return _thaw(desk, body)
        case Status(number=number):
            view = desk.database.read(lambda tx: views.proposal(tx, number))
            missing = f"There is no proposal #{number}. See what is open with `/vod list`."
            return answers.status(ENGLISH, view) if view else answers.said(missing)
        case Listing():
            rows = desk.database.read(lambda tx: views.open_proposals(tx, limit=answers.LISTED + 1))
            return answers.listing(ENGLISH, rows, desk.database.read(freezes.current))
        case Help():
            return answers.help_page(ENGLISH, desk.config.policy)
        case Problems():
            return answers.problems(ENGLISH, command)


def _propose(desk: Desk, body: Body, command: Delete) -> Message:
    wish = ProposalDraft(command.request, command.reason, str(body["channel_id"]))
    deed = typed_by(body)
    made = desk.database.write(lambda tx: proposing.propose(tx, desk.config, deed, wish))
    desk.wake()
    if isinstance(made, tuple):
        return answers.refused(ENGLISH, made)
    return answers.accepted(ENGLISH, made, answers.asked(ENGLISH, command.request), desk.config.channels)


def _withdraw(desk: Desk, body: Body, number: int) -> Message:
    deed = typed_by(body)
    done = desk.database.write(lambda tx: proposing.withdraw(tx, desk.config, deed, number))
    desk.wake()
    if isinstance(done, Refusal):
        return answers.said(words.refusal(ENGLISH, done))
    return answers.said(f"You withdrew #{number}. Nothing will be deleted.")


def _stop(desk: Desk, body: Body, number: int) -> Message:
    deed = typed_by(body)
    done = desk.database.write(lambda tx: stopping.stop(tx, desk.config, deed, number))
    desk.wake()
    if isinstance(done, Refusal):
        return answers.said(words.refusal(ENGLISH, done))
    return answers.said(words.stopped(ENGLISH, number, done.state))


def _freeze(desk: Desk, body: Body, why: str) -> Message:
    deed, channel = typed_by(body), str(body["channel_id"])
    done = desk.database.write(lambda tx: freezing.freeze(tx, desk.config, deed, channel=channel, why=why))
    desk.wake()
    if isinstance(done, Refusal):
        return answers.said(words.refusal(ENGLISH, done))
    return answers.said(
        "Everything is frozen: no more is deleted from now on, and what VOD was already sent is being read back. "
        f"<#{desk.config.channels.approvals}> is told. To go on, two people, one of them an approver, type "
        "`/vod thaw`."
    )


def _thaw(desk: Desk, body: Body) -> Message:
    deed, channel = typed_by(body), str(body["channel_id"])
    done = desk.database.write(lambda tx: freezing.thaw(tx, desk.config, deed, channel=channel))
    desk.wake()
    if isinstance(done, Refusal):
        return answers.said(words.refusal(ENGLISH, done))
    return answers.said(
        "You asked to thaw, and it is recorded. It takes two people, one of them an approver; "
        f"<#{desk.config.channels.approvals}> shows how it stands."
    )
