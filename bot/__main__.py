"""The command line: ``python -m bot``."""

import click

from bot.cli import audit, inspect, run, store


@click.group()
def main() -> None:
    """Countersign: deleting media from ApsaraVideo VOD as a two-person act, in Slack."""


for command in (
    run.run,
    run.web,
    run.worker,
    store.migrate,
    store.move_store,
    audit.audit,
    inspect.check,
    inspect.settings,
    inspect.manifest,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
