import os
import signal
import threading

import pytest

from bot.runtime import signals
from bot.runtime.worker import Stop

ROUNDS = 300


def test_no_signal_is_lost_however_soon_it_comes() -> None:
    lost = [spin for spin in range(ROUNDS) if _is_lost(spin % 40 * 20)]

    assert lost == []


def _is_lost(spin: int) -> bool:
    """Send a signal about when the wait begins; say whether the wait had to be ended by other means."""
    stop, begun = Stop(), threading.Event()

    def send() -> None:
        begun.wait()
        for _ in range(spin):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    sender, rescue = threading.Thread(target=send), threading.Timer(5, stop.request)
    sender.start()
    rescue.start()
    with signals.ending(stop):
        begun.set()
        stop.wait()
    rescued = not rescue.is_alive()
    rescue.cancel()
    sender.join()
    rescue.join()
    return rescued


@pytest.mark.parametrize("number", signals.ENDING)
def test_a_signal_that_comes_again_and_again_asks_once(number: signal.Signals) -> None:
    stop = Stop()
    with signals.ending(stop):
        for _ in range(100):
            os.kill(os.getpid(), number)
        stop.wait()

    assert stop.requested


def test_other_signals_ask_for_nothing() -> None:
    stop = Stop()
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with signals.ending(stop):
            os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert not stop.requested


def test_afterwards_everything_is_as_it_was() -> None:
    before = {number: signal.getsignal(number) for number in signals.ENDING}
    threads = threading.active_count()
    with signals.ending(Stop()):
        pass

    assert {number: signal.getsignal(number) for number in signals.ENDING} == before
    assert threading.active_count() == threads
    assert signal.set_wakeup_fd(-1) == -1
