"""Fuzzing of every reader of what Slack brings: ``python -m tests.handlers.slack.fuzzing --inputs 50000 --seed 7``.

What people did in a short play is taken as Slack sent it, damaged in a few places and brought once more. In what
comes from people (values of buttons and fields, words, files) the damage is never anything but words for them: no
exception, no entry in the log. In the rest, which is Slack's own or what Slack keeps of ours, it is answered as
well, and is never more than an entry in the log.
"""

import argparse
import copy
import json
import random
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import BoltRequest
from slack_sdk.webhook import WebhookClient, WebhookResponse
from structlog.testing import capture_logs

from bot.bounded_slack import BoundedClient
from handlers.views.proposing import form
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox, seed
from tests.stage import Stage

Json = Any
Path_ = tuple[str | int, ...]

TEASER, TOUR = seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id

ROUTING = frozenset(
    {"type", "callback_id", "action_id", "command", "trigger_id", "response_url", "api_app_id", "block_id"}
)
"""What Slack tells a listener by: another value is another request.

Nor is a request without its action, its view or what was filled in one that Slack sends, and a view comes back
as it was.
"""

WHO = ("user", "user_id", "team", "team_id", "authorizations", "enterprise", "response_urls")
"""Who did it, which Slack vouches for."""

OF_PEOPLE = ("value", "values", "text", "selected_option", "selected_options", "files", "tab")
"""Keys below which stands what people wrote, chose or gave."""

STRINGS = (
    *(
        "",
        " ",
        "0",
        "-1",
        "4",
        "#4",
        "999999999999999999999",
        "1e9",
        "²",
        "٤",
        "null",
        "true",
        "{}",
        "[]",
        '{"a":',
        "\\",
    ),
    *(
        "\x00",
        "\ud800",
        "\u202e",
        "\ufeff",
        "🧊" * 80,
        "x" * 4_000,
        "<!channel>",
        "<@U0ANA4K2M7Q>",
        "`*_~&lt;&amp;",
        "%00",
    ),
    *(
        '{"digest":"x","record":"y","subject":"proposal/1"}',
        f'{{"digest":"{"a" * 64}","proposal":1}}',
        "proposal/1",
    ),
    *(
        "--reason",
        "—mine",
        '"',
        "“",
        "delete",
        "list --since 9999-99-99",
        "https://[::1",
        "C0VODDELETE",
        TEASER,
        TEASER * 3,
    ),
)
OTHERS: tuple[Json, ...] = (
    None,
    True,
    False,
    0,
    -1,
    10**30,
    1.5,
    float("inf"),
    [],
    {},
    [None],
    [[]],
    {"a": {}},
    [{}],
)


@dataclass
class Findings:
    """What was found: requests by kind, and those that were not answered as they should be."""

    tried: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)


