"""The messages that tell people of an event: queued for the audiences that the table in ``events`` names.

A message holds what it reports, never words: the number of the event in the log, or a notice. It is queued in the
transaction of what it reports.
"""

from dataclasses import dataclass
from enum import Enum, auto

from deletion.audit import codec, events
from deletion.audit.events import AUDIENCE, Audience, Event
from deletion.audit.messages import places
from deletion.audit.messages.places import MessageKind
from deletion.audit.notices import ListProblems, Notice, RejectionRecorded, StopRecorded, WithdrawalRecorded
from deletion.terms import canonical, ids
from deletion.terms.canonical import Json
from deletion.terms.ids import ProposalNumber, Ref
from deletion.terms.people import Actor
from deletion.terms.states import State
from storage import Tx
from storage.tables import notice_throttle, outbox, proposals, readings, votes
from storage.tables.outbox import MessageState, Urgency
from storage.tables.proposals import ProposalRow

PROGRESS_EVERY_MS = 5_000
"""How often a card shows progress: Slack takes about 50 updates a minute of the whole bot (Tier 3)."""

TOLD_EVERY_MS = 60_000
"""How often a thread is told of progress."""

TROUBLE_EVERY_MS = 15 * 60_000
"""How often a thread is told that something still waits or is late."""

ONCE_MS = 10**15
"""In place of a pace: what is told but once."""

MOST_GIVEN_UP = 2
"""How often a file is given up before it is not brought along by a card any more that is posted anew."""

LISTED_ON_CARD = 19
"""Targets that a card shows one by one (a Slack message holds 50 blocks). A longer plan has its list as a file."""

NAMED_IN_RESULT = 15
"""Items that a result names one by one. Of more there is a file with what became of each."""

CARDS = 20
"""Cards that are shown anew when everything is frozen or thawed: the newest under way, and the newest open."""


BRAKES = (StopRecorded, RejectionRecorded, WithdrawalRecorded)
"""Answers that say that something was held back. No refusals: anybody can have as many of these as they like."""


class FileStands(Enum):
    """How it stands about a file under a card: people see it there, will, or never will."""

    THERE = auto()
    OWED = auto()
    GIVEN_UP = auto()


@dataclass(frozen=True)
class ReplyTo:
    """Where a person can be answered privately: the Slack channel they acted in, and who they are."""

    channel: str
    user: str


def announce(tx: Tx, event: Event, seq: int) -> None:
    """Queue what people are told of an event that was just written as number ``seq`` of the log."""
    for audience in AUDIENCE.get(type(event), ()):
        if _is_news(event, audience):
            _queue(tx, event, seq, audience)
    if isinstance(event, events.Closed | events.CollectionFailed):
        _show_first_anew(tx, event.about.proposal)
    if isinstance(event, events.PlanFrozen | events.CollectionFailed | events.ProposalWithdrawn):
        reading_ended(tx, event.about.proposal)


def _show_first_anew(tx: Tx, number: ProposalNumber | None) -> None:
    """Queue the card of the proposal whose rest this one was about: the rest can be proposed again now."""
    row = proposals.get(tx, number) if number else None
    if row is not None and row.again_of is not None:
        card(tx, row.again_of)


def _is_news(event: Event, audience: Audience) -> bool:
    """Leave out what would tell nobody anything."""
    match event:
        case events.HoldBegun(begun_ms=begun_ms, hold_until_ms=until_ms):
            # Where there is no hold the next that is told is that it started.
            return until_ms > begun_ms
        case events.HoldAwaited(silence=None):
            # After what people decided the channel is told of that.
            return audience is not Audience.THREAD
        case events.CanaryPassed(rest=False):
            return False
        case events.VoteCounted(reached=True, about=Ref(kind=ids.FREEZE | ids.ANCHOR)):
            # That it is over is news of its own.
            return False
        case events.PlanFrozen() | events.PlanChanged():
            return audience is not Audience.LIST or event.size > LISTED_ON_CARD
        case events.ExecutionFinished(tally=tally):
            return audience is not Audience.OUTCOMES or sum(tally.values()) > NAMED_IN_RESULT
        case _:
            return True


