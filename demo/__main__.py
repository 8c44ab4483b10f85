"""``python -m demo``: play the story on a local Slack and a local VOD, then go on serving them."""

import sys
from pathlib import Path

import click

from demo import play


@click.command()
@click.option("--once", is_flag=True, help="End after the story.")
@click.option("--socket-mode", is_flag=True, help="Let the bot call Slack instead of Slack the bot.")
@click.option("--shots", help="Take pictures of the workbench into this folder, and end.")
@click.option("--language", default="en", show_default=True, help="What the pictures' channels and people speak.")
def main(*, once: bool, socket_mode: bool, shots: str | None, language: str) -> None:
    """Play the story on a local Slack and a local VOD, then go on serving them."""
    if shots:
        sys.exit(play.picture(Path(shots), language))
    sys.exit(play.play(once=once, socket_mode=socket_mode))


if __name__ == "__main__":
    main()
