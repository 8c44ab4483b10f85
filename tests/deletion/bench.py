"""The worker's side of deletion on a workbench: the real VOD client and a local VOD over HTTP, no Slack at all."""

import itertools
import json
from collections.abc import Callable
from contextvars import Context as Surroundings
from dataclasses import replace
from pathlib import Path
from typing import Any

import vod
from deletion import work
from deletion.approval import voting
from deletion.approval.deletions import Deletions
from deletion.approval.holds import freezing, holding
from deletion.approval.holds.anchoring import Anchorings
from deletion.approval.proposal import SlackAction, subject_of
from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.audit import codec
from deletion.audit.events import Event
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.messages.delivery import CardShown
from deletion.audit.notices import Notice
from deletion.execution import stopping
from deletion.jobs.config import Config
from deletion.jobs.context import Context, Timings
from deletion.jobs.trust import Trust
from deletion.plan.cache import PlanCache
from deletion.plan.library.quota import Quota
from deletion.plan.library.reading import Reader
from deletion.plan.library.whereabouts import Whereabouts
from deletion.policy.decisions import Policy
from deletion.terms.ids import Digest, ProposalNumber
from deletion.terms.people import Actor, LookupFailedError, Person
from deletion.terms.refusals import Refusal
from deletion.terms.requests.targets import Request
from deletion.terms.states import State
from sandbox.vod import VodSandbox
from storage import Tx
from storage.engine.sqlite import wall_clock_ms
from storage.tables import audit_log, items, jobs, outbox, proposals, votes
from storage.tables.freezes import FreezeRow
from storage.tables.items import ItemRow
from storage.tables.outbox import OutboxRow
from storage.tables.proposals import ProposalRow
from storage.tables.votes import VoteRow, VoteState
from tests.deletion.posting import nobody_sends, post_everything
from tests.harness.channel import Channel
from tests.harness.lists import NoLists
from tests.rules import rules
from tests.storage.migrated import new_sqlite

TEAM = "THOME"
ANA, BO, CY = (Actor(TEAM, f"U{name}") for name in ("ANA", "BO", "CY"))
MOST_STEPS = 2_000


class Clock:
    """The bot's clock. It stands still until a test, or a wait for a turn, moves it."""

    def __init__(self) -> None:
        self.ms = wall_clock_ms()

    def __call__(self) -> int:
        return self.ms

    def advance(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


class People:
    """A directory of full members, but for those a test says something else about."""

    def __init__(self) -> None:
        self.said: dict[Actor, Person] = {}
        self.silent = False
        self.unknown: set[Actor] = set()

    def read(self, actor: Actor) -> Person:
        if self.silent or actor in self.unknown:
            raise LookupFailedError(is_final=actor in self.unknown)
        return self.said.get(actor, Person(actor, False, False, False, False))


class Meddled:
    """A VOD client that lets a test do something before the last look at a call or just after it.

    What is done is done by somebody else: the gate that this thread has set is not theirs.
    """

    def __init__(self, client: vod.VodClient) -> None:
        self._client = client
        self.before: dict[str, Callable[[], None]] = {}
        self.after: dict[str, Callable[[], None]] = {}

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*args: Any, **options: Any) -> Any:
            Surroundings().run(self.before.pop(name, lambda: None))
            answer = method(*args, **options)
            Surroundings().run(self.after.pop(name, lambda: None))
            return answer

        return call


