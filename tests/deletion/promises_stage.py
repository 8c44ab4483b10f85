"""Two instances of the bot on one record in memory, what people do to them, and how time passes."""

import itertools
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import structlog

from deletion.approval import deletions, voting
from deletion.approval.deletions import Deletions
from deletion.approval.holds import freezing, holding
from deletion.approval.proposal import SlackAction
from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.messages.delivery import CardShown
from deletion.evidence import record_check
from deletion.execution import starting, stopping
from deletion.jobs.config import Config
from deletion.terms.ids import Digest, ProposalNumber
from deletion.terms.people import Actor, LookupFailedError, Person
from deletion.terms.refusals import Refusal
from deletion.terms.requests.targets import Request
from deletion.terms.results.outcomes import Outcome
from storage import SqliteDatabase, Tx
from tests.deletion import memory_library
from tests.deletion.memory_vod import Library
from tests.deletion.posting import post_everything
from tests.deletion.promises_instance import Instance, Witnessed, World
from tests.deletion.promises_model import LONG, Model, Rules
from tests.deletion.promises_witness import Witness
from tests.rules import RULES

HOME = "THOME"
START_MS = 1_780_000_000_000
MOST_STEPS = 400
MOST_STEPS_EACH = 20
"""More for each proposal: after a hold all of them may be due at once."""

OPEN = ("collecting", "pending", "approved", "executing")


@dataclass(frozen=True)
class Manners:
    """What the model need not know of the rules."""

    lanes: int = 1
    canary_from: int = 50
    stop_on: frozenset[Outcome] = frozenset()


class Directory:
    """What Slack says of people: full members, but for those of whom it was told otherwise."""

    def __init__(self) -> None:
        self.said: dict[Actor, Person | None] = {}

    def read(self, actor: Actor) -> Person:
        """Return what is said of a person; LookupFailedError when nothing is."""
        person = self.said.get(actor, member(actor))
        if person is None:
            raise LookupFailedError
        return person