def _queue(tx: Tx, event: Event, seq: int, audience: Audience) -> None:
    told: dict[str, Json] = {"event": seq}
    number = event.about.proposal
    match audience:
        case Audience.CARDS:
            under_way = proposals.in_states(tx, State.APPROVED, State.EXECUTING, limit=CARDS)
            for row in under_way:
                card(tx, ProposalNumber(row.id), Urgency.DECISION)
            for row in proposals.in_states(tx, State.PENDING, limit=CARDS):
                card(tx, ProposalNumber(row.id))
        case Audience.CHANNEL:
            _add(tx, places.APPROVALS, MessageKind.CHANNEL, None, told, _urgency(event))
        case Audience.VOTER:
            vote = votes.get(tx, vote_id) if (vote_id := _vote_of(event)) else None
            if vote is not None:
                _answer(tx, ReplyTo(vote.channel, vote.voter), number, told)
        case _ if number is None:
            # A vote on what is no proposal has no card; the channel hears how it stands.
            if audience is Audience.THREAD:
                _add(tx, places.APPROVALS, MessageKind.CHANNEL, None, told, _urgency(event))
        case _:
            _queue_about_proposal(tx, event, number, told, audience)


def _queue_about_proposal(
    tx: Tx, event: Event, number: ProposalNumber, told: dict[str, Json], audience: Audience
) -> None:
    row = proposals.get(tx, number)
    if row is None:
        return
    has_card = row.digest is not None
    match audience:
        case Audience.PROPOSER | Audience.APPROVED_BY | Audience.ASKER:
            _queue_for_people(tx, event, row, told, audience)
        case Audience.LIST:
            asset_list(tx, number, revision=row.revision)
        case Audience.OUTCOMES:
            _add(tx, places.outcomes_of(number), MessageKind.OUTCOMES, number, {})
        case Audience.CARD if has_card:
            card(tx, number, _urgency(event))
        case Audience.THREAD if has_card:
            _add(tx, places.APPROVALS, MessageKind.THREAD, number, told)
        case _:
            return


def _queue_for_people(tx: Tx, event: Event, row: ProposalRow, told: dict[str, Json], audience: Audience) -> None:
    """Queue a direct message to whoever has to know of an event about a proposal; nobody is told their own deed."""
    number = ProposalNumber(row.id)
    match event:
        case events.ProposalApproved() if audience is Audience.PROPOSER:
            _was_it_you(tx, row.proposer, MessageKind.DIRECT, number, told)
        case events.ProposalApproved():
            for actor in filter(None, map(Actor.parse, event.approvals)):
                _was_it_you(tx, actor.user, MessageKind.DEEDS, number, told)
        case events.QuestionAnswered(asker=asker):
            if to := Actor.parse(asker):
                _direct(tx, to.user, number, told)
        case _ if event.by != Actor(row.team, row.proposer):
            _direct(tx, row.proposer, number, told)
        case _:
            return


def _urgency(event: Event) -> Urgency:
    """Say how early the card or post goes that tells of an event: nothing is to wait behind progress or lists."""
    match event:
        case events.FreezeBegun() | events.AnchorLost() | events.ProposalStopped() | events.ExecutionStopped():
            return Urgency.BRAKE
        case events.ProposalApproved() | events.HoldAwaited():
            return Urgency.HOLD
        case events.Closed() | events.HoldBegun() | events.FreezeEnded() | events.ExecutionFinished():
            return Urgency.DECISION
        case events.AnchorRestored():
            return Urgency.DECISION
        case events.VoteCounted(about=Ref(kind=ids.FREEZE | ids.ANCHOR)):
            return Urgency.DECISION
        case _:
            return Urgency.USUAL


def _vote_of(event: Event) -> int | None:
    return event.vote if isinstance(event, events.VoteVoided | events.PlanChanged) else None