def paths(node: Json, at: Path_ = ()) -> Iterator[Path_]:
    """Yield where every value in a payload is, the inner ones included."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in inner:
        yield (*at, name)
        yield from paths(value, (*at, name))


def is_protected(at: Path_) -> bool:
    is_action = len(at) > 1 and at[-2] == "actions"
    is_whole = at[-1] in {"actions", "event", "view", "state", "values"} or is_action
    is_echo = "view" in at and "state" not in at
    return at[-1] in ROUTING or any(name in WHO for name in at) or is_whole or is_echo


def is_of_people(at: Path_) -> bool:
    return any(name in OF_PEOPLE for name in at) and not is_protected(at)


def damaged(source: random.Random, payload: Json, others: list[Json], *, only_of_people: bool) -> Json:
    """Return a payload with a few of its values damaged."""
    made = copy.deepcopy(payload)
    fits = is_of_people if only_of_people else lambda at: not is_protected(at)
    for _ in range(source.randint(1, 3)):
        there = [at for at in paths(made) if fits(at)]
        if there:
            _damage(source, made, source.choice(there), others, only_of_people=only_of_people)
    return made


def _damage(source: random.Random, made: Json, at: Path_, others: list[Json], *, only_of_people: bool) -> None:
    parent = made
    for name in at[:-1]:
        parent = parent[name]
    old, last = parent[at[-1]], at[-1]
    roll = source.random()
    if isinstance(old, str) and (roll < 0.75 or only_of_people):
        parent[last] = _string(source, old, others)
    elif old is None or not isinstance(old, dict | list):
        parent[last] = (
            copy.deepcopy(source.choice((*OTHERS, *STRINGS))) if not only_of_people else source.choice((None, old))
        )
    elif not only_of_people:
        if roll < 0.5 and isinstance(parent, dict):
            del parent[last]
        else:
            parent[last] = copy.deepcopy(source.choice((*OTHERS, *STRINGS)))


def _string(source: random.Random, old: str, others: list[Json]) -> str:
    match source.randrange(5):
        case 0:
            return source.choice(STRINGS)
        case 1:
            at = source.randint(0, len(old))
            return old[:at] + source.choice(STRINGS) + old[at:]
        case 2:
            return old[: source.randint(0, len(old))]
        case 3:
            return "".join(source.sample(old, len(old))) if old else source.choice(STRINGS)
        case _:
            strings = [each for each in leaves(source.choice(others)) if isinstance(each, str)]
            return source.choice(strings or [old])


def leaves(node: Json) -> Iterator[Json]:
    if isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from leaves(value)
    else:
        yield node


def play(stage: Stage) -> list[Json]:
    """Let people do everything there is to do, once; return what Slack brought."""
    brought: list[Json] = []
    courier = stage.slack._stage.http
    for name in ("command", "interaction", "event"):
        original = getattr(courier, name)

        def heard(payload: Json, original: Callable[[Json], Any] = original) -> Any:
            brought.append(copy.deepcopy(payload))
            return original(payload)

        setattr(courier, name, heard)
    for act in ACTS:
        act(stage)
        stage.settle()
    return brought


def _form(stage: Stage) -> None:
    stage.slack.say("ana", "/vod delete")
    view = stage.slack.modal("ana")
    assert view is not None
    stage.slack.submit(
        "ana", {form.LEVEL_BLOCK: "video", form.IDS_BLOCK: TEASER, form.REASON_BLOCK: "rights expired"}
    )
    stage.settle()
    stage.slack.submit("ana", {})


def _home(stage: Stage) -> None:
    for who in ("ana", "bo"):
        stage.slack.open_home(who)
        stage.settle()
    for who, button in (("ana", "Refresh"), ("bo", "Open the card"), ("cy", "Propose"), ("ana", "Withdraw")):
        stage.slack.open_home(who)
        stage.settle()
        stage.slack.press_at_home(who, button)


COMMANDS = (
    *(
        "help",
        "list",
        "list --mine --done --since 7d",
        "status 1",
        "approve 1",
        "stop 2",
        "withdraw 99",
        "freeze why",
        "unfreeze",
    ),
    *(
        f"show {TEASER}",
        "find teaser",
        f'delete image --of {TEASER} cover --reason "x"',
        "delete --file",
        "nonsense",
    ),
    *('delete --where title~"a b" created<2024-01-01 size>1GB --reason x', f"delete stream {TEASER} HD --reason x"),
)

ACTS: tuple[Callable[[Stage], object], ...] = (
    lambda stage: stage.propose("ana", f"video {TEASER}"),
    lambda stage: stage.propose("ana", f"video {TOUR}"),
    *(lambda stage, text=text: stage.slack.say("ana", f"/vod {text}") for text in COMMANDS),
    lambda stage: stage.slack.click("bo", "Reject", match="#1"),
    lambda stage: stage.slack.submit("bo", {"why": ""}),
    lambda stage: stage.slack.submit("bo", {"why": "still in use"}),
    lambda stage: stage.slack.click("bo", "Ask", match="#2"),
    lambda stage: stage.slack.submit("bo", _anything(stage, "bo")),
    lambda stage: stage.slack.click("bo", "Approve", match="#2"),
    lambda stage: stage.propose("ana", f"video {TEASER} {TOUR}"),
    lambda stage: stage.slack.click("ana", "Answer"),
    lambda stage: stage.slack.submit("ana", _anything(stage, "ana")),
    lambda stage: stage.slack.click("bo", "Approve: delete 2 videos"),
    lambda stage: stage.slack.submit("bo", {"number": "3"}),
    lambda stage: stage.slack.submit("bo", {"number": "2"}),
    lambda stage: stage.propose(
        "ana", f"video {' '.join(each.video_id for each in stage.vod.library.videos()[:60])}"
    ),
    lambda stage: stage.slack.click("cy", "View all"),
    lambda stage: stage.slack.press_in_modal("cy", "Next"),
    lambda stage: stage.slack.click("bo", "Approve with a comment"),
    lambda stage: stage.slack.submit("bo", _anything(stage, "bo")),
    lambda stage: stage.slack.say("ana", f"/vod show {TEASER}"),
    lambda stage: stage.slack.press_in_modal("ana", "Propose"),
    lambda stage: stage.slack.say("ana", "/vod find a"),
    lambda stage: stage.slack.press_in_modal("ana", "Next"),
    lambda stage: stage.slack.submit("ana", _first_box(stage)),
    lambda stage: stage.slack.click("cy", "Stop", match="#2"),
    _form,
    lambda stage: stage.propose("ana", f"video {TOUR}"),
    _home,
    lambda stage: stage.slack.global_shortcut("ana", "countersign_propose"),
    lambda stage: stage.slack.shortcut(
        "ana", "countersign_propose_from_message", stage.slack.messages("vod-deletions")[0]
    ),
)


def _first_box(stage: Stage) -> dict[str, str]:
    """Tick the first thing of each list that can be ticked."""
    view = stage.slack.modal("ana")
    boxes = [each for each in (view.inputs() if view else ()) if each["element"]["type"] == "checkboxes"]
    return {each["block_id"]: each["element"]["options"][0]["value"] for each in boxes}


def _anything(stage: Stage, who: str) -> dict[str, str]:
    view = stage.slack.modal(who)
    return {block["block_id"]: "why this one?" for block in view.inputs()} if view else {}


@contextmanager
def answered_by_nobody() -> Iterator[None]:
    """Let Slack's API say yes to everything at once: what is fuzzed is what it brings, not what it answers."""

    def answer(_: BoundedClient, _url: str, req: Any) -> dict[str, Any]:
        asked = (req.data or b"").decode()
        user = next(
            (each for each in asked.replace('"', "&").replace("=", "&").split("&") if each[:2] == "U0"),
            "U0ANA4K2M7Q",
        )
        flags = dict.fromkeys(("deleted", "is_bot", "is_restricted", "is_ultra_restricted"), False)
        person = {"id": user, "team_id": SlackSandbox.team_id, "name": "somebody", "locale": "en-US", **flags}
        view = {"id": "V1", "hash": "1.h"}
        told = {"ok": True, "user": person, "view": view, "channel": "C0VODDELETE", "ts": "1.2"}
        return {"status": 200, "headers": {}, "body": json.dumps(told)}

    def said(*_: Any, **__: Any) -> WebhookResponse:
        return WebhookResponse(url="", status_code=200, body="ok", headers={})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BoundedClient, "_perform_urllib_http_request_internal", answer)
        patch.setattr(WebhookClient, "send_dict", said)
        yield


