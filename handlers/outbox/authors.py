"""Who we are in Slack, so that our own messages are told from those that somebody else made look like them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ourselves:
    """This app in its workspace, as ``auth.test`` names it: its user, and its bot ('' where Slack did not say)."""

    user: str
    bot: str

    def wrote(self, seen: Any) -> bool:
        """Say whether a message that Slack shows is ours: Slack says who wrote it, whatever the message says."""
        return seen.get("user") == self.user and (not self.bot or seen.get("bot_id", self.bot) == self.bot)
