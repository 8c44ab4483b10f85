"""One call to VOD through the Alibaba SDK: sent once, then read, or raised as what its failure proves."""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.http import protocol_type

from vod.sdk import metadata
from vod.sdk.credentials import Credentials, EcsRole, for_sdk
from vod.sdk.endpoint import Endpoint
from vod.sdk.error_mapping import fault_of, unreadable
from vod.sdk.errors import VodError
from vod.sdk.gate import WithheldError
from vod.sdk.json_values import Answer, UnreadableError
from vod.sdk.silence import silence_sdk
from vod.sdk.transport import Carrier

T = TypeVar("T")
NO_PROXY = {"http": None, "https": None}  # an empty mapping would send the SDK to the environment


Heard = Callable[[str, VodError | None], None]
"""Is told what came of each call to VOD, by its action; None: an answer."""


class Wire:
    """One shared SDK client. Safe to use from many threads: every call has a request object of its own."""

    def __init__(  # noqa: PLR0913 - everything about the way to VOD
        self,
        credentials: Credentials,
        endpoint: Endpoint,
        *,
        connect_timeout_s: float,
        read_timeout_s: float,
        proxies: Mapping[str, str] | None,
        environ: Mapping[str, str] | None,
        heard: Heard,
    ) -> None:
        self._heard = heard
        if connect_timeout_s <= 0 or read_timeout_s <= 0:
            raise ValueError("time-outs are more than 0 seconds")
        silence_sdk()
        self._protocol = _protocol(endpoint)
        self._client = AcsClient(
            region_id=endpoint.region,
            auto_retry=False,
            connect_timeout=connect_timeout_s,
            timeout=read_timeout_s,
            proxy=_proxy(endpoint, proxies),
            verify=_bundle(os.environ if environ is None else environ),
            **for_sdk(credentials, environ),
        )
        self._client.add_endpoint(endpoint.region, "vod", endpoint.host)
        if isinstance(credentials, EcsRole):
            self._client._signer = metadata.MetadataSigner(  # noqa: SLF001 - there is no public way to set one
                credentials.role_name,
                address=metadata.ADDRESS,
                timeout_s=connect_timeout_s,
            )
        self._client.session.trust_env = False  # or ~/.netrc would add an Authorization header
        # What is packed small can be large; it is unpacked within bounds all the same.
        self._client.session.headers["Accept-Encoding"] = "identity"
        for scheme in ("http://", "https://"):
            self._client.session.mount(scheme, Carrier())

    def call(
        self,
        request_class: Callable[[], Any],
        parameters: Mapping[str, str],
        read: Callable[[Answer], T],
        *,
        at: Endpoint | None = None,
    ) -> T:
        """Send one request and read VOD's answer, an object with a RequestId. Raises VodError, or WithheldError.

        ``at`` is where another service than VOD answers.
        """
        request = request_class()
        request.set_protocol_type(self._protocol if at is None else _protocol(at))
        if at is not None:
            request.set_endpoint(at.host)
        for name, value in parameters.items():
            request.add_query_param(name, value)
        action = str(request.get_action_name())
        try:
            body = self._client.do_action_with_exception(request)
        except WithheldError:
            raise
        except Exception as error:  # noqa: BLE001 - the SDK lets UnicodeDecodeError, IndexError and others through
            fault = fault_of(error, action, signed=bool(request.string_to_sign))
        else:
            found = _read(body, action, read)
            if at is None:
                self._heard(action, None)
            return found
        # Outside the except block: the foreign exception must not become the context of ours.
        if at is None:
            self._heard(action, fault)
        raise fault

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.session.close()


def _protocol(endpoint: Endpoint) -> object:
    """How to get there. The SDK compares by identity: any "https" but its own constant goes out in the clear."""
    return protocol_type.HTTPS if endpoint.tls else protocol_type.HTTP


def _bundle(environ: Mapping[str, str]) -> str | None:
    """The file of certificates to trust; None for the SDK's own. One setting serves Slack, VOD and images alike."""
    return environ.get("ALIBABA_CLOUD_CA_BUNDLE") or environ.get("SSL_CERT_FILE") or None


def _proxy(endpoint: Endpoint, proxies: Mapping[str, str] | None) -> dict[str, str | None] | None:
    """What the SDK is to use: nothing towards this host, what was given, or (None) what the environment names."""
    if endpoint.loopback or proxies == {}:
        return dict(NO_PROXY)
    return None if proxies is None else dict(proxies)


def _read(body: object, action: str, read: Callable[[Answer], T]) -> T:
    request_id = None
    try:
        answer = _record(json.loads(body) if isinstance(body, bytes | str) else None)
        request_id = _request_id(answer)
        return read(answer)
    except (ValueError, RecursionError):  # not JSON, not in any shape we know, or nested beyond reason
        fault = unreadable(action, request_id)
    raise fault


def _record(answer: object) -> Answer:
    if not isinstance(answer, dict) or "Code" in answer:
        raise UnreadableError("not an answer of VOD")
    return answer


def _request_id(answer: Answer) -> str:
    request_id = answer.get("RequestId")
    if not isinstance(request_id, str) or not request_id:
        raise UnreadableError("an answer without a RequestId")
    return request_id
