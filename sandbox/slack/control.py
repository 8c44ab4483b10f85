"""The sandbox's control plane: acting as people and reading along over HTTP, apart from the simulated API."""

import mimetypes
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.slack.deliveries import Delivery
from sandbox.slack.messages import Message
from sandbox.slack.modals import View, wire_view
from sandbox.slack.records import message_record
from sandbox.slack.shapes import Json
from sandbox.slack.sockets import Reason
from sandbox.slack.transcript import render, render_view

if TYPE_CHECKING:
    from sandbox.slack.server import SlackSandbox

# How long an act waits at most for a private answer that comes after the acknowledgement.
PATIENCE_S = 10.0


def routes(slack: "SlackSandbox") -> list[Route]:
    """What the command line and the demo's page talk to."""
    acts = {
        "say": _say,
        "click": _click,
        "choose": _choose,
        "submit": _submit,
        "close": _close,
        "connect": _connect,
        "sockets": _sockets,
        "faults": _faults,
        "clock": _clock,
    }
    reads = {
        "messages": _messages,
        "people": _people,
        "channels": _channels,
        "calls": _calls,
        "modal": _modal,
        "clock": _time,
    }
    return [
        *(Route(f"/control/{name}", _posted(slack, act), methods=["POST"]) for name, act in acts.items()),
        *(Route(f"/control/{name}", _read(slack, read), methods=["GET"]) for name, read in reads.items()),
        Route("/control/files/{file_id}", _file(slack), methods=["GET"]),
    ]


Act = Callable[["SlackSandbox", Json], Json]


def _posted(slack: "SlackSandbox", act: Act) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            asked = await request.json()
        except ValueError:
            return JSONResponse({"error": "the body must be JSON"}, 400)
        return await run_in_threadpool(_answer, slack, act, asked)

    return endpoint


def _read(slack: "SlackSandbox", read: Act) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return _answer(slack, read, dict(request.query_params))

    return endpoint


def _answer(slack: "SlackSandbox", act: Act, asked: Json) -> Response:
    try:
        return JSONResponse(act(slack, asked))
    except KeyError as missing:
        return JSONResponse({"error": f"missing: {missing.args[0]}"}, 400)
    except LookupError as unknown:
        return JSONResponse({"error": str(unknown)}, 404)
    except (TypeError, ValueError, RuntimeError) as wrong:
        return JSONResponse({"error": str(wrong)}, 400)


def _say(slack: "SlackSandbox", asked: Json) -> Json:
    channel = asked.get("channel") or "vod-deletions"
    return _acted(slack, asked, lambda: slack.say(asked["person"], asked["text"], channel=channel))


def _click(slack: "SlackSandbox", asked: Json) -> Json:
    return _acted(
        slack,
        asked,
        lambda: slack.click(
            asked["person"],
            asked["word"],
            match=asked.get("match"),
            confirm=asked.get("confirm", True),
            value=asked.get("value"),
        ),
    )


def _choose(slack: "SlackSandbox", asked: Json) -> Json:
    return _acted(slack, asked, lambda: slack.choose(asked["person"], asked["option"], match=asked.get("match")))


def _submit(slack: "SlackSandbox", asked: Json) -> Json:
    return _acted(slack, asked, lambda: slack.submit(asked["person"], asked["answers"]))


def _close(slack: "SlackSandbox", asked: Json) -> Json:
    return _acted(slack, asked, lambda: slack.close_modal(asked["person"]))


def _acted(slack: "SlackSandbox", asked: Json, act: Callable[[], Delivery]) -> Json:
    person = slack.user(asked["person"])
    since = slack.workspace.last_ts()
    delivery = act()

    def private() -> list[Message]:
        return [each for each in slack.ephemerals(person.id) if each.ts > since]

    patience_s = min(float(asked.get("wait_s", 0)), PATIENCE_S)
    if patience_s and delivery.was_delivered:
        slack.wait_until(lambda: bool(private()) or delivery.modal is not None, patience_s)
    return {
        "kind": delivery.kind,
        "delivered": delivery.was_delivered,
        "status": delivery.status,
        "error": delivery.error,
        "elapsed_s": round(delivery.elapsed_s, 4),
        "field_errors": delivery.field_errors,
        "dialog": delivery.dialog,
        "reply": _message(slack, delivery.reply) if delivery.reply else None,
        "private": [_message(slack, each) for each in private()],
        "modal": _view(slack, delivery.modal),
    }


def _message(slack: "SlackSandbox", message: Message) -> Json:
    return {
        **message_record(message),
        "channel": message.channel,
        "ephemeral_to": message.ephemeral_to,
        "is_reply": message.is_reply,
        "edits": message.edits,
        "broadcasts": message.broadcasts,
        "rendered": render(message, slack.workspace),
    }


def _view(slack: "SlackSandbox", view: View | None) -> Json | None:
    return {**wire_view(view), "rendered": render_view(view, slack.workspace)} if view else None


def _connect(slack: "SlackSandbox", asked: Json) -> Json:
    slack.connect(asked["url"])
    return {"connected": asked["url"]}


def _sockets(slack: "SlackSandbox", asked: Json) -> Json:
    match asked["action"]:
        case "refresh":
            slack.sockets.refresh(asked.get("reason", Reason.REFRESH_REQUESTED))
        case "drop":
            slack.sockets.drop()
        case unknown:
            raise ValueError(f"there is no action {unknown!r}; there are refresh and drop")
    return {"connections": slack.sockets.count}


def _faults(slack: "SlackSandbox", asked: Json) -> Json:
    if asked.pop("clear", False):
        slack.faults.clear()
    if asked:
        slack.faults.add(asked.pop("kind"), **asked)
    return {"pending": [asdict(fault) for fault in slack.faults.pending()]}


def _clock(slack: "SlackSandbox", asked: Json) -> Json:
    slack.clock.advance(float(asked.get("advance_s", 0)))
    return {"now": slack.clock.now().isoformat()}


def _time(slack: "SlackSandbox", _asked: Json) -> Json:
    """What a bot whose clock is to move with the sandbox's adds to its own."""
    return {"now": slack.clock.now().isoformat(), "offset_seconds": slack.clock.offset_seconds}


def _messages(slack: "SlackSandbox", asked: Json) -> Json:
    channel, person = asked.get("channel") or "vod-deletions", asked.get("person")
    if channel == "dm":
        found = slack.dm(asked["person"])
    else:
        found = slack.visible_to(person, channel) if person else slack.messages(channel)
    return {"messages": [_message(slack, each) for each in found]}


def _people(slack: "SlackSandbox", _asked: Json) -> Json:
    return {"people": [asdict(person) for person in slack.people.values()]}


def _channels(slack: "SlackSandbox", _asked: Json) -> Json:
    return {
        "channels": [
            {**asdict(channel), "members": sorted(channel.members)} for channel in slack.workspace.channels()
        ]
    }


def _calls(slack: "SlackSandbox", _asked: Json) -> Json:
    return {"calls": [{**asdict(call), "at": call.at.isoformat()} for call in slack.calls]}


def _modal(slack: "SlackSandbox", asked: Json) -> Json:
    view = slack.modal(asked["person"])
    return {"modal": _view(slack, view)}


def _file(slack: "SlackSandbox") -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            file = slack.workspace.file(request.path_params["file_id"])
        except LookupError as unknown:
            return PlainTextResponse(str(unknown), 404)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Response(file.content, media_type=kind)

    return endpoint
