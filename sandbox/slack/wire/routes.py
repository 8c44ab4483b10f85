"""The HTTP side of the sandbox's Slack: Web API methods, response URLs, uploads and files, faults included."""

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.json_types import Json
from sandbox.serving import DroppedConnection, wait_unless_disconnected
from sandbox.slack.methods import APP_LEVEL, METHODS, carry_out, scopes_for
from sandbox.slack.methods.call import Call
from sandbox.slack.methods.files import receive
from sandbox.slack.model.faults import Fault, FaultKind
from sandbox.slack.model.refusals import RefusedError
from sandbox.slack.model.state import CallRecord, State
from sandbox.slack.wire.responses import respond


@dataclass(frozen=True)
class Outcome:
    """How a request is answered; status None resets the connection."""

    status: int | None
    body: Any = None
    retry_after: int | None = None


def api_routes(state: State) -> list[Route]:
    """What a bot can reach."""

    async def api(request: Request) -> Response:
        method = request.path_params["method"]
        try:
            args = await _arguments(request)
        except ValueError:
            return _response(state, Outcome(200, {"ok": False, "error": "invalid_json"}))
        token = _token(request, args)
        return await _answered(state, request, method, args, lambda: _call(state, method, args, token))

    async def response_url(request: Request) -> Response:
        try:
            args = await _arguments(request)
        except ValueError:
            return _response(state, Outcome(400, {"ok": False, "error": "invalid_payload"}))
        token = request.path_params["token"]
        return await _answered(state, request, "response_url", args, lambda: _respond(state, token, args))

    async def upload(request: Request) -> Response:
        content, file_id = await _uploaded(request), request.path_params["file_id"]
        act = lambda: _receive(state, file_id, content)  # noqa: E731 - one line beside its two siblings
        return await _answered(state, request, "upload", {"file_id": file_id}, act)

    def served_file(request: Request) -> Response:
        try:
            file = state.workspace.file(request.path_params["file_id"])
        except LookupError:
            return PlainTextResponse("no such file", 404)
        return Response(file.content, media_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream")

    def private_file(request: Request) -> Response:
        """The bytes of a file for whoever may read it; everybody else is sent to log in, as Slack does."""
        request.path_params["file_id"] = request.path_params["file_id"].partition("-")[2]
        return _withheld(state, request) or served_file(request)

    return [
        Route("/api/{method}", api, methods=["GET", "POST"]),
        Route("/response/{token}", response_url, methods=["POST"]),
        Route("/upload/v1/{file_id}", upload, methods=["POST"]),
        Route("/files/{file_id}/{name:path}", served_file),
        Route("/files-pri/{file_id}/{name:path}", private_file),
    ]


async def _answered(
    state: State, request: Request, method: str, args: Json, act: Callable[[], Outcome]
) -> Response:
    place = _place(state, args)
    fault = state.faults.take(method, place)
    if fault and fault.kind is FaultKind.SLOW:
        await wait_unless_disconnected(request.receive, fault.seconds)
    outcome = before(fault) or limited(state, method, place)
    if outcome is None:
        outcome = after(fault, await run_in_threadpool(act))
    state.record(
        CallRecord(
            method=method,
            args={name: value for name, value in args.items() if name != "token"},
            status=outcome.status,
            answer=outcome.body,
            at=state.workspace.clock.now(),
            fault=str(fault.kind) if fault else None,
            is_known=method in METHODS or method in {"response_url", "upload"},
        )
    )
    response = _response(state, outcome, method)
    if fault and fault.kind is FaultKind.DRIP_AFTER:
        drops = _dripping(bytes(response.body), fault.seconds)
        return StreamingResponse(drops, response.status_code, response.headers)
    return response


async def _dripping(body: bytes, pause_s: float) -> AsyncIterator[bytes]:
    for byte in body:
        yield bytes([byte])
        await asyncio.sleep(pause_s)


def _withheld(state: State, request: Request) -> Response | None:
    """What stands in the way of a private file: a fault, or that it may not be read by whoever asks."""
    fault = state.faults.take("files-pri", None)
    if fault and (outcome := before(fault)):
        return _response(state, outcome)
    if _token(request, {}) != state.token or "files:read" not in state.scopes or not _is_shown(state, request):
        return RedirectResponse(f"{state.url}/login", 302)
    return None


def _is_shown(state: State, request: Request) -> bool:
    try:
        file = state.workspace.file(request.path_params["file_id"])
    except LookupError:
        return False
    return not file.deleted and state.workspace.is_shown_to_bot(file)


def before(fault: Fault | None) -> Outcome | None:
    """What a fault answers instead of the call being carried out."""
    if fault is None:
        return None
    outcomes = {
        FaultKind.DOWN: Outcome(None),
        FaultKind.RESET_BEFORE: Outcome(None),
        FaultKind.RATELIMITED: Outcome(429, {"ok": False, "error": "ratelimited"}, fault.retry_after),
        FaultKind.HTTP_503: Outcome(503, "Service Unavailable"),
        FaultKind.INTERNAL_ERROR: Outcome(200, {"ok": False, "error": "internal_error"}),
        FaultKind.ERROR: Outcome(200, {"ok": False, "error": fault.error}),
    }
    return outcomes.get(fault.kind)


def after(fault: Fault | None, outcome: Outcome) -> Outcome:
    """What a fault makes of the answer to a call that was carried out."""
    if fault and fault.kind is FaultKind.RESET_AFTER:
        return Outcome(None)
    if fault and fault.kind is FaultKind.FATAL_ERROR_AFTER:
        return Outcome(200, {"ok": False, "error": "fatal_error"})
    return outcome


def limited(state: State, method: str, place: str | None) -> Outcome | None:
    """429 when this call is one too many for its channel."""
    if state.rate.allows(method, place):
        return None
    return Outcome(429, {"ok": False, "error": "ratelimited"}, 1)


def _call(state: State, method: str, args: Json, token: str) -> Outcome:
    if error := _token_error(state, method, token):
        return Outcome(200, {"ok": False, "error": error})
    shown = json.dumps([args.get("blocks"), args.get("view")])
    images_fail = "image" in shown and bool(state.faults.take(method, _place(state, args), images=True))
    try:
        return Outcome(200, carry_out(Call(state, args, method, images_fail)))
    except RefusedError as refusal:
        return Outcome(200, refusal.answer())


def _token_error(state: State, method: str, token: str) -> str | None:
    if not token:
        return "not_authed"
    if token not in {state.token, state.app_token}:
        return "invalid_auth"
    right = state.app_token if method in APP_LEVEL else state.token
    return None if token == right else "not_allowed_token_type"


def _respond(state: State, token: str, args: Json) -> Outcome:
    try:
        respond(state, token, args)
    except RefusedError as refusal:
        return Outcome(404 if refusal.code.endswith("_url") else 400, refusal.answer())
    return Outcome(200, "ok")


def _receive(state: State, file_id: str, content: bytes) -> Outcome:
    try:
        return Outcome(200, receive(state, file_id, content))
    except LookupError:
        return Outcome(404, "no such upload")
    except ValueError as problem:
        return Outcome(400, str(problem))


async def _uploaded(request: Request) -> bytes:
    """The bytes of a file: all of the body, or the one file of a form, whatever its field is called."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form() as form:
        for value in form.values():
            if isinstance(value, UploadFile):
                return await value.read()
    return b""


async def _arguments(request: Request) -> Json:
    body = (await request.body()).decode()
    args: Json = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        given = json.loads(body or "{}")
        if not isinstance(given, dict):
            raise ValueError("a JSON body is an object")
        return args | given
    return args | dict(parse_qsl(body, keep_blank_values=True))


def _token(request: Request, args: Json) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else str(args.get("token") or "")


def _place(state: State, args: Json) -> str | None:
    given = str(args.get("channel") or args.get("channel_id") or "")
    try:
        return state.workspace.direct(given).id if given[:1] in "UW" else state.workspace.channel(given).id
    except LookupError:
        return None


def _response(state: State, outcome: Outcome, method: str = "") -> Response:
    if outcome.status is None:
        return DroppedConnection()
    headers = {"x-oauth-scopes": ",".join(sorted(state.scopes)), "x-slack-req-id": f"{state.workspace.serial():x}"}
    if accepted := scopes_for(method):
        headers["x-accepted-oauth-scopes"] = ",".join(accepted)
    if outcome.retry_after is not None:
        headers["Retry-After"] = str(outcome.retry_after)
    if isinstance(outcome.body, str):
        return PlainTextResponse(outcome.body, outcome.status, headers)
    return JSONResponse(outcome.body, outcome.status, headers)
