"""The commands of ``python -m bot`` as processes of their own: run to their end, or started and watched."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from demo.bot_process import BotProcess, surroundings

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 40


@contextmanager
def watched(settings: Mapping[str, str], log: Path, *arguments: str) -> Iterator[BotProcess]:
    """Launch ``python`` with these arguments, ``-m bot run`` without any; it does not outlive the block."""
    process = BotProcess(lambda _: None, settings, log, *arguments)
    process.launch()
    try:
        yield process
    finally:
        process.kill()


def finished(settings: Mapping[str, str], words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run ``python -m bot`` to its end."""
    command = [sys.executable, "-m", "bot", *words]
    environ = surroundings(settings)
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=WITHIN_S
    )
