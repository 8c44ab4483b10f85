"""The command line: ``python -m bot``."""

import io
import os
import signal
import sys

if __name__ == "__main__":
    # A process 1 (in a container) does not end on SIGTERM unless it has a handler: not even while it is imported.
    # The running program has its own, which ends it in order.
    signal.signal(signal.SIGTERM, lambda number, _: os._exit(128 + number))

import click

from bot.cli import audit, inspect, operating, run, store


@click.group()
def main() -> None:
    """Countersign: deleting media from ApsaraVideo VOD as a two-person act, in Slack."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows a stand-in.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


for command in (
    run.run,
    run.web,
    run.worker,
    store.migrate,
    store.move_store,
    audit.audit,
    operating.list_proposals,
    operating.show,
    operating.show_log,
    operating.stop,
    operating.freeze,
    inspect.check,
    inspect.settings,
    inspect.manifest,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
