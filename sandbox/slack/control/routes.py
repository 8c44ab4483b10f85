"""The sandbox's control plane: acting as people and reading along over HTTP, apart from the simulated API."""

import mimetypes
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.json_types import Json
from sandbox.slack.control import acting, filling, reading, uploads
from sandbox.slack.control.acting import Stage
from sandbox.slack.control.buttons import Where
from sandbox.slack.control.transcript import render, render_view
from sandbox.slack.methods.records import file_record, message_record
from sandbox.slack.model.deliveries import Delivery
from sandbox.slack.model.directory import Person
from sandbox.slack.model.messages import Draft, Message
from sandbox.slack.model.modals import View, wire_view
from sandbox.slack.model.sockets import Loss, Reason

# How long an act waits at most for a private answer that comes after the acknowledgement.
WAIT_LIMIT_S = 10.0


def control_routes(stage: Stage) -> list[Route]:
    """What the command line and the demo's page talk to."""
    acts = {
        "say": _say,
        "click": _click,
        "press_in_modal": _press_in_modal,
        "open_home": _open_home,
        "press_at_home": _press_at_home,
        "choose": _choose,
        "choose_in_modal": _choose_in_modal,
        "suggest": _suggest,
        "submit": _submit,
        "close": _close,
        "share": _share,
        "shortcut": _shortcut,
        "global_shortcut": _global_shortcut,
        "delete_file": _delete_file,
        "connect": _connect,
        "sockets": _sockets,
        "faults": _faults,
        "clock": _clock,
    }
    reads = {
        "messages": _messages,
        "notified": _notified,
        "people": _people,
        "channels": _channels,
        "calls": _calls,
        "modal": _modal,
        "home": _home,
        "clock": _time,
    }
    return [
        *(Route(f"/control/{name}", _posted(stage, act), methods=["POST"]) for name, act in acts.items()),
        *(Route(f"/control/{name}", _read(stage, read), methods=["GET"]) for name, read in reads.items()),
        Route("/control/upload", _upload(stage), methods=["POST"]),
        Route("/control/files/{file_id}", _file(stage), methods=["GET"]),
    ]


Act = Callable[[Stage, Json], Json]


def _posted(stage: Stage, act: Act) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            asked = await request.json()
        except ValueError:
            return JSONResponse({"error": "the body must be JSON"}, 400)
        return await run_in_threadpool(_answer, stage, act, asked)

    return endpoint


def _read(stage: Stage, read: Act) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return _answer(stage, read, dict(request.query_params))

    return endpoint


def _answer(stage: Stage, act: Act, asked: Json) -> Response:
    try:
        return JSONResponse(act(stage, asked))
    except KeyError as missing:
        return JSONResponse({"error": f"missing: {missing.args[0]}"}, 400)
    except LookupError as unknown:
        return JSONResponse({"error": str(unknown)}, 404)
    except (TypeError, ValueError, RuntimeError) as wrong:
        return JSONResponse({"error": str(wrong)}, 400)


def _say(stage: Stage, asked: Json) -> Json:
    channel = asked.get("channel") or "vod-deletions"
    return _acted(stage, asked, lambda person: acting.say(stage, person, asked["text"], channel=channel))


def _click(stage: Stage, asked: Json) -> Json:
    return _acted(
        stage,
        asked,
        lambda person: acting.click(
            stage,
            person,
            asked["word"],
            match=asked.get("match"),
            confirm=asked.get("confirm", True),
            value=asked.get("value"),
        ),
    )


def _press_in_modal(stage: Stage, asked: Json) -> Json:
    """Press the button of the person's modal that `word` is the label or the action_id of."""

    def act(person: Person) -> Delivery:
        view = acting.view_of(stage, person)
        return filling.press_in_modal(stage, person, view, asked["word"], asked.get("answers", {}))

    return _acted(stage, asked, act)


