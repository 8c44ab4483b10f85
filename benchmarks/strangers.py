"""``python -m benchmarks.strangers``: how soon a stop and a freeze are answered while strangers crowd the door."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import click
import httpx

from benchmarks.stand import ROOT
from demo import play
from demo.bot_process import BotProcess
from sandbox.slack import Delivery, SlackSandbox
from sandbox.vod import VodSandbox

BYTE_EVERY_S = 4.0

AGAIN_AFTER_S = 0.2
"""How soon a stranger who was cut off is back."""

READY = "crowded"

HEAD = b"POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Type: application/x-www-form-urlencoded\r\n"


class Attack(StrEnum):
    """What strangers do."""

    SILENT = "connect and say nothing"
    HEADERS = "headers, a byte in 4 s"
    BODY = "a body with a made-up signature, a byte in 4 s"
    READING = "ask for metrics over and over and read nothing"
    FLOOD = "unsigned requests as fast as they are answered"


Stranger = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


async def _silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def _headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _drip(reader, writer, HEAD + b"X-Padding: ")


async def _body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    signature = f"X-Slack-Request-Timestamp: {int(time.time())}\r\nX-Slack-Signature: v0={'0' * 64}\r\n"
    await _drip(reader, writer, HEAD + signature.encode() + b"Content-Length: 5000\r\n\r\n")


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begin: bytes) -> None:
    writer.write(begin)
    while not reader.at_eof():
        await writer.drain()
        try:
            async with asyncio.timeout(BYTE_EVERY_S):
                await reader.read()
        except TimeoutError:
            writer.write(b"x")


async def _reading(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: bot\r\n\r\n" * 20)
        await writer.drain()


async def _flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not reader.at_eof():
        writer.write(HEAD + b"Content-Length: 14\r\n\r\npayload=%7Bbad")
        await writer.drain()
        await reader.read(4096)


ACTS: Mapping[Attack, Stranger] = {
    Attack.SILENT: _silent,
    Attack.HEADERS: _headers,
    Attack.BODY: _body,
    Attack.READING: _reading,
    Attack.FLOOD: _flood,
}


async def _crowd(attack: Attack, url: str, number: int) -> None:
    """Be so many strangers for ever; say so once each of them has connected."""
    host, port = urlsplit(url).hostname, urlsplit(url).port
    connected = count(1)

    async def stranger() -> None:
        first = True
        while True:
            try:
                # So small a buffer that what is not read is soon the bot's to keep.
                reader, writer = await asyncio.open_connection(host, port, limit=1024)
                if first and next(connected) == number:
                    sys.stdout.write(f"{READY}\n")
                    sys.stdout.flush()
                first = False
                await ACTS[attack](reader, writer)
                writer.close()
            except OSError:
                pass
            await asyncio.sleep(AGAIN_AFTER_S)

    await asyncio.gather(*(stranger() for _ in range(number)))


@contextmanager
def strangers(attack: Attack, url: str, number: int) -> Iterator[None]:
    """Let strangers crowd the bot at ``url`` from a process of their own, until the block ends."""
    command = [sys.executable, "-m", "benchmarks.strangers", "--attack", attack.name, "--url", url]
    process = subprocess.Popen([*command, "--number", str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or process.stdout.readline().strip() != READY:
            raise RuntimeError("the strangers could not connect")
        yield
    finally:
        process.kill()
        process.communicate()


@dataclass(frozen=True)
class Answered:
    """Seconds until the slowest answer came; None when one of them did not in time."""

    brakes_s: float | None
    health_s: float | None


def answered(slack: SlackSandbox, url: str, proposals: list[int]) -> Answered:
    """Stop each of these proposals, freeze, and ask for health, one after the other."""
    deliveries = [slack.say("bo", f"/vod stop {number}") for number in proposals]
    deliveries.append(slack.say("bo", '/vod freeze "measured"'))
    return Answered(_slowest(deliveries), _health_s(url))


def _slowest(deliveries: list[Delivery]) -> float | None:
    return None if any(each.error for each in deliveries) else max(each.elapsed_s for each in deliveries)


def _health_s(url: str) -> float | None:
    begun = time.monotonic()
    try:
        found = httpx.get(f"{url}/healthz", timeout=5, trust_env=False)
    except httpx.HTTPError:
        return None
    return time.monotonic() - begun if found.status_code == httpx.codes.OK else None


def _measure(attack: Attack, number: int) -> Answered:
    """Start a bot, crowd it, and measure."""
    with (
        tempfile.TemporaryDirectory() as name,
        SlackSandbox.start(environ={}) as slack,
        VodSandbox.start() as vod,
    ):
        slack.rate.enabled = False
        folder = Path(name)
        settings = play.environment(slack, vod) | {"DATABASE_URL": f"sqlite:///{folder}/record.db"}
        bot = BotProcess(slack.connect, settings, folder / "bot.log")
        bot.start()
        try:
            port = bot.until("http.listening")["address"][1]
            url = f"http://127.0.0.1:{port}"
            for video in vod.library.videos()[:5]:
                slack.say("ana", f"/vod delete video {video.video_id} --reason measured")
            with strangers(attack, url, number):
                time.sleep(1)  # until the room is as full as it gets
                return answered(slack, url, [1, 2, 3, 4, 5])
        finally:
            bot.kill()


def _cell(seconds: float | None) -> str:
    return "no answer" if seconds is None else f"{seconds:.2f} s"


@click.command()
@click.option("--attack", hidden=True, type=click.Choice([each.name for each in Attack]))
@click.option("--url", hidden=True)
@click.option("--number", hidden=True, type=int)
def main(attack: str | None, url: str | None, number: int | None) -> None:
    """Print a table: six brakes and a question for health, the slowest answers of each, under each attack."""
    if attack and url and number:
        asyncio.run(_crowd(Attack[attack], url, number))
    click.echo("| strangers | what they do | stop and freeze | health |\n| ---: | --- | ---: | ---: |")
    for kind in Attack:
        for many in (40, 200, 1_000):
            found = _measure(kind, many)
            click.echo(f"| {many:,} | {kind} | {_cell(found.brakes_s)} | {_cell(found.health_s)} |")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.strangers")
