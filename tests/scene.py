"""What tests read of a bot between a local Slack and a local VOD, wherever it runs: here or in other processes."""

import json
from typing import Any, Protocol

from deletion.evidence import record_check
from deletion.terms.states import State
from deletion.views import ProposalView, proposal
from sandbox.slack import Delivery, Message, SlackSandbox
from sandbox.slack.model.modals import View
from sandbox.vod import VodSandbox
from storage import Database, Tx
from storage.tables import items, proposals


class Scene(Protocol):
    """A local Slack, a local VOD, and the record of the bot between them."""

    slack: SlackSandbox
    vod: VodSandbox

    @property
    def database(self) -> Database: ...

    def view(self, number: int) -> ProposalView:
        found = self.database.read(lambda tx: proposal(tx, number))
        assert found is not None
        return found

    def state(self, number: int) -> State:
        row = self.database.read(lambda tx: proposals.get(tx, number))
        assert row is not None
        return State(row.state)

    def outcomes(self, number: int) -> dict[str, str | None]:
        """Return the word for every item of a proposal."""
        return dict(self.database.read(lambda tx: items.outcomes(tx, number)))

    def card(self, number: int) -> Message:
        """Return the card of a proposal as it stands in Slack."""
        ts = self.view(number).row.card_ts
        return next(m for m in self.slack.messages("vod-deletions") if m.ts == ts)

    def send_form(self, who: str, answers: dict[str, str], view: View | None = None) -> Delivery:
        """Fill in the form, look at what would go, and propose it; return what that led to, or what is wrong."""
        checked = self.slack.submit(who, answers, view)
        return checked if checked.field_errors or checked.error else self.slack.submit(who, {})

    def thread(self, number: int) -> list[Message]:
        """Return the replies under a card."""
        return self.slack.thread("vod-deletions", self.card(number).ts)[1:]

    def answers(self, who: str) -> list[str]:
        """Return every private answer a person got, oldest first."""
        return [message.text for message in self.slack.ephemerals(who)]

    def events(self, action: str) -> list[dict[str, Any]]:
        """Return the contents of the audit events of one kind, oldest first."""

        def read(tx: Tx) -> list[dict[str, Any]]:
            found = tx.rows("SELECT payload FROM audit WHERE action = :action ORDER BY seq", action=action)
            return [json.loads(row["payload"]) for row in found]

        return self.database.read(read)

    def verify(self) -> record_check.Report:
        return record_check.verify(self.database)

    def everything_in_slack(self) -> list[Message]:
        """Return every message anybody can see."""
        names = ("vod-deletions", "vod-audit", "payload-alerts", "general")
        channels = [m for name in names for m in self.slack.messages(name)]
        people = [m for name in self.slack.people for m in (*self.slack.dm(name), *self.slack.ephemerals(name))]
        threads = [
            r for m in self.slack.messages("vod-deletions") for r in self.slack.thread("vod-deletions", m.ts)
        ]
        return [*channels, *people, *threads]