def card(tx: Tx, number: int, urgency: Urgency = Urgency.USUAL) -> None:
    """Queue an up-to-date card; one that is already waiting will show this change too, as early as this one."""
    if not outbox.is_waiting(tx, kind=MessageKind.CARD, proposal_id=number):
        _add(tx, places.APPROVALS, MessageKind.CARD, number, {}, urgency)
    if urgency is not Urgency.USUAL:
        # Whatever of it is owed besides, or two of them could change places.
        outbox.hasten(tx, kind=MessageKind.CARD, proposal_id=number, urgency=urgency)


def progress_card(tx: Tx, number: int) -> bool:
    """Queue a card that shows how far a deletion is, at a pace that people bear; False when it is too soon."""
    if not notice_throttle.should_notify(tx, number, "progress on the card", every_ms=PROGRESS_EVERY_MS):
        return False
    card(tx, number)
    return True


def reading(tx: Tx, number: ProposalNumber, proposer: str) -> None:
    """Queue the message that tells a proposer how far the reading is; one that is waiting will show this too."""
    if not outbox.is_waiting(tx, kind=MessageKind.READING, proposal_id=number):
        _add(tx, places.person(proposer), MessageKind.READING, number, {"user": proposer})


def reading_ended(tx: Tx, number: ProposalNumber | None) -> None:
    """Queue what came of a reading, where its proposer was told how far it is."""
    found, row = readings.get(tx, number or 0), proposals.get(tx, number or 0)
    if number and row is not None and found is not None and found.told_ms is not None:
        reading(tx, number, row.proposer)


def asset_list(tx: Tx, number: int, *, revision: int) -> None:
    """Queue the whole list of a plan as a file in the card's thread."""
    _add(tx, places.file_of(number), MessageKind.MANIFEST, number, {"revision": revision})


def asset_list_follows_card(tx: Tx, number: int) -> None:
    """Queue the list again where its card was posted anew since, while people still vote on it."""
    row = proposals.get(tx, number)
    if row is None or row.state != State.PENDING:
        return
    if outbox.is_on_its_way(tx, kind=MessageKind.MANIFEST, proposal_id=number):
        return  # where it is being sent just now, this is asked once more when it has arrived
    owed = asset_list_was_owed(tx, number, revision=row.revision)
    message = canonical.dumps({"revision": row.revision})
    if (
        owed
        and not asset_list_was_posted(tx, number, revision=row.revision)
        and not _is_hopeless(tx, MessageKind.MANIFEST, number, message)
    ):
        asset_list(tx, number, revision=row.revision)


def asset_list_once(tx: Tx, number: int) -> None:
    """Queue the whole list of the present plan, unless it was before; people still vote on it."""
    row = proposals.get(tx, number)
    if row is None or row.state != State.PENDING or asset_list_was_owed(tx, number, revision=row.revision):
        return
    asset_list(tx, number, revision=row.revision)


def outcomes_follow_card(tx: Tx, number: int) -> None:
    """Queue what became of every item again where the card was posted anew since."""
    if outbox.is_on_its_way(tx, kind=MessageKind.OUTCOMES, proposal_id=number):
        return  # where it is being sent just now, this is asked once more when it has arrived
    stands = file_stands(tx, number, MessageKind.OUTCOMES)
    if stands in {None, FileStands.THERE} or _is_hopeless(tx, MessageKind.OUTCOMES, number, "{}"):
        return
    _add(tx, places.outcomes_of(number), MessageKind.OUTCOMES, number, {})


def _is_hopeless(tx: Tx, kind: MessageKind, number: int, message: str) -> bool:
    """Say whether a file was given up so often that no further card brings it along.

    Where Slack takes neither files nor updates, a card that says so is posted anew, and would bring the next file.
    """
    return outbox.given_up_in_a_row(tx, kind=kind, proposal_id=number, message=message) >= MOST_GIVEN_UP


