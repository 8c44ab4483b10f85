"""A last look right before the bytes leave: with the connection open, nothing but the sending is left to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Send = Callable[[], None]

Gate = Callable[[Send], None]
"""Is given the sending of one request, and does it once, or raises `WithheldError` without having done it."""

_gate: ContextVar[Gate | None] = ContextVar("gate", default=None)


class WithheldError(Exception):
    """A gate did not let a request out: not one byte of it was sent. The text says why."""


@contextmanager
def gated(gate: Gate) -> Iterator[None]:
    """Let every request that this thread makes meanwhile pass a gate, the renewal of a role's token too."""
    token = _gate.set(gate)
    try:
        yield
    finally:
        _gate.reset(token)


def pass_gate(send: Send) -> None:
    """Send through the gate that is set; without one, at once. Whoever carries requests sends by this."""
    gate = _gate.get()
    if gate is None:
        send()
    else:
        gate(send)
