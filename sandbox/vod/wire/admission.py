"""The gateway's questions to every request: version, key, clock, signature, nonce."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sandbox.vod.wire import errors
from sandbox.vod.wire.signature import matches, string_to_sign

API_VERSION = "2017-03-21"
ACCESS_KEY_ID = "sandbox-key-id"
ACCESS_KEY_SECRET = "sandbox-key-secret"
TOLERANCE = timedelta(minutes=15)

_NEEDED = (
    "Action",
    "AccessKeyId",
    "Timestamp",
    "SignatureNonce",
    "SignatureMethod",
    "SignatureVersion",
    "Signature",
)


class Admission:
    """Remembers the nonces it has seen. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nonces: dict[str, datetime] = {}

    def check(self, method: str, parameters: Mapping[str, str]) -> None:
        """Let the request in, or raise the gateway's error.

        The timestamp is held against real time, not the sandbox's clock: the caller lives in real time.
        """
        _check_common(parameters)
        now = datetime.now(UTC)
        if abs(now - _moment(parameters["Timestamp"])) > TOLERANCE:
            raise errors.stale_timestamp()
        if not matches(method, parameters, ACCESS_KEY_SECRET):
            raise errors.signature_mismatch(string_to_sign(method, parameters))
        self._use_up(parameters["SignatureNonce"], now)

    def _use_up(self, nonce: str, now: datetime) -> None:
        with self._lock:
            self._forget_before(now - 2 * TOLERANCE)
            if nonce in self._nonces:
                raise errors.nonce_used()
            self._nonces[nonce] = now

    def _forget_before(self, moment: datetime) -> None:
        # Requests that old are refused for their timestamp. The dict is in order of arrival: only its front is old.
        while self._nonces and self._nonces[next(iter(self._nonces))] < moment:
            del self._nonces[next(iter(self._nonces))]


def _check_common(parameters: Mapping[str, str]) -> None:
    for name in _NEEDED:
        if not parameters.get(name):
            raise errors.missing(name)
    if parameters.get("Version") != API_VERSION:
        raise errors.unknown_version()
    if parameters.get("Format", "XML").upper() != "JSON":
        raise errors.invalid("Format", "only JSON is spoken here")
    if parameters["SignatureMethod"] != "HMAC-SHA1" or parameters["SignatureVersion"] != "1.0":
        raise errors.invalid("SignatureMethod", "only HMAC-SHA1, version 1.0, is spoken here")
    if parameters["AccessKeyId"] != ACCESS_KEY_ID:
        raise errors.unknown_key()


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise errors.invalid("Timestamp", "it must look like 2017-03-21T12:00:00Z") from None
