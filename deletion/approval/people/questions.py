"""Questions about a proposal, and the answers of its proposer: they hold nothing up, and no text is ever a vote.

Every function here runs inside the caller's transaction and writes its audit event in it.
"""

from dataclasses import dataclass

from deletion.approval.proposal import SlackAction, proposer_of, refuse_unless_in, replayed
from deletion.approval.refusing import refuse
from deletion.approval.shown import Shown
from deletion.audit import events
from deletion.audit.record import record
from deletion.jobs.config import Config
from deletion.policy import decisions
from deletion.terms import canonical
from deletion.terms.blank import is_blank
from deletion.terms.ids import ProposalNumber, QuestionId, RecordId, proposal_ref
from deletion.terms.people import Actor
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import OPEN, State
from storage import Tx
from storage.tables import audit_log, proposals, questions, revisions
from storage.tables.proposals import ProposalRow
from storage.tables.questions import QuestionRow


@dataclass(frozen=True)
class Question:
    """A question as it is told: its number, who asked (a Slack user id), what, and whether it has an answer."""

    id: QuestionId
    person: str
    text: str
    is_open: bool = True


@dataclass(frozen=True)
class Named:
    """What the button under a question names: the record, the proposal, and the question's number."""

    record: RecordId
    number: ProposalNumber
    question: QuestionId


def of(tx: Tx, number: int) -> tuple[Question, ...]:
    """Return the questions about a proposal, oldest first."""
    return tuple(map(_told, questions.of(tx, number)))


def _told(row: QuestionRow) -> Question:
    return Question(QuestionId(row.id), row.person, row.text, is_open=row.answered_ms is None)


def may_open(tx: Tx, config: Config, action: SlackAction, shown: Shown) -> Refusal | None:
    """Say why this person may not ask about this proposal now, and log it; None when they may."""
    row = proposals.get(tx, shown.number)
    refusal = replayed(tx, action) or _askable(tx, config, action.actor, row, shown)
    return _refuse_question(tx, action, shown, refusal) if refusal else None


def ask(tx: Tx, config: Config, action: SlackAction, shown: Shown, text: str) -> QuestionId | Refusal:
    """Store a question, which is told in the card's thread; return its number."""
    row = proposals.lock(tx, shown.number)
    refusal = replayed(tx, action) or _askable(tx, config, action.actor, row, shown) or _blank(text)
    if refusal or row is None:
        return _refuse_question(tx, action, shown, refusal or Refusal.about(Rule.NO_SUCH_PROPOSAL, shown.number))
    by, now, asked = action.actor, tx.now_ms(), canonical.clean(text)
    number = QuestionId(
        questions.ask(tx, row.id, digest=shown.digest, by=(by.team, by.user), text=asked, now_ms=now)
    )
    told = events.QuestionAsked(
        about=shown.subject, by=by, question=number, digest=shown.digest, text=asked, asked_ms=now
    )
    record(tx, told)
    return number


def refused(tx: Tx, action: SlackAction, shown: Shown, refusal: Refusal) -> Refusal:
    """Write down that somebody who is no reader was not let ask."""
    return _refuse_question(tx, action, shown, refusal)


def answer_refused(tx: Tx, action: SlackAction, named: Named, refusal: Refusal) -> Refusal:
    """Write down that somebody who is no reader, any more, was not let answer."""
    return refuse(tx, events.AnswerRefused(about=proposal_ref(named.number), by=action.actor, refusal=refusal))


def _refuse_question(tx: Tx, action: SlackAction, shown: Shown, refusal: Refusal) -> Refusal:
    return refuse(tx, events.QuestionRefused(about=shown.subject, by=action.actor, refusal=refusal))


def _askable(tx: Tx, config: Config, by: Actor, row: ProposalRow | None, shown: Shown) -> Refusal | None:
    if shown.record != audit_log.record_id(tx):
        return Refusal.about(Rule.OTHER_RECORD, shown.number)
    refusal = refuse_unless_in(row, shown.number, State.PENDING)
    if refusal or row is None:
        return refusal
    if shown.digest not in revisions.digests(tx, row.id):
        return Refusal.about(Rule.DIGEST_UNKNOWN, row.id)
    if tx.now_ms() >= row.expires_ms:
        return Refusal.about(Rule.TIME_IS_UP, row.id)
    return decisions.may_ask(config.policy, by, proposer=proposer_of(row), number=row.id) or _too_many(tx, by, row)


def _too_many(tx: Tx, by: Actor, row: ProposalRow) -> Refusal | None:
    asked = questions.of(tx, row.id)
    mine = sum((each.team, each.person) == (by.team, by.user) for each in asked)
    return decisions.few_questions(mine=mine, everybody=len(asked), number=row.id)


def may_open_answer(tx: Tx, action: SlackAction, named: Named) -> Question | Refusal:
    """Return the question that this person may answer now, or say why they may not, and log it."""
    row, found = proposals.get(tx, named.number), questions.get(tx, named.question)
    return _answerable(tx, action, named, row, found)


def answer(tx: Tx, action: SlackAction, named: Named, text: str) -> Question | Refusal:
    """Store the proposer's answer, which is told in the card's thread; return what was answered."""
    row = proposals.lock(tx, named.number)
    found = questions.get(tx, named.question)
    question = _answerable(tx, action, named, row, found, blank=_blank(text))
    if isinstance(question, Refusal) or found is None:
        return question
    now, answered = tx.now_ms(), canonical.clean(text)
    questions.answer(tx, question.id, text=answered, now_ms=now)
    told = events.QuestionAnswered(
        about=proposal_ref(named.number),
        by=action.actor,
        question=question.id,
        asker=str(Actor(found.team, found.person)),
        text=answered,
        answered_ms=now,
    )
    record(tx, told)
    return question


def _answerable(
    tx: Tx,
    action: SlackAction,
    named: Named,
    row: ProposalRow | None,
    found: QuestionRow | None,
    blank: Refusal | None = None,
) -> Question | Refusal:
    refusal = replayed(tx, action) or _not_answerable(tx, action.actor, named, row, found) or blank
    if refusal is None and found is not None:
        return _told(found)
    return answer_refused(tx, action, named, refusal or Refusal.about(Rule.NO_SUCH_QUESTION, named.number))


def _not_answerable(
    tx: Tx, by: Actor, named: Named, row: ProposalRow | None, found: QuestionRow | None
) -> Refusal | None:
    if named.record != audit_log.record_id(tx):
        return Refusal.about(Rule.OTHER_RECORD, named.number)
    refusal = refuse_unless_in(row, named.number, *OPEN)
    if refusal or row is None:
        return refusal
    if found is None or found.proposal_id != row.id:
        return Refusal.about(Rule.NO_SUCH_QUESTION, named.number)
    if by != proposer_of(row):
        return Refusal.about(Rule.MAY_NOT_ANSWER, row.id)
    return None if found.answered_ms is None else Refusal.about(Rule.ALREADY_ANSWERED, row.id)


def _blank(text: str) -> Refusal | None:
    return Refusal(Rule.BLANK_TEXT) if is_blank(text) else None
