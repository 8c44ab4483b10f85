import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.vod.hostile import HostileServer, Script
from vod.api.client import Endpoint, VodClient
from vod.sdk.credentials import AccessKey

KEY = AccessKey("LTAIexampleKeyId", "exampleSecretNobodyMaySee")


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("ALIYUN_ACCESS_KEY_ID", "ALIYUN_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_CA_BUNDLE", "DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def hostile() -> Iterator[Callable[[Script | Callable[[dict[str, str]], Script]], HostileServer]]:
    with contextlib.ExitStack() as stack:

        def start(answer: Script | Callable[[dict[str, str]], Script]) -> HostileServer:
            server = HostileServer(answer)
            stack.callback(server.stop)
            return server

        yield start


@pytest.fixture
def client_of() -> Iterator[Callable[..., VodClient]]:
    with contextlib.ExitStack() as stack:

        def build(address: str, **options: Any) -> VodClient:
            credentials = options.pop("credentials", KEY)
            options = {"connect_timeout_s": 2.0, "read_timeout_s": 5.0, **options}
            return stack.enter_context(VodClient(credentials, Endpoint("cn-shanghai", address), **options))

        yield build