def file_stands(tx: Tx, number: int, kind: MessageKind, *, revision: int | None = None) -> FileStands | None:
    """Return how it stands about a file that belongs under a card; None when none was ever owed."""
    message = canonical.dumps({} if revision is None else {"revision": revision})
    state = outbox.last_state(tx, kind=kind, proposal_id=number, message=message)
    if state is None:
        return None
    if outbox.is_file_under_card(tx, kind=kind, proposal_id=number, message=message):
        return FileStands.THERE
    return FileStands.GIVEN_UP if state is MessageState.FAILED else FileStands.OWED


def asset_list_was_owed(tx: Tx, number: int, *, revision: int) -> bool:
    """Say whether the card does not show this revision whole, so that its list has to be seen."""
    message = canonical.dumps({"revision": revision})
    return outbox.exists(tx, kind=MessageKind.MANIFEST, proposal_id=number, message=message)


def show_cards_elsewhere(tx: Tx, channel: str) -> None:
    """Queue the cards of open proposals that are in another channel than this one."""
    for number in proposals.open_with_card_outside(tx, channel):
        card(tx, number)


def asset_list_was_posted(tx: Tx, number: int, *, revision: int) -> bool:
    """Say whether people can see the whole list of this revision: our file, in the thread of the card."""
    message = canonical.dumps({"revision": revision})
    return outbox.is_file_under_card(tx, kind=MessageKind.MANIFEST, proposal_id=number, message=message)


def thread(tx: Tx, notice: Notice) -> None:
    """Queue a reply in the card's thread."""
    _add(tx, places.APPROVALS, MessageKind.THREAD, notice.number, codec.encode_notice(notice))


def channel(tx: Tx, notice: Notice) -> None:
    """Queue a post in the approvals channel."""
    _add(tx, places.APPROVALS, MessageKind.CHANNEL, notice.number, codec.encode_notice(notice))


def direct(tx: Tx, user: str, notice: Notice) -> None:
    """Queue a direct message."""
    _direct(tx, user, notice.number, codec.encode_notice(notice))


def operators(tx: Tx, to: str, notice: Notice) -> None:
    """Queue what whoever runs the bot is told: in a channel, or as a direct message to a person, by id."""
    if to.startswith(places.PERSON):
        _direct(tx, to, None, codec.encode_notice(notice))
    else:
        _add(tx, places.OPERATORS, MessageKind.CHANNEL, None, codec.encode_notice(notice))


def answer(tx: Tx, to: ReplyTo, notice: Notice) -> None:
    """Queue an answer that only this person sees; who stopped something is answered before others."""
    urgency = Urgency.BRAKE if isinstance(notice, BRAKES) else Urgency.USUAL
    _answer(tx, to, notice.number, codec.encode_notice(notice), urgency)


def problems(tx: Tx, user: str, notice: ListProblems) -> None:
    """Queue a file with everything that is wrong with somebody's list, for them alone."""
    _add(tx, places.problems(user), MessageKind.PROBLEMS, None, {**codec.encode_notice(notice), "user": user})


def _direct(tx: Tx, user: str, number: int | None, told: dict[str, Json]) -> None:
    _add(tx, places.person(user), MessageKind.DIRECT, number, {**told, "user": user})


def _was_it_you(tx: Tx, user: str, kind: MessageKind, number: ProposalNumber, told: dict[str, Json]) -> None:
    """Queue what tells somebody of their own deed, once: whoever else uses their account is noticed by it."""
    if notice_throttle.should_notify(tx, number, f"own deed: {user}", every_ms=ONCE_MS):
        _add(tx, places.person(user), kind, number, {**told, "user": user}, Urgency.HOLD)


def _answer(
    tx: Tx, to: ReplyTo, number: int | None, told: dict[str, Json], urgency: Urgency = Urgency.USUAL
) -> None:
    message = {**told, "user": to.user, "channel": to.channel}
    _add(tx, places.private(to.user), MessageKind.PRIVATE, number, message, urgency)


def _add(
    tx: Tx,
    lane: str,
    kind: MessageKind,
    number: int | None,
    message: dict[str, Json],
    urgency: Urgency = Urgency.USUAL,
) -> None:
    outbox.add(tx, lane=lane, kind=kind, proposal_id=number, message=canonical.dumps(message), urgency=urgency)
