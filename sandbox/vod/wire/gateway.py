"""The API root: takes one RPC call through admission, quota, fault and operation to its answer on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.clock import Clock
from sandbox.serving import DroppedConnection, wait_unless_disconnected
from sandbox.vod.model.faults import PICTURE, Fault, FaultKind, Faults, is_delete
from sandbox.vod.model.ledger import DeleteCall, Ledger
from sandbox.vod.model.library import Library
from sandbox.vod.model.quotas import Quotas
from sandbox.vod.wire import errors
from sandbox.vod.wire.call import COMMON_PARAMETERS, Call, Delete, Operation, split
from sandbox.vod.wire.deletes import DELETES, url_as_named
from sandbox.vod.wire.errors import ApiError
from sandbox.vod.wire.execution import Outcome, carry_out, refused, show_image
from sandbox.vod.wire.gate.admission import Admission, Arrival
from sandbox.vod.wire.identity import ACCOUNT, GET_CALLER_IDENTITY
from sandbox.vod.wire.reads import READS
from sandbox.vod.wire.search import SEARCH_MEDIA

OPERATIONS: Mapping[str, Operation] = {
    **READS,
    **DELETES,
    "SearchMedia": SEARCH_MEDIA,
    "GetCallerIdentity": GET_CALLER_IDENTITY,
}

# What may name media, in any read or delete; a fault can be aimed at these ids.
_NAMING = ("VideoId", "VideoIds", "MediaIds", "JobIds", "ImageId", "ImageIds", "ImageURLs")


@dataclass(frozen=True)
class UnknownCall:
    """A call the sandbox did not recognise: an action it does not have, or parameters the action does not have."""

    action: str
    parameters: tuple[str, ...]


@dataclass
class Gateway:
    """Everything one call touches. `unknown_calls` should stay empty; `address` None is where a call found us.

    `account` is whose library this is, as STS tells the caller.
    """

    clock: Clock
    library: Library
    address: str | None = None
    account: str = ACCOUNT
    ledger: Ledger = field(default_factory=Ledger)
    faults: Faults = field(default_factory=Faults)
    quotas: Quotas = field(default_factory=Quotas)
    admission: Admission = field(default_factory=Admission)
    unknown_calls: list[UnknownCall] = field(default_factory=list)

    async def endpoint(self, request: Request) -> Response:
        """`GET /` and `POST /`: parameters in the query string, a form body, or both."""
        address = self.address or str(request.base_url).rstrip("/")
        arrival = await _arrival(request)
        call = Call(arrival.call_parameters, address, self.library, account=self.account)
        fault: Fault | None = None
        try:
            operation = self._admitted(arrival, call)
            fault = self.faults.take(call.action, _named(call, _NAMING))
            outcome = carry_out(call, operation, fault)
        except ApiError as error:
            outcome = refused(error)
        if is_delete(call.action):
            self._record(call, outcome, fault)
        return await _answered(outcome, request, fault)

    async def image(self, request: Request) -> Response:
        """`GET /image/...`: an image at its own address."""
        path = f"/image/{request.path_params['path']}"
        fault = self.faults.take(PICTURE, (path,))
        outcome = await run_in_threadpool(show_image, self.library, path, fault)  # it may have to be drawn
        return await _answered(outcome, request, fault)

    def _admitted(self, arrival: Arrival, call: Call) -> Operation:
        self.admission.check(arrival)
        operation = OPERATIONS.get(call.action)
        if operation is None:
            self.unknown_calls.append(UnknownCall(call.action, ()))
            raise errors.unknown_action()
        strange = call.parameters.keys() - COMMON_PARAMETERS - operation.parameters
        if strange:
            self.unknown_calls.append(UnknownCall(call.action, tuple(sorted(strange))))
            raise errors.unknown_parameters(call.action, strange)
        if not self.quotas.admits(call.action, self.clock.now()):
            raise errors.throttled()
        return operation

    def _record(self, call: Call, outcome: Outcome, fault: Fault | None) -> None:
        operation = OPERATIONS.get(call.action)
        naming = operation.ids if isinstance(operation, Delete) else _NAMING
        extras = {
            name: value
            for name, value in call.parameters.items()
            if name not in COMMON_PARAMETERS and name not in naming
        }
        self.ledger.add(
            DeleteCall(
                action=call.action,
                ids=_named(call, naming),
                extras=extras,
                at=self.clock.now(),
                status=outcome.status,
                code=outcome.code,
                removed=outcome.removed,
                fault="" if fault is None else fault.kind,
            )
        )


async def _answered(outcome: Outcome, request: Request, fault: Fault | None) -> Response:
    if fault is not None and fault.kind is FaultKind.TIMEOUT:
        await wait_unless_disconnected(request.receive, fault.seconds)
    return _response(outcome, request)


async def _arrival(request: Request) -> Arrival:
    """Query and form together, as both are signed."""
    body = await request.body()
    form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return Arrival(
        method=request.method,
        path=request.url.path,
        query=tuple(request.query_params.multi_items()),
        headers=dict(request.headers),
        body=body,
        parameters={**request.query_params, **form},
    )


def _named(call: Call, naming: tuple[str, ...]) -> tuple[str, ...]:
    """Every id and URL the call names, in the order given, duplicates included."""
    return tuple(
        url_as_named(one) if name == "ImageURLs" else one
        for name in naming
        for one in split(call.parameters.get(name, ""))
    )


def _response(outcome: Outcome, request: Request) -> Response:
    if outcome.status is None:
        return DroppedConnection()
    if isinstance(outcome.body, bytes):
        headers = {"Cache-Control": "no-store"} | ({"Location": "/elsewhere"} if outcome.status == 302 else {})
        return Response(outcome.body, outcome.status, headers, outcome.media_type)
    ours = {"RequestId": str(uuid4()).upper()}
    if outcome.code:
        ours["HostId"] = request.url.netloc
    return JSONResponse({**ours, **outcome.body}, outcome.status)
