"""Approving, whatever it is: a vote is cast on a digest at once; the worker looks again, then counts or voids it.

What is approved is a subject: a deletion, the end of a freeze. It says who may vote, how many it takes, what is
read again before a vote counts, and what the quorum sets going. Nothing here knows one subject from another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from deletion.approval.proposal import SlackAction, replayed
from deletion.approval.refusing import refuse
from deletion.audit import events
from deletion.audit.events import Event
from deletion.audit.messages import audience
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.notices import VoterUnconfirmed
from deletion.audit.record import record
from deletion.jobs.config import Config, JobKind
from deletion.jobs.context import Again, Context, Done, Step
from deletion.jobs.leases import NotWantedError
from deletion.policy import quorum
from deletion.policy.quorum import Entitled, Quorum, Standing
from deletion.terms import canonical, vote_note
from deletion.terms.blank import is_blank
from deletion.terms.ids import Digest, Ref, SubjectKind, VoteId
from deletion.terms.people import Actor, LookupFailedError, Person, unfit
from deletion.terms.refusals import Refusal, Rule
from storage import Tx
from storage.tables import jobs, votes
from storage.tables.jobs import JobRow
from storage.tables.votes import VoteRow, VoteState

ReadT = TypeVar("ReadT")
"""What a subject reads again before a vote on it counts."""


class PostponedError(Exception):
    """What a vote depends on cannot be read now; it is tried again."""


@dataclass(frozen=True)
class Ballot:
    """What a person approves: which subject, the digest of what they were shown, and where to answer them.

    ``typed`` is the number of items as they typed it; None where they only clicked. ``comment`` is what they say
    with it, if anything.
    """

    number: int
    digest: Digest
    reply_to: ReplyTo
    typed: int | None = None
    comment: str | None = None


class Subject(Protocol[ReadT]):
    """One thing that people approve, as it stands in this transaction."""

    @property
    def ref(self) -> Ref:
        """Return how the log names it."""
        ...

    def refuses(
        self, tx: Tx, config: Config, actor: Actor, digest: str, *, typed: int | None = None
    ) -> Refusal | None:
        """Say why a vote by this person on this digest, with this number typed, is not cast or counted, or None."""
        ...

    def entitles(self, config: Config, actor: Actor) -> Entitled | Refusal:
        """Say by which rule this person may vote, or why not."""
        ...

    def quorum(self, config: Config) -> Quorum:
        """Return how many of whom it takes."""
        ...

    def read_again(self, ctx: Context, job: JobRow, vote: VoteRow) -> ReadT:
        """Read what the vote is about once more, outside of any transaction; PostponedError when that fails."""
        ...

    def replaced(self, tx: Tx, config: Config, vote: VoteRow, read: ReadT) -> bool:
        """Settle a vote on what is no longer as it was shown; False when it is, so that the vote counts."""
        ...

    def newcomers(self, read: ReadT) -> int:
        """Return how many things what was approved names by a query, and does not hold."""
        ...

    def approve(self, tx: Tx, config: Config, voters: frozenset[Actor]) -> Event:
        """Set going what was approved, and return the event that says so."""
        ...


class SubjectType(Protocol[ReadT]):
    """A kind of thing that people approve: how to find one, and what is said of a second vote."""

    @property
    def kind(self) -> SubjectKind:
        """Return the kind, as votes and the log name it."""
        ...

    @property
    def already(self) -> Rule:
        """Return the rule that refuses a second vote by the same person."""
        ...

    @property
    def ask_within_ms(self) -> int | None:
        """Return for how long Slack is asked who a voter is, before the vote is void; None: until it is over."""
        ...

    def find(self, tx: Tx, number: int, *, locked: bool) -> Subject[ReadT] | None:
        """Return a subject; locked, nobody else can change it until this transaction ends."""
        ...


Subjects = Mapping[str, SubjectType[Any]]
"""Every type of subject by its kind."""


@dataclass(frozen=True)
class _Case(Generic[ReadT]):
    """A vote to be counted, with what it is on."""

    type: SubjectType[ReadT]
    vote: VoteRow
    subject: Subject[ReadT]

    @property
    def voter(self) -> Actor:
        return Actor(self.vote.voter_team, self.vote.voter)

    def refusal(self, tx: Tx, config: Config) -> Refusal | None:
        """Say why the vote cannot be counted now, or None."""
        return self.subject.refuses(tx, config, self.voter, self.vote.digest, typed=self.vote.typed)


def cast(tx: Tx, config: Config, action: SlackAction, ballot: Ballot, of: SubjectType[ReadT]) -> VoteId | Refusal:
    """Record a vote in the caller's transaction; return its number. It counts once everything was read again."""
    actor = action.actor
    subject = of.find(tx, ballot.number, locked=True)
    about = subject.ref if subject else Ref(of.kind, ballot.number)
    refusal = replayed(tx, action)
    if refusal is None:
        missing = Refusal.about(Rule.NO_SUCH_PROPOSAL, ballot.number)
        refusal = subject.refuses(tx, config, actor, ballot.digest, typed=ballot.typed) if subject else missing
    vote_id, now = None, tx.now_ms()
    comment = canonical.clean(ballot.comment) if ballot.comment and not is_blank(ballot.comment) else None
    if refusal is None:
        vote_id = votes.cast(
            tx,
            votes.Subject(of.kind, ballot.number),
            digest=ballot.digest,
            voter=(actor.team, actor.user),
            channel=ballot.reply_to.channel,
            now_ms=now,
            typed=ballot.typed,
            comment=comment,
        )
    if refusal or vote_id is None:
        refusal = refusal or Refusal.about(of.already, ballot.number)
        return refuse(tx, events.VoteRefused(about=about, by=actor, refusal=refusal, digest=ballot.digest))
    jobs.add(tx, JobKind.COUNT, vote_id)
    cast_vote = events.VoteCast(
        about=about,
        by=actor,
        vote=VoteId(vote_id),
        digest=ballot.digest,
        cast_ms=now,
        typed=ballot.typed,
        comment=comment,
    )
    record(tx, cast_vote)
    return VoteId(vote_id)