class Bench:
    """One bot instance without Slack. ``settle()`` does every job that is due; nothing sleeps.

    The card that begins a hold is taken at once, unless a test lets ``posts_cards`` be False.
    """

    def __init__(self, sandbox: VodSandbox, folder: Path, **rules: Any) -> None:
        self.vod = sandbox
        self.clock = Clock()
        self.waits: list[float] = []
        self.people = People()
        self.posts_cards = True
        self.channel = Channel()
        self.database = new_sqlite(folder / "record.db", now_ms=self.clock)
        self.database.write(nobody_sends)
        for action in sandbox.quotas:
            sandbox.quotas[action] = None
        self.client = vod.VodClient(
            vod.AccessKey(sandbox.access_key_id, sandbox.access_key_secret),
            vod.Endpoint(sandbox.region, sandbox.url),
            connect_timeout_s=2,
            read_timeout_s=5,
            environ={},
            sts=sandbox.url,
        )
        self.meddled = Meddled(self.client)
        self.monotonic_ms = 0
        self.ctx = self._context(policy(sandbox, **rules))
        self._deliveries = itertools.count(1)

    def close(self) -> None:
        self.client.close()
        self.database.close()

    def other_instance(self) -> Context:
        """Return another instance of the bot on the same record, whose calls nobody meddles with."""
        reader = Reader(self.client, self.ctx.quota, self._served)
        return replace(self.ctx, owner="another instance", client=self.client, reader=reader)

    def propose(self, request: Request, who: Actor = ANA) -> int:
        """Propose and read; return the proposal's number."""
        deed, wish = self._deed(who), ProposalDraft(request, "rights expired")
        number = self.database.write(lambda tx: proposing.propose(tx, self.ctx.config, deed, wish))
        assert isinstance(number, int), number
        self.settle()
        return number

    def approve(self, number: int, who: Actor = BO, digest: str | None = None) -> int | Refusal:
        """Cast a vote on a card whose every part was posted, and do nothing more; return the vote's number."""
        self.database.write(post_everything)
        shown = Digest(digest if digest is not None else self.row(number).digest or "")
        ballot = voting.Ballot(number, shown, ReplyTo("C1", who.user))
        deed = self._deed(who)
        return self.database.write(lambda tx: voting.cast(tx, self.ctx.config, deed, ballot, Deletions()))

    def approved(self, request: Request) -> int:
        """Propose and approve; stop before the execution's first step."""
        number = self.propose(request)
        vote = self.approve(number)
        assert isinstance(vote, int), vote
        self.until(number, State.APPROVED)
        return number

    def executing(self, request: Request) -> int:
        """Propose, approve and start; stop before the first batch."""
        number = self.approved(request)
        self.until(number, State.EXECUTING)
        return number

    def withdraw(self, number: int, who: Actor = ANA) -> ProposalRow | Refusal:
        deed = self._deed(who)
        return self.database.write(lambda tx: proposing.withdraw(tx, deed, number))

    def reject(self, number: int, who: Actor = BO) -> ProposalRow | Refusal:
        deed = self._deed(who)
        return self.database.write(lambda tx: proposing.reject(tx, self.ctx.config, deed, number, why="no"))

    def stop(self, number: int, who: Actor = BO) -> ProposalRow | Refusal:
        deed = self._deed(who)
        return self.database.write(lambda tx: stopping.stop(tx, self.ctx.config, deed, ProposalNumber(number)))

    def freeze(self, who: Actor = CY, why: str = "", channel: str = "CAPPROVALS") -> FreezeRow | Refusal:
        deed, inside = self._deed(who), channel == "CAPPROVALS"
        return self.database.write(
            lambda tx: freezing.freeze(tx, self.ctx.config, deed, channel=channel, in_approvals=inside, why=why)
        )

    def thaw(self, who: Actor = BO) -> int | Refusal:
        """Ask to thaw; it counts with the next step of its job."""
        deed = self._deed(who)
        return self.database.write(lambda tx: freezing.thaw(tx, self.ctx.config, deed, channel="CAPPROVALS"))

    def anchor(self, who: Actor, number: int, digest: str) -> int | Refusal:
        """Say that the record is the true one; it counts with the next step of its job."""
        deed, ballot = self._deed(who), voting.Ballot(number, Digest(digest), ReplyTo("CAPPROVALS", who.user))
        return self.database.write(lambda tx: voting.cast(tx, self.ctx.config, deed, ballot, Anchorings()))

    def with_rules(self, **changes: Any) -> Context:
        """Return this instance under other rules."""
        config = self.ctx.config
        return replace(self.ctx, config=replace(config, policy=replace(config.policy, **changes)))

    def step(self, ctx: Context | None = None) -> bool:
        worked = work.run_one(ctx or self.ctx)
        if self.posts_cards:
            self.post_cards()
        return worked

    def post_cards(self) -> None:
        """Let the cards that a hold waits for be taken by Slack."""
        waiting = "SELECT id, hold_no FROM proposals WHERE hold_no > 0 AND hold_until_ms IS NULL"
        for row in self.database.read(lambda tx: tx.rows(waiting)):
            shown = CardShown(ProposalNumber(row["id"]), "CAPPROVALS", "1780000000.000100", row["hold_no"])
            self.database.write(lambda tx, shown=shown: holding.begin(tx, shown))  # type: ignore[misc] # mypy cannot infer a lambda's default

    def until(self, number: int, state: State) -> None:
        for _ in range(MOST_STEPS):
            if self.row(number).state == state:
                return
            assert self.step(), f"at rest in {self.row(number).state}"
        raise AssertionError("running in circles")

    def settle(self, ctx: Context | None = None) -> None:
        for _ in range(MOST_STEPS):
            if not self.step(ctx):
                return
        raise AssertionError("the bench does not come to rest")

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.settle()

    def row(self, number: int) -> ProposalRow:
        found = self.database.read(lambda tx: proposals.get(tx, number))
        assert found is not None
        return found

    def state(self, number: int) -> str:
        return self.row(number).state

    def items(self, number: int) -> list[ItemRow]:
        return self.database.read(lambda tx: items.of(tx, number))

    def outcomes(self, number: int) -> dict[str, str | None]:
        return {item.target: item.outcome for item in self.items(number)}

    def votes(self, number: int) -> list[VoteRow]:
        return self.database.read(lambda tx: votes.of(tx, subject_of(number), *VoteState))

    def events(self, action: str) -> list[dict[str, Any]]:
        """Return the data of the audit events of one kind, oldest first."""
        sql = "SELECT payload FROM audit WHERE action = :action ORDER BY seq"
        found = self.database.read(lambda tx: tx.rows(sql, action=action))
        return [json.loads(row["payload"])["data"] for row in found]

    def owed(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of one kind that people are owed, oldest first."""

        def read(tx: Tx) -> list[OutboxRow]:
            return [OutboxRow(**row) for row in tx.rows("SELECT * FROM outbox WHERE kind = :k ORDER BY id", k=kind)]

        return [json.loads(row.message) for row in self.database.read(read)]

    def news(self, kind: str) -> list[str]:
        """Name the events and notices that messages of one kind report, oldest first."""
        return [each.action if isinstance(each, Event) else type(each).__name__ for each in self.reported(kind)]

    def reported(self, kind: str) -> list[Event | Notice]:
        """Return the events and notices that messages of one kind report, oldest first."""
        return [self._reported(message) for message in self.owed(kind)]

    def _reported(self, message: dict[str, Any]) -> Event | Notice:
        if "event" not in message:
            return codec.decode_notice(message)
        found = self.database.read(lambda tx: audit_log.between(tx, message["event"], message["event"]))
        return codec.decode(found[0].payload)

    def sql(self, statement: str, **params: str | int | None) -> int:
        """Meddle with the record behind the program's back."""
        return self.database.write(lambda tx: tx.run(statement, **params))

    def queued(self) -> int:
        return self.database.read(jobs.waiting)

    def owing(self) -> int:
        return self.database.read(outbox.unsent)

    def _deed(self, who: Actor) -> SlackAction:
        return SlackAction(who, f"trigger.{next(self._deliveries)}")

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.advance(seconds)

    def _served(self, url: str) -> bool | None:
        return vod.image_is_served(url, allowed_domains=frozenset({self.vod.image_domain}), timeout_s=5)

    def _context(self, rules: Policy) -> Context:
        quota = Quota(self.database, self._wait)
        meddled: Any = self.meddled
        calls = itertools.count(1)
        return Context(
            database=self.database,
            config=Config(rules),
            client=meddled,
            reader=Reader(meddled, quota, self._served),
            quota=quota,
            where=Whereabouts(self.client.get_account, self.client.endpoint, lambda: self.monotonic_ms),
            directory=self.people,
            owner="this instance",
            lease_ms=30_000,
            monotonic_ms=lambda: self.monotonic_ms,
            new_id=lambda: f"call-{next(calls)}",
            timings=Timings(resend_after=0),
            lanes=1,
            time_slice_ms=0,
            plans=PlanCache(check_every_ms=0),
            heads=self.channel,
            trust=Trust(lambda: self.monotonic_ms),
            lists=NoLists(),
        )


def policy(sandbox: VodSandbox, **changes: Any) -> Policy:
    people = frozenset(actor.user for actor in (ANA, BO, CY))
    domains = frozenset({sandbox.image_domain})
    made = rules(home_team=TEAM, approvers=people, proposers=people, image_domains=domains)
    return replace(made, **changes)
