"""Looking a person up in Slack, afresh every time: nobody's standing is remembered."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from deletion.terms.people import Actor, LookupFailedError, Person


class SlackDirectory:
    """People, by ``users.info`` (scope ``users:read``).

    ``learn`` is given every user object that Slack answered with: for names and languages, never for rights.
    """

    def __init__(self, client: WebClient, learn: Callable[[Mapping[str, Any]], None] = lambda _: None) -> None:
        self._client = client
        self._learn = learn

    def read(self, actor: Actor) -> Person:
        """Return a person; LookupFailedError when Slack cannot or will not say who this is."""
        try:
            user = self._client.users_info(user=actor.user, include_locale=True)["user"]
            person = _person(user)
            self._learn(user)
        except SlackApiError as exc:
            raise LookupFailedError(f"users.info: {exc.response.get('error', 'no answer')}") from None
        except (SlackClientError, OSError, ValueError, KeyError, TypeError) as exc:
            raise LookupFailedError(f"users.info: {type(exc).__name__}") from None
        return person


def _person(user: dict[str, Any]) -> Person:
    """Read Slack's user object; a flag that is missing where it must be is a failed lookup (KeyError).

    Deactivated accounts and strangers come without the flags of guests; everybody else must have them.
    """
    deleted = bool(user["deleted"])
    is_stranger = bool(user.get("is_stranger")) or bool(user.get("is_invited_user"))
    excused = {"is_restricted": False, "is_ultra_restricted": False} if deleted or is_stranger else {}
    flags = {**excused, **user}
    return Person(
        actor=Actor(str(user["team_id"]), str(user["id"])),
        deleted=deleted,
        is_bot=bool(user["is_bot"]) or user["id"] == "USLACKBOT" or bool(user.get("is_workflow_bot")),
        is_guest=bool(flags["is_restricted"]) or bool(flags["is_ultra_restricted"]),
        is_stranger=is_stranger,
    )
