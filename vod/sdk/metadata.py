"""Signs with the role of an ECS instance, asking for its token with a time limit the SDK's own signer lacks."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import httpx

ADDRESS = "http://100.100.100.200/latest/meta-data/ram/security-credentials/"
KEPT_S = 3600 * 0.9  # as long as the SDK keeps such a token


class MetadataSigner:
    """Takes the place of the SDK's EcsRamRoleSigner.

    That one opens the address without a time-out (a call could be signed, and sent, minutes after it was
    decided on), by whatever proxy the environment names, and from all threads at once.
    """

    def __init__(
        self,
        role_name: str,
        *,
        address: str,
        timeout_s: float,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._url = address + role_name
        self._timeout_s = timeout_s
        self._now = now
        self._lock = threading.Lock()
        self._token: tuple[str, str, str] | None = None
        self._until = 0.0

    def sign(self, region_id: str, request: Any) -> tuple[Any, Any]:
        """Headers and address of the signed request, as the SDK's signers return them."""
        key_id, secret, token = self._current()
        request.add_query_param("SecurityToken", token)
        return (
            request.get_signed_header(region_id, key_id, secret),
            request.get_url(region_id, key_id, secret),
        )

    def _current(self) -> tuple[str, str, str]:
        with self._lock:
            if self._token is None or self._now() >= self._until:
                self._token = self._fetch()
                self._until = self._now() + KEPT_S
            return self._token

    def _fetch(self) -> tuple[str, str, str]:
        with httpx.Client(timeout=self._timeout_s, trust_env=False) as client:
            answer = client.get(self._url).raise_for_status().json()
        return str(answer["AccessKeyId"]), str(answer["AccessKeySecret"]), str(answer["SecurityToken"])