def step(ctx: Context, job: JobRow, subjects: Subjects) -> Step:
    """Count or void one vote; come back later when it cannot be known yet."""
    case = ctx.database.read(lambda tx: _case(tx, job.ref, subjects))
    if case is None:
        return Done()
    try:
        refusal = _unfit_voter(ctx, case)
        read = None if refusal else case.subject.read_again(ctx, job, case.vote)
    except NotWantedError:
        return Done()
    except (PostponedError, LookupFailedError) as exc:
        if ctx.database.write(lambda tx: _void_if_refused(tx, ctx.config, case)):
            return Done()
        pause = ctx.timings.pause(ctx.timings.retry, job.attempts - 1)
        if isinstance(exc, LookupFailedError):
            pause = max(pause, exc.retry_after_ms)
            _tell_waiting(ctx, job, case)
        return Again(ctx.database.now_ms() + pause, progress=False)
    ctx.database.write(lambda tx: _settle(tx, ctx.config, case, refusal, read))
    return Done()


def _case(tx: Tx, vote_id: int, subjects: Subjects) -> _Case[Any] | None:
    vote = votes.get(tx, vote_id)
    if vote is None or vote.state is not VoteState.CAST:
        return None
    of = subjects[vote.subject_kind]
    subject = of.find(tx, vote.subject_id, locked=False)
    return _Case(of, vote, subject) if subject else None


def _unfit_voter(ctx: Context, case: _Case[ReadT]) -> Refusal | None:
    """Ask Slack who this is, now: a person who cannot be looked up may not approve, nor one who did already."""
    try:
        person = ctx.directory.read(case.voter)
        refusal = unfit(person, home_team=ctx.config.policy.home_team)
        return refusal or _same_person(ctx, case, person)
    except LookupFailedError as exc:
        if not exc.is_final and not _asked_for_long(ctx, case):
            raise
        return Refusal(Rule.UNKNOWN_PERSON)


def _asked_for_long(ctx: Context, case: _Case[ReadT]) -> bool:
    within_ms = case.type.ask_within_ms
    return within_ms is not None and ctx.database.now_ms() >= case.vote.cast_ms + within_ms


def _same_person(ctx: Context, case: _Case[ReadT], voter: Person) -> Refusal | None:
    """Refuse who, by another id of an Enterprise Grid, is not to vote on this or has a vote that counts."""
    if voter.enterprise is None:
        return None
    home, number = ctx.config.policy.home_team, case.vote.subject_id
    for user in case.subject.quorum(ctx.config).excluded:
        if ctx.directory.read(Actor(home, user)).identity == voter.identity:
            return Refusal.about(Rule.OWN_PROPOSAL, number)
    for other in ctx.database.read(lambda tx: _counted_votes(tx, case.subject)):
        if ctx.directory.read(Actor(other.voter_team, other.voter)).identity == voter.identity:
            return Refusal.about(case.type.already, number)
    return None


def _tell_waiting(ctx: Context, job: JobRow, case: _Case[ReadT]) -> None:
    """Tell a voter once that Slack lets their vote wait."""
    if job.attempts == 1:
        notice = VoterUnconfirmed(number=case.subject.ref.proposal, on=case.type.kind)
        ctx.database.write(lambda tx: audience.answer(tx, ReplyTo(case.vote.channel, case.vote.voter), notice))


