"""Checks what an app wants to say (text, blocks, metadata, images) and refuses it in Slack's words."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from sandbox.certificates import trusted
from sandbox.json_types import Json
from sandbox.slack.model.block_kit.blocks import LARGEST_BLOCKS, images, message_problems, weight
from sandbox.slack.model.block_kit.grammar import Problem
from sandbox.slack.model.refusals import RefusedError
from sandbox.slack.model.workspace import Workspace

LONGEST_POST = 40_000
LONGEST_UPDATE = 4_000
# Slack says that there is a limit, not which. This is small enough to keep metadata a correlation id.
LARGEST_METADATA = 8_000
IMAGE_TIMEOUT_S = 2.0
_EVENT_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,254}")


@dataclass(frozen=True)
class Content:
    """What a message is to say, checked."""

    text: str
    blocks: tuple[Json, ...]
    metadata: Json | None


def checked(args: Json, workspace: Workspace, *, images_fail: bool = False) -> Content:
    """The content in `args`. Raises RefusedError: no_text, invalid_blocks and more."""
    blocks = _blocks(args.get("blocks"))
    text = args.get("text")
    if text is not None and not isinstance(text, str):
        raise RefusedError("invalid_arguments", [Problem("must be a string", "/text")])
    if not text and not blocks and not args.get("attachments"):
        raise RefusedError("no_text")
    if problems := message_problems(blocks) or image_problems(blocks, workspace, images_fail=images_fail):
        raise RefusedError("invalid_blocks", problems)
    if weight(blocks) > LARGEST_BLOCKS:
        raise RefusedError("msg_blocks_too_long")
    return Content((text or "")[:LONGEST_POST], tuple(blocks), checked_metadata(args.get("metadata")))


def _blocks(given: Any) -> list[Json]:
    if given is None or given == "":
        return []
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            raise RefusedError("invalid_blocks_format") from None
    if not isinstance(given, list):
        raise RefusedError("invalid_blocks_format")
    return given


def checked_metadata(given: Any) -> Json | None:
    """Message metadata. Raises RefusedError: invalid_metadata_format, metadata_too_large."""
    if given is None or given == "":
        return None
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            raise RefusedError("invalid_metadata_format") from None
    if not isinstance(given, dict) or set(given) != {"event_type", "event_payload"}:
        raise RefusedError("invalid_metadata_format")
    kind, payload = given["event_type"], given["event_payload"]
    if not isinstance(kind, str) or not _EVENT_TYPE.fullmatch(kind) or not isinstance(payload, dict):
        raise RefusedError("invalid_metadata_format")
    if len(json.dumps(given)) > LARGEST_METADATA:
        raise RefusedError("metadata_too_large")
    return dict(given)


def image_problems(
    blocks: list[Json], workspace: Workspace, *, images_fail: bool, at: str = "/blocks"
) -> list[Problem]:
    """Which images of checked blocks Slack could not show; empty when it could show all."""
    return list(_unusable(images(blocks, at), workspace, images_fail=images_fail))


def _unusable(found: Iterable[tuple[str, Json]], workspace: Workspace, *, images_fail: bool) -> Iterable[Problem]:
    for at, image in found:
        if "slack_file" in image:
            if not _is_file(image["slack_file"], workspace):
                yield Problem("invalid slack file", f"{at}/slack_file")
        elif images_fail or not is_fetchable(image["image_url"]):
            yield Problem("downloading image failed", f"{at}/image_url")


def _is_file(reference: Json, workspace: Workspace) -> bool:
    return any(file.id == reference.get("id") for file in workspace.files() if file.channels)


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine; false for what is not a URL."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in {"localhost", "::1"} or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def is_fetchable(url: str) -> bool:
    """Whether an image is there. Only loopback is really asked; anything else well-formed is taken as there."""
    if not url.startswith(("http://", "https://")):
        return False
    if not is_loopback(url):
        return True
    try:
        answer = httpx.get(url, timeout=IMAGE_TIMEOUT_S, trust_env=False, verify=trusted())
    except httpx.HTTPError:
        return False
    return answer.is_success and answer.headers.get("content-type", "").startswith("image/")
