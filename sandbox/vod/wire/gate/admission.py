"""The gateway's questions to every request: version, key, clock, signature, nonce."""

import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.vod.wire import errors
from sandbox.vod.wire.gate import acs3
from sandbox.vod.wire.gate.signature import matches, string_to_sign

API_VERSION = "2017-03-21"
VERSIONS = {"GetCallerIdentity": "2015-04-01"}  # of STS, which is played at the same address
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

_NEEDED_HEADERS = ("x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256")


@dataclass(frozen=True)
class Key:
    """An access key; a temporary one is worth nothing without its token."""

    secret: str
    token: str | None = None


TEMPORARY_KEY_ID = "STS.sandbox-key-id"
TEMPORARY_KEY = Key("sandbox-temporary-secret", "sandbox-security-token")

KEYS: Mapping[str, Key] = {ACCESS_KEY_ID: Key(ACCESS_KEY_SECRET), TEMPORARY_KEY_ID: TEMPORARY_KEY}


@dataclass(frozen=True)
class Arrival:
    """A request as it reached the gateway; `headers` by lower-case name, `parameters` of query and form."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    parameters: Mapping[str, str]

    @property
    def is_acs3(self) -> bool:
        """Whether it is signed in the newer way, by an `Authorization` header."""
        return self.headers.get("authorization", "").startswith(acs3.ALGORITHM)

    @property
    def call_parameters(self) -> dict[str, str]:
        """The parameters of the call, its action and version among them wherever they stand."""
        if not self.is_acs3:
            return dict(self.parameters)
        named = {"Action": "x-acs-action", "Version": "x-acs-version"}
        return {**self.parameters, **{name: self.headers.get(header, "") for name, header in named.items()}}


class Admission:
    """Remembers the nonces it has seen. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nonces: dict[str, datetime] = {}

    def check(self, arrival: Arrival) -> None:
        """Let the request in, or raise the gateway's error.

        The timestamp is held against real time, not the sandbox's clock: the caller lives in real time.
        """
        if arrival.is_acs3:
            self._check_acs3(arrival)
        else:
            self._check_rpc(arrival.method, arrival.parameters)

    def _check_rpc(self, method: str, parameters: Mapping[str, str]) -> None:
        _check_common(parameters)
        now = datetime.now(UTC)
        _check_clock(parameters["Timestamp"], now)
        key = _key(parameters["AccessKeyId"], parameters.get("SecurityToken"))
        if not matches(method, parameters, key.secret):
            raise errors.signature_mismatch(string_to_sign(method, parameters))
        self._use_up(parameters["SignatureNonce"], now)

    def _check_acs3(self, arrival: Arrival) -> None:
        given = acs3.authorization(arrival.headers["authorization"])
        if given is None:
            raise errors.invalid("Authorization", "it must name Credential, SignedHeaders and Signature")
        headers = arrival.headers
        for name in _NEEDED_HEADERS:
            if not headers.get(name):
                raise errors.missing(name)
        _check_version(arrival.call_parameters)
        now = datetime.now(UTC)
        _check_clock(headers["x-acs-date"], now)
        key = _key(given.access_key_id, headers.get("x-acs-security-token"))
        canonical = acs3.canonical_request(
            arrival.method, arrival.path, arrival.query, headers, given.signed_headers
        )
        is_whole = set(given.signed_headers) >= acs3.MUST_BE_SIGNED
        is_ours = headers["x-acs-content-sha256"] == hashlib.sha256(arrival.body).hexdigest()
        if not (is_whole and is_ours and hmac.compare_digest(given.signature, acs3.sign(canonical, key.secret))):
            raise errors.signature_mismatch(acs3.string_to_sign(canonical))
        self._use_up(headers["x-acs-signature-nonce"], now)

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
    _check_version(parameters)
    if parameters.get("Format", "XML").upper() != "JSON":
        raise errors.invalid("Format", "only JSON is spoken here")
    if parameters["SignatureMethod"] != "HMAC-SHA1" or parameters["SignatureVersion"] != "1.0":
        raise errors.invalid("SignatureMethod", "of signatures in parameters only HMAC-SHA1, version 1.0, is known")


def _check_version(parameters: Mapping[str, str]) -> None:
    if parameters.get("Version") != VERSIONS.get(parameters.get("Action", ""), API_VERSION):
        raise errors.unknown_version()


def _check_clock(text: str, now: datetime) -> None:
    if abs(now - _moment(text)) > TOLERANCE:
        raise errors.stale_timestamp()


def _key(access_key_id: str, token: str | None) -> Key:
    """The key of this id. A token belongs to one temporary key, and to no other."""
    key = KEYS.get(access_key_id)
    if key is None:
        raise errors.unknown_key()
    if key.token is not None and not token:
        raise errors.missing("SecurityToken")
    if token and token != key.token:
        raise errors.token_mismatch()
    return key


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise errors.invalid("Timestamp", "it must look like 2017-03-21T12:00:00Z") from None
