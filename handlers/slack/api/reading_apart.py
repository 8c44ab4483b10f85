"""Reading a file in a process of its own, with an end in memory and in time.

A workbook of a few kilobytes can be unpacked to what takes minutes and gigabytes, and whatever one thread does at a
stretch keeps all others of a Python process waiting: in the bot that would be stops and freezes.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from pydantic import TypeAdapter

from deletion.terms.requests import targets
from deletion.terms.requests.list_files import BadList, FoundList, ListFacts, ListForm, WrongList
from handlers.commands.files import bounds
from handlers.commands.files.bounds import GoOn, UnreadableError

MOST_MEMORY = 512 * 2**20
"""Bytes of the process, its own code included."""

MOST_CPU_S = 90
"""Seconds after which the system ends it, should nobody here be left to do so."""

LOOK_EVERY_S = 0.5

_FORM: TypeAdapter[ListForm] = TypeAdapter(ListForm)
_BAD: TypeAdapter[BadList] = TypeAdapter(BadList)
_FACTS: TypeAdapter[ListFacts] = TypeAdapter(ListFacts)

_TOO_LARGE = BadList(WrongList.TOO_LARGE_INSIDE, most=bounds.LARGEST_INSIDE)


def read(content: bytes, form: ListForm, go_on: GoOn) -> FoundList | BadList:
    """Return what a file asks to delete, or what is wrong with it; ``go_on`` raises when there is no time left."""
    asked = _FORM.dump_json(form) + b"\n" + content
    # Nothing of ours that it does not need: no token, no key.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with (
        _as_file(asked) as file,
        subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        ) as child,
    ):
        try:
            said = _said(child, go_on)
        except UnreadableError as exc:
            return exc.bad
        finally:
            child.kill()
    if child.returncode > 0:
        raise RuntimeError(f"the process that reads files ended with {child.returncode}")
    return _answer(said)


@contextmanager
def _as_file(content: bytes) -> Iterator[IO[bytes]]:
    """Give bytes as a file: of what is given by a pipe Python sends no more once it was waited for in vain.

    ``communicate`` that is called again after its time-out does not go on writing.
    """
    with TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield file


def _said(child: "subprocess.Popen[bytes]", go_on: GoOn) -> bytes:
    while True:
        go_on()
        try:
            said, _ = child.communicate(timeout=LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            continue
        go_on()
        return said


def _answer(said: bytes) -> FoundList | BadList:
    # Nothing is said where the system ended it, for what the file has it do.
    found: Any = json.loads(said) if said else {"bad": _TOO_LARGE}
    if "bad" in found:
        return _BAD.validate_python(found["bad"])
    return FoundList(targets.from_json(found["request"]), _FACTS.validate_python(found["facts"]))


def main() -> None:
    """Read what comes in, and write what was found."""
    # Only here: what reads workbooks takes up 15 MB, in the bot for nothing.
    from handlers.commands.files import reading  # noqa: PLC0415 - see above

    _be_bounded()
    form, _, content = sys.stdin.buffer.read().partition(b"\n")
    try:
        found = reading.read(content, _FORM.validate_json(form))
    except MemoryError:
        found = _TOO_LARGE
    match found:
        case BadList():
            said: dict[str, Any] = {"bad": _BAD.dump_python(found, mode="json")}
        case FoundList():
            facts = _FACTS.dump_python(found.facts, mode="json")
            said = {"request": targets.to_json(found.request), "facts": facts}
    sys.stdout.write(json.dumps(said))


def _be_bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    with suppress(OSError):
        # Where memory is short all the same the system is to end this one, not the bot.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    with suppress(OSError):
        os.nice(10)


if __name__ == "__main__":
    main()