class Stage:
    """Everything there is. What people do here, the model is told of as well."""

    def __init__(self, rules: Rules, manners: Manners | None = None) -> None:
        self._manners = manners or Manners()
        self.ms = START_MS
        self._numbers = itertools.count(1)
        self._patches = pytest.MonkeyPatch()
        # Small batches and short cards, so that small proposals take several calls and need their list posted.
        self._patches.setattr(starting, "BATCH", 2)
        for where in (audience, deletions):
            self._patches.setattr(where, "LISTED_ON_CARD", LONG - 1)
        self._processors = structlog.get_config()["processors"]
        self._processors_before = list(self._processors)
        self._processors[:] = [self._note_log]
        self.database = _empty_database(lambda: self.ms)
        self.library = Library(lambda: self.ms)
        memory_library.stock(self.library)
        self.directory = Directory()
        self.model = Model(rules, lambda: self.ms)
        self.witness = Witness(self.database, self.library, self.model)
        self.config = self._config(rules)
        self.instances = self.witness.instances = tuple(Instance(name, self._world()) for name in ("one", "two"))
        self._web: Any = Witnessed(self.database, lambda _: None, self.witness.look)

    def close(self) -> None:
        self._processors[:] = self._processors_before
        self._patches.undo()
        self.database.close()

    def propose(self, who: Actor, request: Request) -> int | None:
        """Propose; return the number, or None when it was refused."""
        deed, wish = self._deed(who), ProposalDraft(request, "rights expired")
        answer = self._web.write(lambda tx: proposing.propose(tx, self.config, deed, wish))
        return answer if isinstance(answer, int) else None

    def vote(self, who: Actor, number: int, digest: str) -> None:
        deed = self._deed(who)

        def cast(tx: Tx) -> int | Refusal:
            ballot = voting.Ballot(number, Digest(digest), ReplyTo("C1", who.user))
            return voting.cast(tx, self.config, deed, ballot, Deletions())

        answer = self._web.write(cast)
        if not isinstance(answer, Refusal):
            self.model.cast(answer, number, str(who), digest)
        # Slack delivers a click twice now and then.
        if not isinstance(self._web.write(cast), Refusal):
            self.witness.violations.append("a click that was delivered twice was taken twice")

    def withdraw(self, who: Actor, number: int) -> None:
        answer = self._web.write(lambda tx: proposing.withdraw(tx, self._deed(who), number))
        self._end(answer, number, "withdrawn")

    def reject(self, who: Actor, number: int) -> None:
        answer = self._web.write(lambda tx: proposing.reject(tx, self.config, self._deed(who), number, why="no"))
        self._end(answer, number, "rejected")

    def stop(self, who: Actor, number: int) -> None:
        answer = self._web.write(lambda tx: stopping.stop(tx, self.config, self._deed(who), ProposalNumber(number)))
        self._end(answer, number, "stopped")

    def freeze(self, who: Actor) -> None:
        deed = self._deed(who)
        answer = self._web.write(
            lambda tx: freezing.freeze(tx, self.config, deed, channel="CAPPROVALS", in_approvals=True, why="")
        )
        if not isinstance(answer, Refusal):
            self.model.froze()

    def thaw(self, who: Actor) -> None:
        answer = self._web.write(lambda tx: freezing.thaw(tx, self.config, self._deed(who), channel="C1"))
        if not isinstance(answer, Refusal):
            self.model.wished_to_thaw(str(who))

    def post(self) -> None:
        """Let everything that is owed be posted: holds that waited for their card begin."""
        self.database.write(post_everything)
        self.model.posted()
        waiting = "SELECT id, hold_no FROM proposals WHERE hold_no > 0 AND hold_until_ms IS NULL"
        for row in self.database.read(lambda tx: tx.rows(waiting)):
            shown = CardShown(ProposalNumber(row["id"]), "CAPPROVALS", "1780000000.000100", row["hold_no"])
            self._web.write(lambda tx, shown=shown: holding.begin(tx, shown))

    def say(self, who: Actor, person: Person | None) -> None:
        """Let Slack say something about a person from now on; None: it does not answer."""
        self.directory.said[who] = person
        fit = person == member(who)
        (self.model.unfit.discard if fit else self.model.unfit.add)(str(who))

    def rule(self, rules: Rules) -> None:
        """Start the instances anew with other rules."""
        self.model.rules = rules
        self.config = self._config(rules)
        for instance in self.instances:
            instance.ctx = replace(instance.ctx, config=self.config)

    def advance(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)

    def next_due(self) -> int | None:
        """Return when the next job is due."""
        sql = "SELECT min(max(due_ms, lease_ms)) AS due FROM jobs WHERE state = 'queued'"
        row = self.database.read(lambda tx: tx.one(sql))
        return None if row is None else row["due"]

    def settle(self, instance: Instance) -> None:
        """Do everything that is due."""
        for _ in range(MOST_STEPS + MOST_STEPS_EACH * len(self.model.cases)):
            if not instance.step():
                return
        self.witness.violations.append("it does not come to rest")

    def rest(self) -> None:
        """Let the world be good again, and see that everything that was begun is brought to an end."""
        self.library.tell_the_truth()
        self.directory.said.clear()
        self.model.unfit.clear()
        self.rule(replace(self.model.rules, approvers=self.model.rules.approvers | {f"{HOME}/U{n}" for n in "XY"}))
        for name in "XY":
            self.thaw(Actor(HOME, f"U{name}"))
        for _ in range(MOST_STEPS):
            self.settle(self.instances[1])
            self.post()
            due = self.next_due()
            if due is None:
                break
            self.ms = max(self.ms, due)
        found = self.database.read(lambda tx: tx.rows("SELECT id, state FROM proposals"))
        left = [f"proposal {row['id']} is {row['state']} for ever" for row in found if row["state"] in OPEN]
        self.witness.violations += left
        self.witness.violations += [str(fault) for fault in record_check.verify(self.database).violations]

    def _end(self, answer: object, number: int, how: str) -> None:
        if not isinstance(answer, Refusal):
            self.model.ended(number, how)

    def _deed(self, who: Actor) -> SlackAction:
        return SlackAction(who, f"trigger.{next(self._numbers)}")

    def _config(self, rules: Rules) -> Config:
        made = replace(
            RULES,
            home_team=HOME,
            approvers=_users(rules.approvers),
            proposers=_users(rules.proposers),
            approvals_needed=rules.needed,
            expires_after_s=rules.expires_s,
            execute_within_s=rules.within_s,
            hold_s=rules.hold_s,
            canary_from=self._manners.canary_from,
            stop_on=self._manners.stop_on,
        )
        return Config(made)

    def _world(self) -> World:
        return World(
            database=self.database,
            config=self.config,
            library=self.library,
            directory=self.directory,
            lanes=self._manners.lanes,
            numbers=self._numbers,
            advance=self.advance,
            look=self.witness.look,
            judge=self.witness.judge,
        )

    def _note_log(self, _: object, __: str, event: Any) -> Any:
        if event.get("event") == "job.failed":
            self.witness.violations.append(f"a job broke: {traceback.format_exc()}")
        raise structlog.DropEvent


def member(actor: Actor) -> Person:
    """Return a full member of the workspace."""
    return Person(actor, deleted=False, is_bot=False, is_guest=False, is_stranger=False)


def _users(people: frozenset[str]) -> frozenset[str]:
    return frozenset(who.rpartition("/")[2] for who in people)


def _empty_database(now_ms: Callable[[], int]) -> SqliteDatabase:
    database = SqliteDatabase(":memory:", now_ms=now_ms)
    _template()._connection().conn.backup(database._connection().conn)
    return database


_made: list[SqliteDatabase] = []


def _template() -> SqliteDatabase:
    """Return a database with nothing but its schema, made once: making it takes longer than many steps."""
    if not _made:
        _made.append(SqliteDatabase(":memory:"))
        _made[0].migrate()
    return _made[0]
