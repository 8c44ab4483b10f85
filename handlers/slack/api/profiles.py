"""What people are called and which language they read: remembered for a while, for messages, never for rights."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers.text.language import ENGLISH, Language, for_locale

REMEMBERED_S = 3_600
"""How long a profile is good for: people rarely change theirs."""

RETRY_S = 60
"""How soon a person is asked about again who could not be looked up, and anybody after a slow answer."""

SLOW_S = 1.0
"""An answer that takes longer is the last one for a while."""

MOST = 2_000
"""People remembered at once; the one asked for longest ago is forgotten first."""

WANTED_MOST = 100
"""People to be looked up when there is time; of more, the rest is looked up the next time they are met."""


@dataclass(frozen=True)
class Profile:
    """What a person is called, and what they read; None: Slack did not say."""

    name: str | None = None
    language: Language | None = None


@dataclass(frozen=True)
class _Remembered:
    profile: Profile
    until_s: float


class Profiles:
    """Profiles, by ``users.info`` with the locale (scope ``users:read``). ``default``: the language of the unknown.

    One call to Slack per unknown person, no longer than the client's time-out. After a slow one nobody is asked
    about for a while: a message is sent without names, and in the default language, rather than late.
    """

    def __init__(
        self, client: WebClient, default: Language, *, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._default = default
        self._monotonic_s = monotonic_s
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._wanted: set[str] = set()
        self._silent_until_s = 0.0
        self._lock = threading.Lock()

    def name(self, user: str) -> str | None:
        """Return what a Slack user is called; None when Slack does not say. May ask Slack."""
        return self._profile(user).name

    def language(self, user: str) -> Language:
        """Return the language a Slack user reads. May ask Slack."""
        return self._profile(user).language or self._default

    def known_language(self, user: str) -> Language:
        """Return the language a Slack user is known to read. Never asks Slack: for answers that cannot wait.

        Who is not known is looked up later, by ``look_up_one``.
        """
        now_s = self._monotonic_s()
        with self._lock:
            found = self._remembered.get(user)
            if (found is None or now_s >= found.until_s) and len(self._wanted) < WANTED_MOST:
                self._wanted.add(user)
        return (found.profile.language if found else None) or self._default

    def look_up_one(self) -> bool:
        """Ask Slack about one person whom an answer could not wait for; False when there is none."""
        with self._lock:
            user = self._wanted.pop() if self._wanted else None
        if user is None:
            return False
        self._profile(user)
        return True

    def learn(self, record: Mapping[str, Any]) -> None:
        """Remember a profile from a user object that Slack was asked for anyway."""
        self._remember(str(record["id"]), _profile(record), REMEMBERED_S)

    def _profile(self, user: str) -> Profile:
        now_s = self._monotonic_s()
        with self._lock:
            found = self._remembered.get(user)
            if found is not None and now_s < found.until_s:
                self._remembered.move_to_end(user)
                return found.profile
            silent = now_s < self._silent_until_s
        old = found.profile if found else Profile()
        if silent:
            return old
        asked = self._ask(user)
        return self._remember(user, asked or old, REMEMBERED_S if asked else RETRY_S)

    def _ask(self, user: str) -> Profile | None:
        asked_s = self._monotonic_s()
        try:
            return _profile(self._client.users_info(user=user, include_locale=True)["user"])
        except (SlackApiError, SlackClientError, OSError, HTTPException, ValueError, KeyError, TypeError):
            return None
        finally:
            if self._monotonic_s() - asked_s > SLOW_S:
                with self._lock:
                    self._silent_until_s = self._monotonic_s() + RETRY_S

    def _remember(self, user: str, profile: Profile, for_s: float) -> Profile:
        until_s = self._monotonic_s() + for_s
        with self._lock:
            self._remembered[user] = _Remembered(profile, until_s)
            self._remembered.move_to_end(user)
            while len(self._remembered) > MOST:
                self._remembered.popitem(last=False)
        return profile


def _profile(user: Mapping[str, Any]) -> Profile:
    """Read Slack's user object; whoever reads a language that there is no catalogue of reads English."""
    profile = user.get("profile")
    shown = profile.get("display_name") if isinstance(profile, Mapping) else None
    names = (shown, user.get("real_name"), user.get("name"))
    name = next((str(each).strip() for each in names if each and str(each).strip()), None)
    locale = str(user.get("locale") or "")
    return Profile(name, (for_locale(locale) or ENGLISH) if locale else None)
