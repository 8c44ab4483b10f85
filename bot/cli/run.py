"""``python -m bot run``, ``web`` and ``worker``: the running program, whole or in halves."""

import sys

import click

from bot import wiring
from bot.cli.exits import FAILED, result_or_exit, settings_or_exit
from bot.runtime import logs, program
from bot.runtime.worker import Stop


@click.command()
def run() -> None:
    """Everything in one process: Slack (Socket Mode or HTTP) and the worker."""
    _run(web=True, worker=True)


@click.command()
def web() -> None:
    """Only what Slack talks to; a worker has to run beside it."""
    _run(web=True, worker=False)


@click.command()
def worker() -> None:
    """Only the worker: reading VOD, deleting, sending messages."""
    _run(web=False, worker=True)


def _run(*, web: bool, worker: bool) -> None:
    settings = settings_or_exit()
    logs.configure(settings.log_level)
    stop = Stop()

    def work() -> bool:
        return program.start_and_run(
            settings, lambda starting: wiring.start(settings, starting), stop, web=web, worker=worker
        )

    if not result_or_exit(work):
        sys.exit(FAILED)
