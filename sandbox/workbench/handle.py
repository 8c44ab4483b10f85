"""What the workbench can do to the bot's process; given by whoever started the bot."""

from typing import Protocol


class BotHandle(Protocol):
    """A bot's process. Its methods are called from threads of the workbench, never two at once."""

    def kill(self) -> None:
        """End it at once, as `kill -9` does, and return when it is gone."""

    def start(self) -> None:
        """Start it again with the same settings and database; return when Slack can reach it."""

    def is_running(self) -> bool:
        """Say whether the process lives."""
