"""The Web API's files: what one is, and an upload in three steps: ask for a URL, send bytes, complete it."""

from dataclasses import replace

from sandbox.json_types import Json
from sandbox.slack.methods.call import Call, find_channel, require_membership
from sandbox.slack.methods.chat import thread_of
from sandbox.slack.methods.records import file_record
from sandbox.slack.model.block_kit.grammar import Problem
from sandbox.slack.model.directory import BOT_USER_ID, Channel
from sandbox.slack.model.messages import Draft, File
from sandbox.slack.model.refusals import RefusedError
from sandbox.slack.model.state import State


def get_upload_url(call: Call) -> Json:
    """files.getUploadURLExternal."""
    name, length = call.text("filename"), call.number("length", 0, 2**30)
    alt_text = str(call.args.get("alt_txt") or "")
    if len(alt_text) > 1000:
        raise RefusedError("invalid_arguments", [Problem("must be less than 1001 characters", "/alt_txt")])
    file_id = f"F0{call.workspace.serial():09d}"
    call.workspace.store_file(File(file_id, name, name, alt_text, length=length))
    return {"upload_url": f"{call.state.url}/upload/v1/{file_id}", "file_id": file_id}


def info(call: Call) -> Json:
    """files.info: a file that the bot can see, with where its bytes are."""
    try:
        file = call.workspace.file(call.text("file"))
    except LookupError:
        raise RefusedError("file_not_found") from None
    if file.deleted:
        raise RefusedError("file_deleted")
    if not file.completed or not call.workspace.is_shown_to_bot(file):
        raise RefusedError("file_not_found")
    return {"file": file_record(file, call.state.url), "comments": [], "response_metadata": {"next_cursor": ""}}


def receive(state: State, file_id: str, content: bytes) -> str:
    """The bytes of a file, once. Raises LookupError (unknown) and ValueError (wrong length, or sent before)."""
    file = state.workspace.file(file_id)
    if file.uploaded or len(content) != file.length:
        raise ValueError(f"expected {file.length} bytes once, got {len(content)}")
    state.workspace.store_file(replace(file, content=content, uploaded=True))
    return f"OK - {len(content)}"


def complete_upload(call: Call) -> Json:
    """files.completeUploadExternal: shares the files in `channel_id` or `channels`, if given, as a message."""
    asked = call.parsed("files")
    if not isinstance(asked, list) or not asked:
        raise RefusedError("invalid_arguments", [Problem("missing required field: files", "")])
    channels = _channels(call)
    files = [_completed(call, entry, channels) for entry in asked]
    for file in files:
        call.workspace.store_file(file)
    for channel in channels:
        _share(call, channel, files)
    return {"files": [file_record(file, call.state.url) for file in files]}


def _channels(call: Call) -> list[Channel]:
    given = call.args.get("channel_id") or call.args.get("channels") or ""
    channels = [find_channel(call.workspace, each) for each in str(given).split(",") if each]
    for channel in channels:
        require_membership(channel)
    return channels


def _completed(call: Call, entry: Json, channels: list[Channel]) -> File:
    try:
        file = call.workspace.file(str(entry.get("id")))
    except LookupError:
        raise RefusedError("file_not_found") from None
    if not file.uploaded or file.completed:
        raise RefusedError("file_not_found")
    title = str(entry.get("title") or file.name)
    return replace(file, title=title, completed=True, channels=tuple(channel.id for channel in channels))


def _share(call: Call, channel: Channel, files: list[File]) -> None:
    comment = str(call.args.get("initial_comment") or "")
    draft = Draft(user=BOT_USER_ID, text=comment, thread_ts=thread_of(call, channel), files=tuple(files))
    call.workspace.post(channel.id, draft)