def _open_home(stage: Stage, asked: Json) -> Json:
    return _acted(stage, asked, lambda person: acting.open_home(stage, person, tab=asked.get("tab", "home")))


def _press_at_home(stage: Stage, asked: Json) -> Json:
    """Press the button of the person's Home tab that `word` is the label or the action_id of."""
    word, where = asked["word"], Where(asked.get("match"))
    return _acted(stage, asked, lambda person: acting.press_at_home(stage, person, word, where=where))


def _choose(stage: Stage, asked: Json) -> Json:
    return _acted(
        stage, asked, lambda person: acting.choose(stage, person, asked["option"], match=asked.get("match"))
    )


def _choose_in_modal(stage: Stage, asked: Json) -> Json:
    """Choose in a menu of the person's modal that tells the app at once."""

    def act(person: Person) -> Delivery:
        view = acting.view_of(stage, person)
        return filling.choose_in_modal(stage, person, view, asked["field"], asked["answers"])

    return _acted(stage, asked, act)


def _suggest(stage: Stage, asked: Json) -> Json:
    """Type into a menu of the person's modal whose options come from the app."""

    def act(person: Person) -> Delivery:
        return filling.suggest(stage, person, acting.view_of(stage, person), asked["field"], asked["typed"])

    return _acted(stage, asked, act)


def _submit(stage: Stage, asked: Json) -> Json:
    def act(person: Person) -> Delivery:
        answers = asked["answers"]
        return filling.submit(stage, person, acting.view_of(stage, person), answers)

    return _acted(stage, asked, act)


def _close(stage: Stage, asked: Json) -> Json:
    return _acted(stage, asked, lambda person: acting.close(stage, person, acting.view_of(stage, person)))


def _share(stage: Stage, asked: Json) -> Json:
    """Post a message with the files whose ids are in `files`."""
    workspace = stage.state.workspace
    draft = Draft(
        user=workspace.person(asked["person"]).id,
        text=str(asked.get("text", "")),
        thread_ts=asked.get("thread_ts"),
        files=tuple(workspace.file(each) for each in asked["files"]),
    )
    return _message(stage, acting.share(stage, workspace.channel(asked.get("channel") or "vod-deletions"), draft))


def _shortcut(stage: Stage, asked: Json) -> Json:
    """Choose a shortcut of the app in the menu of the message at `ts`."""
    channel = stage.state.workspace.channel(asked.get("channel") or "vod-deletions")
    message = stage.state.workspace.message(channel.id, asked["ts"])
    return _acted(stage, asked, lambda person: acting.shortcut(stage, person, asked["callback_id"], message))


def _global_shortcut(stage: Stage, asked: Json) -> Json:
    """Choose a shortcut of the app that is offered everywhere."""
    return _acted(stage, asked, lambda person: acting.global_shortcut(stage, person, asked["callback_id"]))


def _delete_file(stage: Stage, asked: Json) -> Json:
    return file_record(stage.state.workspace.delete_file(asked["file"]))


def _upload(stage: Stage) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return await uploads.upload(stage, request)

    return endpoint


def _acted(stage: Stage, asked: Json, act: Callable[[Person], Delivery]) -> Json:
    workspace = stage.state.workspace
    person = workspace.person(asked["person"])
    since = workspace.last_ts()
    delivery = act(person)

    def private() -> list[Message]:
        return [each for each in reading.ephemerals(workspace, person.id) if each.ts > since]

    wait_s = min(float(asked.get("wait_s", 0)), WAIT_LIMIT_S)
    if wait_s and delivery.was_delivered:
        workspace.wait_until(lambda: bool(private()) or delivery.modal is not None, wait_s)
    return {
        "kind": delivery.kind,
        "delivered": delivery.was_delivered,
        "status": delivery.status,
        "error": delivery.error,
        "elapsed_s": round(delivery.elapsed_s, 4),
        "field_errors": delivery.field_errors,
        "options": list(delivery.options),
        "dialog": delivery.dialog,
        "reply": _message(stage, delivery.reply) if delivery.reply else None,
        "private": [_message(stage, each) for each in private()],
        "modal": _view(stage, delivery.modal),
    }


