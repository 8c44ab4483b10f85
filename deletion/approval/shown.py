"""What a button or a form names, all of them alike: the record, the subject, and the digest that was shown."""

from dataclasses import dataclass
from hashlib import sha256

from deletion.audit.messages import audience
from deletion.terms.ids import Digest, ProposalNumber, RecordId, Ref
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import State
from storage import Tx
from storage.tables import audit_log, proposals, revisions


@dataclass(frozen=True)
class Shown:
    """What a person had before their eyes. ``record`` is NO_RECORD on cards of versions that did not name it."""

    record: RecordId
    subject: Ref
    digest: Digest

    @property
    def number(self) -> ProposalNumber:
        """Return the subject's number, as answers name it."""
        return ProposalNumber(self.subject.number or 0)


def digest_of(request: str) -> Digest:
    """Return what names the request of a proposal (its text in the record) while there is no plan."""
    return Digest(sha256(request.encode()).hexdigest())


def mismatch(tx: Tx, shown: Shown, *, brake: bool) -> Refusal | None:
    """Say why what was shown is not what this record holds, or None; the proposal is locked.

    A ``brake`` keeps something from being deleted: it is taken from a card that names no record, if it names the
    right plan. What such a card would let be deleted is not; it is shown anew instead. A brake is also taken from
    what was shown before there was a plan, which names what was asked for.
    """
    if shown.record and shown.record != audit_log.record_id(tx):
        return Refusal.about(Rule.OTHER_RECORD, shown.number)
    row = proposals.lock(tx, shown.subject.proposal) if shown.subject.proposal else None
    if row is None:
        # Whoever acts on it says that it is not there; what is no proposal looks at its digest itself.
        return None
    if not shown.digest:
        return Refusal.about(Rule.OLD_CARD, row.id)
    if shown.digest != row.digest:
        if brake and shown.record and shown.digest == digest_of(proposals.request_of(tx, row.id)):
            return None
        known = shown.digest in revisions.digests(tx, row.id)
        return Refusal.about(Rule.PLAN_CHANGED if known else Rule.DIGEST_UNKNOWN, row.id)
    if shown.record or brake or row.state != State.PENDING:
        return None
    audience.card(tx, row.id)
    return Refusal.about(Rule.OLD_CARD, row.id)
