"""Looking a person up in Slack, afresh every time: nobody's standing is remembered."""

from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from deletion.terms.people import Actor, LookupFailedError, Person
from handlers.slack.api.failures import trouble

NOBODY = frozenset({"user_not_found", "user_not_visible"})
"""What Slack says of a person who is not there for us. Whatever else it says is about the bot, or the moment."""

LONGEST_PAUSE_MS = 5 * 60 * 1000
"""However long Slack asks for a pause, nobody waits longer before asking again."""


class SlackDirectory:
    """People, by ``users.info`` (scope ``users:read``). An answer about somebody else is no answer.

    In an Enterprise Grid one person has an id in each workspace and one of the Grid: Slack may answer with another
    id than it was asked about, and names that of the Grid, by which people are told apart (``Person.identity``).

    ``learn`` is given every user object that Slack answered with: for names and languages, never for rights.
    """

    def __init__(self, client: WebClient, learn: Callable[[Mapping[str, Any]], None] = lambda _: None) -> None:
        self._client = client
        self._learn = learn

    def read(self, actor: Actor) -> Person:
        """Return a person; LookupFailedError when Slack cannot or will not say who this is."""
        try:
            user = self._client.users_info(user=actor.user, include_locale=True)["user"]
            person = _person(user, actor.user)
            self._learn(user)
        except (SlackApiError, SlackClientError, OSError, HTTPException) as exc:
            found = trouble(exc)
            raise LookupFailedError(
                f"users.info: {found.code}",
                is_final=found.code in NOBODY,
                retry_after_ms=min(found.retry_after_ms, LONGEST_PAUSE_MS),
            ) from None
        except (ValueError, KeyError, TypeError) as exc:
            raise LookupFailedError(f"users.info: {type(exc).__name__}") from None
        return person


def _person(user: Mapping[str, Any], asked: str) -> Person:
    """Read Slack's user object; a flag that is missing where it must be is a failed lookup (KeyError).

    Deactivated accounts and strangers come without the flags of guests; everybody else must have them.
    """
    deleted = bool(user["deleted"])
    is_stranger = bool(user.get("is_stranger")) or bool(user.get("is_invited_user"))
    excused = {"is_restricted": False, "is_ultra_restricted": False} if deleted or is_stranger else {}
    flags = {**excused, **user}
    grid = user.get("enterprise_user") or {}
    enterprise = str(grid["id"]) if grid else None
    if asked != user["id"] and enterprise is None:
        raise LookupFailedError("users.info: about somebody else", is_final=True)
    return Person(
        actor=Actor(str(user["team_id"]), asked),
        deleted=deleted,
        is_bot=bool(user["is_bot"]) or "USLACKBOT" in {asked, user["id"]} or bool(user.get("is_workflow_bot")),
        is_guest=bool(flags["is_restricted"]) or bool(flags["is_ultra_restricted"]),
        is_stranger=is_stranger,
        enterprise=enterprise,
        teams=frozenset(map(str, grid.get("teams") or ())),
        tz=str(user.get("tz") or ""),
        utc_offset_s=_offset_s(user.get("tz_offset")),
    )


def _offset_s(told: object) -> int:
    """Read how far a time zone is from UTC, in seconds; what cannot be is none."""
    return told if isinstance(told, int) and abs(told) < 24 * 3600 else 0
