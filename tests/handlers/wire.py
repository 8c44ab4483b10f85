"""The announcer alone between a real database and a local Slack: messages owed by hand, time moved by hand."""

import dataclasses
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from deletion.approval.ending import NO_ENDING, Ending
from deletion.approval.holds import holding
from deletion.audit import events
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.messages.delivery import Outbox, OutgoingMessage
from deletion.audit.notices import CollectionWaits, Notice, ProgressMade, VoteRecorded
from deletion.audit.record import record
from deletion.terms import canonical
from deletion.terms.ids import ProposalNumber
from deletion.terms.requests import targets
from deletion.terms.results.faults import VodFault
from deletion.terms.states import State
from handlers.outbox.announcer import Announcer
from handlers.outbox.authors import Ourselves
from handlers.outbox.places import Places
from handlers.outbox.sender import Wording
from handlers.text.language import ENGLISH
from sandbox.slack import Message, SlackSandbox
from sandbox.slack.model import directory
from storage import Tx
from storage.tables import outbox, proposals
from storage.tables.outbox import MessageState, OutboxRow
from storage.tables.proposals import NewProposal
from tests.clock import MovableClock
from tests.handlers.samples import Sample, view, whole_of
from tests.harness import plans
from tests.storage.migrated import new_sqlite

MOST_STEPS = 1_000
LEASE_MS = 60_000
APPROVALS = "vod-deletions"
AUDIT = "vod-audit"
LAST_RESORT = "A message about #{number} could not be shown. `/vod status {number}` tells how it stands."


