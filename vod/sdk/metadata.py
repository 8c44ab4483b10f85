"""Signs with the role of an ECS instance, asking for its keys with an end in time and in bytes."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from time import monotonic, time
from typing import Any
from urllib.request import ProxyHandler, Request

from vod.sdk import bounded

ADDRESS = "http://100.100.100.200"

TOKEN_PATH = "/latest/api/token"  # noqa: S105 - an address
TOKEN_LIFE_S = 21_600
"""In hardened mode (ECS documentation, "Access mode of instance metadata") each question carries such a token."""

KEYS_PATH = "/latest/meta-data/ram/security-credentials/"

LARGEST_ANSWER = 64 * 1024

KEPT = 0.9
"""How much of its life a key is used before it is renewed."""

LEAST_KEPT_S = 60.0
"""So long at least: also where this machine's clock says that the key has ended already, and after a failure."""

LONGEST_KEPT_S = 3600 * KEPT


@dataclass(frozen=True)
class _Keys:
    """A temporary key: renewed from ``renew_at`` on, usable until ``ends_at`` (monotonic seconds)."""

    id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    renew_at: float
    ends_at: float


class MetadataSigner:
    """Takes the place of the SDK's EcsRamRoleSigner.

    That one opens the address without a time-out (a call could be signed, and sent, minutes after it was
    decided on), by whatever proxy the environment names, from all threads at once, and knows no hardened mode.
    """

    def __init__(
        self,
        role_name: str,
        *,
        address: str,
        timeout_s: float,
        now: Callable[[], float] = monotonic,
        wall_s: Callable[[], float] = time,
    ) -> None:
        self._role = role_name
        self._address = address
        self._timeout_s = timeout_s
        self._now = now
        self._wall_s = wall_s
        self._lock = threading.Lock()
        self._keys: _Keys | None = None
        self._tried_at: float | None = None
        self._open = bounded.opener(None, ProxyHandler({})).open

    def sign(self, region_id: str, request: Any) -> tuple[Any, Any]:
        """Headers and address of the signed request, as the SDK's signers return them."""
        keys = self._current()
        request.add_query_param("SecurityToken", keys.token)
        return (
            request.get_signed_header(region_id, keys.id, keys.secret),
            request.get_url(region_id, keys.id, keys.secret),
        )

    def _current(self) -> _Keys:
        """Return a key that has not ended; renewed in time, and used on while it cannot be renewed."""
        with self._lock:
            known, now = self._keys, self._now()
            usable = known is not None and now < known.ends_at
            if known is not None and usable and (now < known.renew_at or self._was_tried(now)):
                return known
            self._tried_at = now
            try:
                self._keys = self._fetch()
            except (OSError, ValueError, KeyError, HTTPException):
                if known is None or not usable:
                    raise
                return known
            return self._keys

    def _was_tried(self, now: float) -> bool:
        return self._tried_at is not None and now - self._tried_at < LEAST_KEPT_S

    def _fetch(self) -> _Keys:
        with bounded.limited(total_s=self._timeout_s, largest=LARGEST_ANSWER):
            answer = json.loads(self._ask(Request(self._address + KEYS_PATH + self._role, headers=self._permit())))  # noqa: S310 - ours
        if not isinstance(answer, dict) or answer.get("Code", "Success") != "Success":
            raise ValueError("no keys for this role")
        left_s = _left_s(answer, self._wall_s())
        now = self._now()
        return _Keys(
            str(answer["AccessKeyId"]),
            str(answer["AccessKeySecret"]),
            str(answer["SecurityToken"]),
            renew_at=now + min(LONGEST_KEPT_S, max(LEAST_KEPT_S, left_s * KEPT)),
            ends_at=now + max(LEAST_KEPT_S, left_s),
        )

    def _permit(self) -> Mapping[str, str]:
        """Return what a question carries in hardened mode; nothing where the service gives no such tokens."""
        asked = {"X-aliyun-ecs-metadata-token-ttl-seconds": str(TOKEN_LIFE_S)}
        try:
            token = self._ask(Request(self._address + TOKEN_PATH, method="PUT", headers=asked))  # noqa: S310 - ours
        except (OSError, HTTPException):
            return {}
        return {"X-aliyun-ecs-metadata-token": token.decode("ascii")}

    def _ask(self, request: Request) -> bytes:
        with self._open(request, timeout=self._timeout_s) as answer:
            return bytes(answer.read())


def _left_s(answer: Mapping[str, object], wall_s: float) -> float:
    """Return for how many seconds the keys are good; an hour where the service does not say."""
    try:
        ends = datetime.fromisoformat(str(answer["Expiration"]))
    except (KeyError, ValueError):
        return 3600.0
    return (ends if ends.tzinfo else ends.replace(tzinfo=UTC)).timestamp() - wall_s
