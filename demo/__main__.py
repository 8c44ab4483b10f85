"""``python -m demo``: play the story on a local Slack and a local VOD, then go on serving them."""

import sys
from pathlib import Path

import click

from demo import play


@click.command()
@click.option("--once", is_flag=True, help="End after the story.")
@click.option("--socket-mode", is_flag=True, help="Let the bot call Slack instead of Slack the bot.")
@click.option("--shots", help="Take pictures of the workbench into this folder, and end.")
def main(*, once: bool, socket_mode: bool, shots: str | None) -> None:
    """Play the story on a local Slack and a local VOD, then go on serving them."""
    sys.exit(play.picture(Path(shots)) if shots else play.play(once=once, socket_mode=socket_mode))


if __name__ == "__main__":
    main()