def _void_if_refused(tx: Tx, config: Config, case: _Case[ReadT]) -> bool:
    """Void a vote that need not wait any more, because its subject takes none; False when it has to."""
    found = _locked(tx, case)
    if found is None:
        return True
    refusal = found.refusal(tx, config)
    if refusal:
        _void(tx, found, refusal)
    return refusal is not None


def _locked(tx: Tx, case: _Case[ReadT]) -> _Case[ReadT] | None:
    """Return a case as it stands now, its subject locked; None when the vote was settled meanwhile."""
    subject = case.type.find(tx, case.vote.subject_id, locked=True)
    vote = votes.get(tx, case.vote.id)
    if subject is None or vote is None or vote.state is not VoteState.CAST:
        return None
    return _Case(case.type, vote, subject)


def _settle(tx: Tx, config: Config, case: _Case[ReadT], refusal: Refusal | None, read: ReadT | None) -> None:
    found = _locked(tx, case)
    if found is None:
        return
    refusal = refusal or found.refusal(tx, config)
    if refusal is not None:
        _void(tx, found, refusal)
    elif read is None or not found.subject.replaced(tx, config, found.vote, read):
        _count(tx, config, found, 0 if read is None else found.subject.newcomers(read))


def _void(tx: Tx, case: _Case[ReadT], refusal: Refusal) -> None:
    # Not as the subject is called now: of a freeze that is over nothing is found any more.
    void(tx, Ref(case.type.kind, case.vote.subject_id), case.vote, refusal)


def void(tx: Tx, about: Ref, vote: VoteRow, refusal: Refusal) -> None:
    """Void one vote, which its voter is told."""
    record(tx, set_void(tx, about, vote, refusal))


def set_void(
    tx: Tx, about: Ref, vote: VoteRow, refusal: Refusal, *, old: VoteState = VoteState.CAST
) -> events.VoteVoided:
    """Void one vote; return the event, which the caller writes."""
    now, note = tx.now_ms(), canonical.dumps(refusal.to_json())
    votes.settle(tx, vote.id, state=VoteState.VOID, note=note, old=old, now_ms=now)
    return events.VoteVoided(
        about=about,
        by=Actor(vote.voter_team, vote.voter),
        vote=VoteId(vote.id),
        digest=Digest(vote.digest),
        refusal=refusal,
        settled_ms=now,
    )


def _count(tx: Tx, config: Config, case: _Case[ReadT], newcomers: int) -> None:
    subject, vote = case.subject, case.vote
    entitled = subject.entitles(config, case.voter)
    if isinstance(entitled, Refusal):
        _void(tx, case, entitled)
        return
    now, note = tx.now_ms(), canonical.dumps(vote_note.counted(entitled.rule, entitled.group, newcomers))
    votes.settle(tx, vote.id, state=VoteState.COUNTED, note=note, now_ms=now)
    lapsed = _void_lapsed(tx, config, subject)
    voters = counted(tx, config, subject, vote.digest)
    stands = quorum.standing(subject.quorum(config), voters)
    approval = subject.approve(tx, config, voters) if stands.is_met else None
    for each in lapsed:
        record(tx, each)
    record(tx, replace(_counted(case, entitled, stands, now), newcomers=newcomers))
    if approval is not None:
        record(tx, approval)


def _void_lapsed(tx: Tx, config: Config, subject: Subject[ReadT]) -> list[events.VoteVoided]:
    """Void what was counted of people who may no longer vote; return the events, to be written last."""
    found = []
    for vote in _counted_votes(tx, subject):
        refusal = subject.entitles(config, Actor(vote.voter_team, vote.voter))
        if isinstance(refusal, Refusal):
            voided = set_void(tx, subject.ref, vote, refusal, old=VoteState.COUNTED)
            found.append(replace(voided, was_counted=True))
    return found


def _counted_votes(tx: Tx, subject: Subject[ReadT]) -> list[VoteRow]:
    return votes.of(tx, votes.Subject(subject.ref.kind, subject.ref.number or 0), VoteState.COUNTED)


def counted(tx: Tx, config: Config, subject: Subject[ReadT], digest: str) -> frozenset[Actor]:
    """Return the people whose counted votes on this digest still count: those who may still vote."""
    found = _counted_votes(tx, subject)
    people = (Actor(vote.voter_team, vote.voter) for vote in found if vote.digest == digest)
    return frozenset(actor for actor in people if isinstance(subject.entitles(config, actor), Entitled))


def _counted(case: _Case[ReadT], entitled: Entitled, stands: Standing, now_ms: int) -> events.VoteCounted:
    return events.VoteCounted(
        about=case.subject.ref,
        by=case.voter,
        vote=VoteId(case.vote.id),
        digest=Digest(case.vote.digest),
        counted=stands.counted,
        needed=stands.needed,
        reached=stands.is_met,
        rule=entitled.rule,
        group=entitled.group,
        settled_ms=now_ms,
    )
