"""Takes a file that a person uploads over HTTP: its bytes as the body, who and what it is called in the query."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.slack.control import acting
from sandbox.slack.control.acting import Stage
from sandbox.slack.methods.records import file_record

LARGEST = 32 * 2**20
"""Bytes, in memory. Slack takes 1 GB of a file; more than the bot reads of one is enough here."""

LONGEST_NAME = 255


async def upload(stage: Stage, request: Request) -> Response:
    """Store a file that nobody sees yet, for a form or to be shared; answer with Slack's JSON of it."""
    key, name = request.query_params.get("person", ""), request.query_params.get("name", "")
    content = await _body(request)
    if content is None:
        return _refused(413, f"The local Slack takes files of up to {LARGEST // 2**20} MB.")
    if not 1 <= len(name) <= LONGEST_NAME:
        return _refused(400, f"a file needs a name, of up to {LONGEST_NAME} characters")
    try:
        person = stage.state.workspace.person(key)
    except LookupError as unknown:
        return _refused(404, str(unknown))
    return JSONResponse(file_record(await run_in_threadpool(acting.upload, stage, person, name, content)))


async def _body(request: Request) -> bytes | None:
    """The bytes; None if they are too many, read to the end all the same: a browser hears no answer before."""
    content = bytearray()
    async for chunk in request.stream():
        if len(content) <= LARGEST:
            content += chunk
    return bytes(content) if len(content) <= LARGEST else None


def _refused(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status)
