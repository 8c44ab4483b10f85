"""Lists that people propose from, as files in Slack: had with the bot's token, from Slack alone, and read."""

import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from deletion.plan.library.quota import StopRequestedError
from deletion.terms.requests.list_files import (
    BadList,
    FoundList,
    ListForm,
    ListUnreachedError,
    ListWaitsError,
    WrongList,
)
from handlers.commands.files import bounds
from handlers.commands.files.bounds import UnreadableError
from handlers.slack.api import files, reading_apart
from handlers.slack.api.failures import Failure, trouble
from vod.sdk.bounded import TooLargeError

READ_WITHIN_S = 60.0
"""For reading a file once it is here: 100,000 rows of a workbook take about ten on a slow machine."""

GONE = frozenset({"file_not_found", "file_deleted", "not_visible", "not_in_channel", "channel_not_found"})
GONE_MODES = frozenset({"tombstone", "hidden_by_limit"})


class SlackListFiles:
    """Files by ``files.info`` and their private address (scope ``files:read``).

    One is read at a time: the work on what was approved does not wait for files. ``go_on`` is told that it gets
    somewhere, and says no when the program ends.
    """

    def __init__(
        self, client: WebClient, go_on: Callable[[], bool], *, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._go_on = go_on
        self._monotonic_s = monotonic_s
        self._one_at_a_time = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Say whether a file is being read at the moment."""
        return self._one_at_a_time.locked()

    def read(self, form: ListForm, keep: Callable[[], None]) -> FoundList | BadList:
        """Fetch a file and return what is in it; see ``ListFiles``."""
        if not self._one_at_a_time.acquire(blocking=False):
            raise ListWaitsError
        try:
            return self._read(form, keep)
        finally:
            self._one_at_a_time.release()

    def _read(self, form: ListForm, keep: Callable[[], None]) -> FoundList | BadList:
        def kept() -> None:
            keep()
            if not self._go_on():
                raise StopRequestedError

        try:
            content = self._content(form.file_id, kept)
        except UnreadableError as exc:
            return exc.bad
        until_s = self._monotonic_s() + READ_WITHIN_S

        def go_on() -> None:
            kept()
            if self._monotonic_s() > until_s:
                raise UnreadableError(WrongList.TOO_SLOW, most=round(READ_WITHIN_S))

        return reading_apart.read(content, form, go_on)

    def _content(self, file_id: str, keep: Callable[[], None]) -> bytes:
        try:
            file = self._client.files_info(file=file_id)["file"]
            _refuse_unreadable(file)
            address = str(file.get("url_private_download") or file.get("url_private") or "")
            return files.fetch(self._client, address, keep, largest=bounds.LARGEST)
        except TooLargeError:
            raise UnreadableError(WrongList.TOO_LARGE, most=bounds.LARGEST) from None
        except files.NotShownError:
            raise UnreadableError(WrongList.GONE) from None
        except HTTPError as exc:
            with exc:
                raise ListUnreachedError(f"http_{exc.code}") from None
        except (SlackApiError, SlackClientError, OSError, HTTPException) as exc:
            raise _meaning(exc) from None


def _refuse_unreadable(file: Any) -> None:
    """Refuse what is no file in Slack, is gone, or is larger than any list, before it is fetched."""
    if file.get("mode") in GONE_MODES:
        raise UnreadableError(WrongList.GONE)
    if file.get("is_external") or file.get("mode") == "external":
        raise UnreadableError(WrongList.ELSEWHERE)
    size = int(file.get("size") or 0)
    if size > bounds.LARGEST:
        raise UnreadableError(WrongList.TOO_LARGE, number=size, most=bounds.LARGEST)


def _meaning(exc: Exception) -> UnreadableError | ListUnreachedError:
    found = trouble(exc)
    if found.code == "missing_scope":
        return UnreadableError(WrongList.SCOPE_MISSING)
    if found.code in GONE or found.failure in {Failure.BAD_PLACE, Failure.BAD_MESSAGE}:
        return UnreadableError(WrongList.GONE)
    return ListUnreachedError(found.code, retry_after_ms=found.retry_after_ms)
