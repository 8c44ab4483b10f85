"""SIGINT and SIGTERM as KeyboardInterrupt, whatever the program inherited: a script's ``&`` has SIGINT ignored."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Raise KeyboardInterrupt at either signal; yield what waits for one. Only in the main thread.

    The wait is for bytes that the interpreter's own C code writes: a signal that comes just as a wait for a lock
    begins is handled when that wait is over, which is never.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    descriptor = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, signal.default_int_handler) for number in ENDING}

    def wait() -> None:
        while ours.recv(1)[0] not in ENDING:
            pass
        raise KeyboardInterrupt

    try:
        yield wait
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(descriptor)
        theirs.close()
        ours.close()