def by_kind(brought: list[Json]) -> dict[str, list[Json]]:
    """Sort requests by what hears them, so that each is tried as often."""
    kinds: dict[str, list[Json]] = {}
    for payload in brought:
        heard_by = (
            payload.get("callback_id") or (payload.get("view") or {}).get("callback_id") or payload.get("type")
        )
        action = (payload.get("actions") or [{}])[0].get("action_id", "")
        word = str(payload.get("text") or "").partition(" ")[0] if "command" in payload else ""
        kinds.setdefault(f"{payload.get('type')} {heard_by} {action} {word}", []).append(payload)
    return kinds


def fuzz(stage: Stage, brought: list[Json], inputs: int, source: random.Random) -> Findings:
    """Bring damaged requests; every other one is damaged only in what comes from people."""
    found = Findings()
    kinds = by_kind(brought)
    with answered_by_nobody():
        for number in range(inputs):
            only_of_people = number % 2 == 0
            first = source.choice(kinds[source.choice(sorted(kinds))])
            payload = damaged(source, first, brought, only_of_people=only_of_people)
            # Else all but the first would be replays.
            payload |= {"trigger_id": f"1.2.{number}"} if "trigger_id" in payload else {}
            kind = str(payload.get("type") or "command")
            found.tried[kind] += 1
            with capture_logs() as logs:
                try:
                    request = BoltRequest(body=payload, mode="socket_mode")
                except Exception:  # noqa: BLE001, S112 - Bolt itself stumbles over it, and the bot refuses it (400)
                    continue
                try:
                    status = stage.program.bolt.dispatch(request).status
                except Exception as exc:  # noqa: BLE001 - which ones there are is the question
                    where = traceback.format_exc(limit=-3)
                    found.bad.append(f"{kind}: {exc!r} at {where} of {payload}")
                    continue
            broken = [_short(each) for each in logs if each["log_level"] in {"error", "critical"}]
            if status != 200 or (only_of_people and broken):
                found.bad.append(f"{kind}: {status}, {broken} of {json.dumps(payload)[:6000]}")
            stage.program.homes._waiting.clear()
    return found


def _short(entry: Json) -> str:
    """Return what broke and where, of an entry of the log."""
    kind, broken, trace = entry.get("exc_info") or (None, None, None)
    where = traceback.extract_tb(trace)[-1] if trace else None
    place = f"{where.filename.rpartition('/')[2]}:{where.lineno}" if where else ""
    return f"{entry.get('listener')} {getattr(kind, '__name__', '')} {broken} {place}"


def run(inputs: int, number: int, folder: Path) -> Findings:
    with SlackSandbox.start(environ={}) as slack, VodSandbox.start() as vod:
        stage = Stage.open(slack, vod, folder, COUNTERSIGN_TYPED_FROM="2", COUNTERSIGN_HOLD_SECONDS="3600")
        try:
            with capture_logs():
                brought = play(stage)
            return fuzz(stage, brought, inputs, random.Random(number))  # noqa: S311 - no secret
        finally:
            stage.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(given.inputs, given.seed, Path(folder))
    sys.stdout.write(f"seed {given.seed}: {dict(found.tried)}, {len(found.bad)} not answered as they should be\n")
    sys.stdout.write("".join(f"{each}\n" for each in found.bad[:20]))
    sys.exit(1 if found.bad else 0)


if __name__ == "__main__":
    main()