def _message(stage: Stage, message: Message) -> Json:
    return {
        **message_record(message),
        "channel": message.channel,
        "ephemeral_to": message.ephemeral_to,
        "is_reply": message.is_reply,
        "edits": message.edits,
        "broadcasts": message.broadcasts,
        "rendered": render(message, stage.state.workspace),
    }


def _view(stage: Stage, view: View | None) -> Json | None:
    return {**wire_view(view), "rendered": render_view(view, stage.state.workspace)} if view else None


def _connect(stage: Stage, asked: Json) -> Json:
    stage.connect(asked["url"])
    return {"connected": asked["url"]}


def _sockets(stage: Stage, asked: Json) -> Json:
    match asked["action"]:
        case "refresh":
            stage.state.sockets.refresh(asked.get("reason", Reason.REFRESH_REQUESTED))
        case "drop":
            stage.state.sockets.drop(asked.get("how", Loss.RESET))
        case "deliver":
            stage.state.sockets.enabled = True
            stage.state.sockets.redelivers = bool(asked.get("again", False))
        case unknown:
            raise ValueError(f"there is no action {unknown!r}; there are deliver, refresh and drop")
    return {"connections": stage.state.sockets.count}


def _faults(stage: Stage, asked: Json) -> Json:
    if asked.pop("clear", False):
        stage.state.faults.clear()
    if asked:
        stage.state.faults.add(asked.pop("kind"), **asked)
    return {"pending": [asdict(fault) for fault in stage.state.faults.pending()]}


def _clock(stage: Stage, asked: Json) -> Json:
    stage.state.workspace.clock.advance(float(asked.get("advance_s", 0)))
    return {"now": stage.state.workspace.clock.now().isoformat()}


def _time(stage: Stage, _asked: Json) -> Json:
    """What a bot whose clock is to move with the sandbox's adds to its own."""
    return {
        "now": stage.state.workspace.clock.now().isoformat(),
        "offset_seconds": stage.state.workspace.clock.offset_seconds,
    }


def _messages(stage: Stage, asked: Json) -> Json:
    workspace = stage.state.workspace
    channel, person = asked.get("channel") or "vod-deletions", asked.get("person")
    if channel == "dm":
        found = reading.direct_messages(workspace, asked["person"])
    else:
        found = reading.visible_to(workspace, person, channel) if person else reading.messages(workspace, channel)
    return {"messages": [_message(stage, each) for each in found]}


def _notified(stage: Stage, asked: Json) -> Json:
    return {"notified": [asdict(each) for each in reading.notified(stage.state.workspace, asked["person"])]}


def _people(stage: Stage, _asked: Json) -> Json:
    return {"people": [asdict(person) for person in stage.state.workspace.people().values()]}


def _channels(stage: Stage, _asked: Json) -> Json:
    return {
        "channels": [
            {**asdict(channel), "members": sorted(channel.members)} for channel in stage.state.workspace.channels()
        ]
    }


def _calls(stage: Stage, _asked: Json) -> Json:
    return {"calls": [{**asdict(call), "at": call.at.isoformat()} for call in stage.state.calls()]}


def _modal(stage: Stage, asked: Json) -> Json:
    view = stage.state.modals.top(stage.state.workspace.person(asked["person"]).id)
    return {"modal": _view(stage, view)}


def _home(stage: Stage, asked: Json) -> Json:
    return {"home": _view(stage, stage.state.homes.of(stage.state.workspace.person(asked["person"]).id))}


def _file(stage: Stage) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            file = stage.state.workspace.file(request.path_params["file_id"])
        except LookupError as unknown:
            return PlainTextResponse(str(unknown), 404)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Response(file.content, media_type=kind)

    return endpoint