class Wire:
    """What is owed is owed through deletion's own functions; ``send()`` sends all that is due."""

    def __init__(self, slack: SlackSandbox, folder: Path) -> None:
        slack.rate.enabled = False
        self.slack = slack
        self.clock = MovableClock()
        self.database = new_sqlite(folder / "wire.db", now_ms=self.clock)
        self.places = Places(slack.channel(APPROVALS).id, slack.channel(AUDIT).id)
        self.wording = Wording(ENGLISH, lambda _: ENGLISH, lambda _: None, f"{slack.url}/")
        self.ourselves = Ourselves(slack.bot_user_id, directory.BOT_ID)
        self.announcer = self.another("first")

    def another(self, owner: str, *, interval_ms: int = 0, timeout_s: int = 5, lease_ms: int = 60_000) -> Announcer:
        """Return one more announcer on the same database."""
        client = WebClient(self.slack.bot_token, base_url=self.slack.api_url, timeout=timeout_s, retry_handlers=[])
        outbox_ = Outbox(self.database, owner=owner, lease_ms=lease_ms, shown=holding.begin)
        return Announcer(
            outbox_,
            client,
            self.places,
            self.wording,
            ourselves=self.ourselves,
            interval_ms=interval_ms,
            may_post_head=lambda: True,
        )

    def send(self, announcer: Announcer | None = None) -> int:
        """Send everything that is due; return how many steps that took."""
        for steps in range(MOST_STEPS):
            if not (announcer or self.announcer).step():
                return steps
        raise AssertionError("the announcer does not come to rest")

    def die_sending(self, *, posted: bool) -> OutgoingMessage:
        """Leave the next message as an announcer does that was killed right before or after it posted it."""
        killed = self.another("killed")
        claim = killed._outbox.claim()
        assert claim is not None
        message = killed._outbox.read(claim)
        if posted:
            killed._sender.send(message)
        return message

    def send_later(self, *, seconds: float = 40, times: int = 8, announcer: Announcer | None = None) -> None:
        """Send, and again and again after a while, until every lane had its chances."""
        for _ in range(times):
            self.send(announcer)
            self.clock.advance(seconds)

    def proposal(self, sample: Sample | None = None) -> int:
        """Store a pending proposal; its card is owed, and its list when it is long."""
        sample = sample or Sample(facts={"cover": None})
        seen = view(sample)
        row = seen.row
        wanted = {field.name for field in dataclasses.fields(NewProposal)}
        facts: dict[str, Any] = {name: value for name, value in row.__dict__.items() if name in wanted}
        facts["request"] = canonical.dumps(targets.to_json(seen.request))

        def store(tx: Tx) -> int:
            number = proposals.add(tx, NewProposal(**{**facts, "proposer": self.slack.user("ana").id}))
            stored = proposals.get(tx, number)
            assert stored is not None
            shown = plans.store(tx, stored, whole_of(sample))
            audience.card(tx, number)
            if sample.count > audience.LISTED_ON_CARD:
                audience.asset_list(tx, number, revision=shown.revision)
            return number

        return self.database.write(store)

    def card_of(self, number: int) -> None:
        """Owe a card."""
        self.database.write(lambda tx: audience.card(tx, number))

    def reply(self, number: int, count: int = 1, notice: Notice | None = None) -> None:
        """Owe a reply in the thread, recognisable by its count."""
        told = notice or ProgressMade(number=ProposalNumber(number), done=count, total=100)
        self.database.write(lambda tx: audience.thread(tx, told))

    def direct(self, who: str, number: int = 4) -> None:
        """Owe a person a direct message."""
        user = self.slack.user(who).id
        notice = CollectionWaits(number=ProposalNumber(number), vod=VodFault(code="Busy"), until_ms=0)
        self.database.write(lambda tx: audience.direct(tx, user, notice))

    def private(self, who: str, number: int = 4, channel: str = APPROVALS) -> None:
        """Owe a person a private answer."""
        to = ReplyTo(self.slack.channel(channel).id, self.slack.user(who).id)
        notice = VoteRecorded(number=ProposalNumber(number))
        self.database.write(lambda tx: audience.answer(tx, to, notice))

    def happen(self, *happened: events.Event) -> None:
        """Record events, each in a transaction of its own."""
        for event in happened:
            self.database.write(lambda tx, event=event: record(tx, event))  # type: ignore[misc] # mypy cannot infer a lambda's default

    def move(self, number: int, state: State, ending: Ending = NO_ENDING) -> None:
        """Put a proposal into another state and owe its card."""
        old = self.stored(number).state
        self.database.write(lambda tx: proposals.move(tx, number, old=old, new=state, note=ending.text()))
        self.card_of(number)

    def hold_lane(self, lane: str, *, seconds: int) -> None:
        """Let nothing be sent to a place for a while."""

        def hold(tx: Tx) -> None:
            outbox.open_lane(tx, lane)
            until_ms = tx.now_ms() + 1000 * seconds
            tx.run("UPDATE lanes SET next_allowed_ms = :until WHERE lane = :lane", until=until_ms, lane=lane)

        self.database.write(hold)

    def stored(self, number: int) -> proposals.ProposalRow:
        """Return a proposal's row."""
        row = self.database.read(lambda tx: proposals.get(tx, number))
        assert row is not None
        return row

    def owed(self) -> list[OutboxRow]:
        """Return every message ever owed, oldest first."""
        rows = self.database.read(lambda tx: tx.rows("SELECT * FROM outbox ORDER BY id"))
        return [OutboxRow(**{**row, "state": MessageState(row["state"])}) for row in rows]

    def states(self) -> list[str]:
        """Return the states of all messages, oldest first."""
        return [str(row.state) for row in self.owed()]

    def unsent(self) -> int:
        """Return how many messages are still owed."""
        return self.database.read(outbox.unsent)

    def cards(self) -> list[Message]:
        """Return the messages at the top level of the approvals channel."""
        return self.slack.messages(APPROVALS)

    def replies(self, number: int) -> list[Message]:
        """Return the replies under a proposal's card."""
        return self.slack.thread(APPROVALS, str(self.stored(number).card_ts))[1:]

    def calls(self, method: str) -> int:
        """Return how often a method of the Web API was called."""
        return sum(call.method == method for call in self.slack.calls)
