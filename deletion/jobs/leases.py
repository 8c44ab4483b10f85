"""Holding on to a job whose step takes long: the lease is renewed while the work gets somewhere."""

from collections.abc import Callable

from deletion.jobs.context import Context
from storage import Tx
from storage.tables import jobs
from storage.tables.jobs import JobRow


class LeaseLostError(Exception):
    """Another instance has taken a job over; whatever this one was doing on it is no longer wanted."""


class NotWantedError(Exception):
    """What a job is about was decided meanwhile; nothing that it would still find out is wanted."""


class Keeper:
    """Called again and again during a long step; renews the lease when a third of it has passed.

    ``wanted`` is asked each time whether it is to go on.
    """

    def __init__(self, ctx: Context, job: JobRow, wanted: Callable[[Tx], bool] | None = None) -> None:
        self._wanted = wanted
        self._ctx = ctx
        self._job = job
        self._renewed_ms = ctx.monotonic_ms()

    def __call__(self) -> None:
        """Renew if it is time to; LeaseLostError when the job is somebody else's by now.

        NotWantedError when what it does is not wanted any more.
        """
        self._ctx.alive()
        if self._wanted is not None and not self._ctx.database.read(self._wanted):
            raise NotWantedError
        now = self._ctx.monotonic_ms()
        if now - self._renewed_ms < self._ctx.lease_ms // 3:
            return
        self._renewed_ms = now
        lease_ms = self._ctx.lease_ms
        if not self._ctx.database.write(lambda tx: jobs.renew(tx, self._job, lease_ms=tx.now_ms() + lease_ms)):
            raise LeaseLostError
