"""Programs as a script starts them with ``&``; none is left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]


@contextmanager
def in_background(
    *arguments: str, environ: Mapping[str, str], folder: Path = ROOT
) -> Iterator["subprocess.Popen[str]"]:
    """Start ``python`` with SIGINT ignored, as a script does; it does not outlive the block."""
    ignoring = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-u", *arguments]
    with subprocess.Popen(
        ignoring,
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            # What it started itself is in its group.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
