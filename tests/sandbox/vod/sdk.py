"""The real Alibaba SDK, pointed at a local VOD, with one word per thing a test wants to know."""

import json
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.http import protocol_type

from sandbox.vod import VodSandbox


@dataclass(frozen=True)
class Refusal:
    """What the SDK made of an error answer."""

    code: str
    status: int
    message: str


class Sdk:
    """Calls operations by name through the real SDK; a new request object each time, as it demands."""

    def __init__(self, sandbox: VodSandbox, *, key: str = "", secret: str = "", timeout_s: float = 10) -> None:
        self._client = AcsClient(
            key or sandbox.access_key_id,
            secret or sandbox.access_key_secret,
            sandbox.region,
            auto_retry=False,
            connect_timeout=3,
            timeout=timeout_s,
            proxy={"http": None, "https": None},
        )
        self._client.add_endpoint(sandbox.region, "vod", sandbox.endpoint)

    def raw(self, action: str, **parameters: Any) -> bytes:
        """The body of a 2xx answer, whatever it is."""
        module = import_module(f"aliyunsdkvod.request.v20170321.{action}Request")
        request = getattr(module, f"{action}Request")()
        request.set_protocol_type(protocol_type.HTTP)
        for name, value in parameters.items():
            request.add_query_param(name, value)
        answer: bytes = self._client.do_action_with_exception(request)
        return answer

    def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        """The answer without its RequestId."""
        answer: dict[str, Any] = json.loads(self.raw(action, **parameters))
        assert answer.pop("RequestId")
        return answer

    def refusal(self, action: str, **parameters: Any) -> Refusal:
        """The error this call gets; fails if it gets none."""
        with pytest.raises(ServerException) as caught:
            self.raw(action, **parameters)
        error = caught.value
        return Refusal(error.get_error_code(), error.get_http_status(), error.get_error_msg())

    def code(self, action: str, **parameters: Any) -> tuple[int, str]:
        """HTTP status and code of the error this call gets."""
        refusal = self.refusal(action, **parameters)
        return refusal.status, refusal.code

    def broken(self, action: str, **parameters: Any) -> str:
        """What the SDK says of a call that got no answer."""
        with pytest.raises(ClientException) as caught:
            self.raw(action, **parameters)
        assert caught.value.get_error_code() == "SDK.HttpError"
        message: str = caught.value.get_error_msg()
        return message
