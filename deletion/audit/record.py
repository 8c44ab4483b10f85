"""The one way in which anything gets into the log: an event, in the transaction of what it reports."""

from deletion.audit import chain, codec
from deletion.audit.events import Event
from deletion.audit.messages import audience
from storage import Tx
from storage.tables import audit_log


def record(tx: Tx, event: Event, *, locked: audit_log.Head | None = None) -> audit_log.Head:
    """Append an event to the chain, queue what people are told of it, and publish it when it is committed.

    Call it last: it locks the head of the chain. ``locked`` is the head, where the caller has locked it already.
    """
    head = chain.append(
        tx,
        actor=str(event.by) if event.by else codec.SYSTEM,
        action=event.action,
        ref=str(event.about),
        data=codec.encode(event),
        locked=locked,
    )
    audience.announce(tx, event, head.seq)
    tx.publish(event)
    return head
