"""The heads of an audit channel without a Slack: what a test says that it shows."""

from deletion.audit.anchors import ChannelUnreadableError, PostedHead


class Channel:
    """An audit channel; ``unread`` is why it cannot be read, None while it can. ``looks`` counts who looked.

    ``hides``: nor can people see in the approvals channel what there is to stop.
    """

    def __init__(self) -> None:
        self.heads: list[PostedHead] = []
        self.unread: str | None = None
        self.hides = False
        self.looks = 0

    def recent(self) -> tuple[PostedHead, ...]:
        self.looks += 1
        if self.unread is not None:
            raise ChannelUnreadableError(self.unread, hides=self.hides)
        return tuple(sorted(self.heads, key=lambda head: float(head.ts), reverse=True))
