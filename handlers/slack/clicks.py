"""The buttons of a card and the form behind Reject: recorded in one transaction, answered privately."""

from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from deletion.approval import proposal, proposing, voting
from deletion.approval.proposal import SlackAction
from deletion.approval.voting import Ballot
from deletion.audit import notices
from deletion.audit.notices import Ear, News
from deletion.execution import stopping
from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.refusals import Refusal, Rule
from handlers.cards import ids
from handlers.slack.guard import Body, Desk, clicked_by, guarded
from handlers.text import words
from handlers.text.escaping import clip
from handlers.text.language import ENGLISH
from storage import Tx
from storage.tables import proposals

REASON_MOST = 500
"""Characters of a rejection's reason."""

Deciding = Callable[[Tx, SlackAction, int, str], Refusal | None]


class UnansweredError(Exception):
    """A person could not even be told that something broke."""


def on_approve(desk: Desk, ack: Ack, body: Body, respond: Respond) -> None:
    """Cast a vote on the plan whose card was clicked."""

    def decide(tx: Tx, deed: SlackAction, number: int, digest: str) -> Refusal | None:
        cast = voting.cast(tx, desk.config, deed, Ballot(number, digest, _channel(body)))
        if isinstance(cast, Refusal):
            return cast
        notices.private(tx, _ear(body), number, News.VOTE_CAST, {"number": number})
        return None

    _on_button(desk, ack, body, respond, decide)


def on_withdraw(desk: Desk, ack: Ack, body: Body, respond: Respond) -> None:
    """Take the clicker's own proposal back."""

    def decide(tx: Tx, deed: SlackAction, number: int, _: str) -> Refusal | None:
        done = proposing.withdraw(tx, desk.config, deed, number)
        if isinstance(done, Refusal):
            return done
        notices.private(tx, _ear(body), number, News.WITHDRAWN, {"number": number})
        return None

    _on_button(desk, ack, body, respond, decide)


def on_stop(desk: Desk, ack: Ack, body: Body, respond: Respond) -> None:
    """Stop an approved deletion, for its proposer and for every approver."""

    def decide(tx: Tx, deed: SlackAction, number: int, _: str) -> Refusal | None:
        done = stopping.stop(tx, desk.config, deed, number)
        if isinstance(done, Refusal):
            return done
        notices.private(tx, _ear(body), number, News.STOPPED, {"number": number, "state": done.state})
        return None

    _on_button(desk, ack, body, respond, decide)


def on_reject(desk: Desk, ack: Ack, body: Body, respond: Respond, client: WebClient) -> None:
    """Ask why, unless this person may not reject at all. Opening the form changes nothing."""

    def decide(tx: Tx, deed: SlackAction, number: int, _: str) -> Refusal | None:
        refusal = proposal.replayed(tx, deed)
        row = proposals.get(tx, number)
        refusal = refusal or proposing.rejectable(desk.config, deed.actor, row, number)
        if refusal:
            return proposal.refuse(tx, deed, "rejection.refused", proposal.ref(number), refusal)
        return None

    if _on_button(desk, ack, body, respond, decide):
        number, _ = _button(body) or (0, "")
        try:
            client.views_open(trigger_id=body["trigger_id"], view=reject_form(number, _channel(body)))
        except (SlackClientError, OSError, HTTPException):
            respond(
                text="Slack could not open the form in time. Click Reject once more.",
                response_type="ephemeral",
                replace_original=False,
            )


def on_reject_form(desk: Desk, ack: Ack, body: Body) -> None:
    """Reject for the reason given in the form."""

    def work() -> None:
        refusal = _reject(desk, body)
        if refusal is None:
            ack()
        else:
            _form_error(ack, words.refusal(ENGLISH, refusal))

    guarded("reject_form", work, lambda text: _form_error(ack, text))


def reject_form(number: int, channel: str) -> dict[str, Any]:
    """Return the form that asks why."""
    return {
        "type": "modal",
        "callback_id": ids.REJECT_VIEW,
        "private_metadata": canonical.dumps({"proposal": number, "channel": channel}),
        "title": {"type": "plain_text", "text": clip(f"Reject #{number}", 24)},
        "submit": {"type": "plain_text", "text": "Reject"},
        "close": {"type": "plain_text", "text": "Go back"},
        "blocks": [
            {
                "type": "input",
                "block_id": ids.REJECT_BLOCK,
                "label": {"type": "plain_text", "text": "Why should this not be deleted?"},
                "hint": {"type": "plain_text", "text": "The proposer and the channel will read this."},
                "element": {
                    "type": "plain_text_input",
                    "action_id": ids.REJECT_INPUT,
                    "multiline": True,
                    "min_length": 3,
                    "max_length": REASON_MOST,
                },
            }
        ],
    }


def _on_button(desk: Desk, ack: Ack, body: Body, respond: Respond, decide: Deciding) -> bool:
    """Acknowledge a click, decide on it, and answer a refusal privately; True when it was not refused."""
    ack()
    went_through: list[bool] = []

    def work() -> None:
        went_through.append(_decide(desk, body, decide))
        desk.wake()

    def answer(text: str) -> None:
        said = respond(text=text, response_type="ephemeral", replace_original=False)
        if said.status_code != HTTPStatus.OK:
            # The person must not be left with nothing: without our 200, Slack itself marks the click as failed.
            raise UnansweredError(f"the answer to a click was refused: {said.status_code}")

    guarded("click", work, answer)
    return went_through == [True]


def _decide(desk: Desk, body: Body, decide: Deciding) -> bool:
    deed, read = clicked_by(body), _button(body)

    def in_one_transaction(tx: Tx) -> bool:
        notices.open_private(tx, _ear(body))
        number = read[0] if read else None
        if read is None:
            unknown = Refusal(Rule.DIGEST_UNKNOWN)
            refusal: Refusal | None = proposal.refuse(tx, deed, "vote.refused", "proposal/none", unknown)
        else:
            refusal = decide(tx, deed, *read)
        if refusal:
            facts: dict[str, Json] = {"refusal": refusal.to_json()}
            notices.private(tx, _ear(body), number, News.REFUSED, facts)
        return refusal is None

    return desk.database.write(in_one_transaction)


def _reject(desk: Desk, body: Body) -> Refusal | None:
    view = body["view"]
    about = canonical.loads(view["private_metadata"])
    number = int(about["proposal"])
    why = str(view["state"]["values"][ids.REJECT_BLOCK][ids.REJECT_INPUT]["value"] or "").strip()
    deed = clicked_by(body)

    def in_one_transaction(tx: Tx) -> Refusal | None:
        ear = Ear(str(about["channel"]), deed.actor.user)
        notices.open_private(tx, ear)
        done = proposing.reject(tx, desk.config, deed, number, why=why)
        if isinstance(done, Refusal):
            return done
        notices.private(tx, ear, number, News.REJECTED, {"number": number})
        return None

    refusal = desk.database.write(in_one_transaction)
    desk.wake()
    return refusal


def _form_error(ack: Ack, text: str) -> None:
    ack(response_action="errors", errors={ids.REJECT_BLOCK: clip(text.replace("`", ""), 300)})


def _button(body: Body) -> tuple[int, str] | None:
    return ids.read_button(str(body["actions"][0].get("value") or ""))


def _channel(body: Body) -> str:
    container, channel = body.get("container") or {}, body.get("channel") or {}
    return str(container.get("channel_id") or channel.get("id") or body["user"]["id"])


def _ear(body: Body) -> Ear:
    return Ear(_channel(body), str(body["user"]["id"]))
