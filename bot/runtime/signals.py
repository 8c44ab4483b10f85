"""SIGTERM and SIGINT, turned into a request to end that no lock can swallow."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bot.runtime.worker import Stop

ENDING = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def ending(stop: Stop) -> Iterator[None]:
    """Ask for the end when a signal does.

    The interpreter's own C code writes the signal's number to a socket, and a thread reads it. A Python handler
    would not do: it runs when the main thread gets to it, which is waiting for the end in a lock, or holds the very
    lock that asking for the end needs. Of signals that came just as the wait began, one in fifty was lost that way.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    watcher = threading.Thread(target=_watch, args=(ours, stop), name="signals", daemon=True)
    watcher.start()
    descriptor = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, lambda *_: None) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(descriptor)
        theirs.close()
        watcher.join()
        ours.close()


def _watch(ours: socket.socket, stop: Stop) -> None:
    for number in iter(lambda: ours.recv(1), b""):
        if number[0] in ENDING:
            stop.request()
