"""The local VOD as tests and the demo hold it: start it, look into it, tell it to misbehave."""

from types import TracebackType
from typing import Self

from starlette.applications import Starlette

from sandbox.clock import Clock
from sandbox.serving import Served, serve
from sandbox.vod.control.routes import Control
from sandbox.vod.model.faults import Faults
from sandbox.vod.model.ledger import Ledger
from sandbox.vod.model.library import Library
from sandbox.vod.model.seed import seed
from sandbox.vod.wire.gate.admission import ACCESS_KEY_ID, ACCESS_KEY_SECRET, TEMPORARY_KEY, TEMPORARY_KEY_ID
from sandbox.vod.wire.gateway import Gateway, UnknownCall
from sandbox.vod.wire.identity import ACCOUNT
from sandbox.vod.wire.routes import api_routes

__all__ = ["UnknownCall", "VodSandbox"]


class VodSandbox:
    """A running local VOD. Use as a context manager, or call `stop()`.

    `url` is "http://127.0.0.1:PORT"; `endpoint` and `image_domain` are its host and port.
    """

    region = "cn-shanghai"
    access_key_id = ACCESS_KEY_ID
    access_key_secret = ACCESS_KEY_SECRET
    temporary_key_id = TEMPORARY_KEY_ID
    temporary_key = TEMPORARY_KEY

    def __init__(self, gateway: Gateway, served: Served) -> None:
        self._gateway = gateway
        self._served = served

    @classmethod
    def start(
        cls,
        *,
        port: int = 0,
        seed_library: bool = True,
        clock: Clock | None = None,
        address: str | None = None,
        account: str = ACCOUNT,
    ) -> Self:
        """Serve on loopback (port 0: a free one). Raises OSError if the port is in use.

        `address` ("http://media.example") is where pictures are said to be, in place of the sandbox's own: facts
        of media are then the same at any port. `account` is whose library it is, as STS tells.
        """
        clock = clock or Clock()
        gateway = Gateway(clock, Library(clock), address=address, account=account)
        if seed_library:
            seed(gateway.library, clock)
        application = Starlette(routes=[*api_routes(gateway), *Control(gateway).routes()])
        return cls(gateway, serve(application, port))

    def stop(self) -> None:
        """Stop serving."""
        self._served.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """No trailing slash."""
        return self._served.url

    @property
    def endpoint(self) -> str:
        """Host and port, as the SDK's `add_endpoint` wants it."""
        return self.url.removeprefix("http://")

    @property
    def image_domain(self) -> str:
        """Host and port of every CoverURL and image URL."""
        return self.endpoint

    @property
    def account(self) -> str:
        """The id of the account whose library this is; it may be set."""
        return self._gateway.account

    @account.setter
    def account(self, account: str) -> None:
        self._gateway.account = account

    @property
    def clock(self) -> Clock:
        """Moves quotas, late removals and the dates of changes."""
        return self._gateway.clock

    @property
    def library(self) -> Library:
        """What there is."""
        return self._gateway.library

    @property
    def ledger(self) -> Ledger:
        """Every delete call received."""
        return self._gateway.ledger

    @property
    def faults(self) -> Faults:
        """What goes wrong, and when."""
        return self._gateway.faults

    @property
    def quotas(self) -> dict[str, int | None]:
        """Calls per second by operation; None is no limit. Change it in place."""
        return self._gateway.quotas.limits

    @property
    def unknown_calls(self) -> tuple[UnknownCall, ...]:
        """Calls of actions or with parameters the sandbox does not know. Should stay empty."""
        return tuple(self._gateway.unknown_calls)
