"""The announcer alone between a real database and a local Slack: messages owed by hand, time moved by hand."""

import dataclasses
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from deletion.approval import collecting
from deletion.audit import notices
from deletion.audit.notices import Channels, Ear, News
from deletion.jobs.config import Config
from deletion.terms import canonical, targets
from deletion.terms.canonical import Json
from deletion.terms.states import State
from handlers.outbox.announcer import Announcer
from sandbox.slack import Message, SlackSandbox
from sandbox.slack.model.directory import TEAM_ID
from storage import SqliteDatabase, Tx
from storage.tables import outbox, proposals
from storage.tables.outbox import OutboxRow
from storage.tables.proposals import NewProposal
from tests.handlers.samples import Sample, plan_of, view
from tests.rules import rules
from tests.stage import MovableClock

MOST_STEPS = 1_000
APPROVALS = "vod-deletions"
AUDIT = "vod-audit"
LAST_RESORT = "A message about #{number} could not be shown. `/vod status {number}` tells how it stands."


class Wire:
    """What is owed is owed through deletion's own functions; ``send()`` sends all that is due."""

    def __init__(self, slack: SlackSandbox, folder: Path) -> None:
        slack.rate.enabled = False
        self.slack = slack
        self.clock = MovableClock()
        self.database = SqliteDatabase(folder / "wire.db", now_ms=self.clock)
        self.database.migrate()
        channels = Channels(slack.channel(APPROVALS).id, slack.channel(AUDIT).id)
        self.config = Config(rules(home_team=TEAM_ID), channels, "cn-shanghai")
        self.announcer = self.another("first")

    def another(self, owner: str, *, interval_ms: int = 0, timeout_s: int = 5, lease_ms: int = 60_000) -> Announcer:
        """Return one more announcer on the same database."""
        client = WebClient(self.slack.bot_token, base_url=self.slack.api_url, timeout=timeout_s, retry_handlers=[])
        return Announcer(
            self.database,
            client,
            self.config.channels,
            owner=owner,
            interval_ms=interval_ms,
            lease_ms=lease_ms,
        )

    def send(self, announcer: Announcer | None = None) -> int:
        """Send everything that is due; return how many steps that took."""
        for steps in range(MOST_STEPS):
            if not (announcer or self.announcer).step():
                return steps
        raise AssertionError("the announcer does not come to rest")

    def send_later(self, *, seconds: float = 40, times: int = 8) -> None:
        """Send, and again and again after a while, until every lane had its chances."""
        for _ in range(times):
            self.send()
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
            collecting.store_plan(tx, self.config, stored, plan_of(sample), drift="[]")
            return number

        return self.database.write(store)

    def card_of(self, number: int) -> None:
        """Owe a card."""
        self.database.write(lambda tx: notices.card(tx, self.config.channels, number))

    def reply(self, number: int, count: int = 1, news: News = News.STARTED) -> None:
        """Owe a reply in the thread, recognisable by its count."""
        facts: dict[str, Json] = {"number": number, "count": count}
        self.database.write(lambda tx: notices.thread(tx, self.config.channels, number, news, facts))

    def direct(self, who: str, number: int = 4) -> None:
        """Owe a person a direct message."""
        user = self.slack.user(who).id
        self.database.write(
            lambda tx: notices.direct(tx, user, None, News.PROPOSED, {"number": number, "channel": "C0VODDELETE"})
        )

    def private(self, who: str, number: int = 4, channel: str = APPROVALS) -> None:
        """Owe a person a private answer."""
        ear = Ear(self.slack.channel(channel).id, self.slack.user(who).id)
        self.database.write(lambda tx: notices.private(tx, ear, None, News.VOTE_CAST, {"number": number}))

    def move(self, number: int, state: State, note: dict[str, Json] | None = None) -> None:
        """Put a proposal into another state and owe its card."""
        old = self.stored(number).state
        text = canonical.dumps(note or {})
        self.database.write(lambda tx: proposals.move(tx, number, old=old, new=state, note=text))
        self.card_of(number)

    def stored(self, number: int) -> proposals.ProposalRow:
        """Return a proposal's row."""
        row = self.database.read(lambda tx: proposals.get(tx, number))
        assert row is not None
        return row

    def owed(self) -> list[OutboxRow]:
        """Return every message ever owed, oldest first."""
        return [
            OutboxRow(**row) for row in self.database.read(lambda tx: tx.rows("SELECT * FROM outbox ORDER BY id"))
        ]

    def states(self) -> list[str]:
        """Return the states of all messages, oldest first."""
        return [row.state for row in self.owed()]

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
