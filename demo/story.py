"""The story the demo tells: a deletion proposed, refused to its proposer, countersigned, carried out, recorded."""

import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

import click

from demo.bot_process import BotProcess
from sandbox.slack import Delivery, Message, SlackSandbox
from sandbox.slack.control.transcript import render
from sandbox.vod import Video, VodSandbox, seed
from sandbox.workbench.cards import APPROVE, APPROVED, FINISHED, PENDING, STOP, STOPPED, number_in, payload_of
from sandbox.workbench.director import APPROVALS, AUDIT, BrokenSceneError, Director, Step

HOLD_S = 6
"""Long enough for the story's people to stop a deletion in, and short enough to be waited for."""


@dataclass(frozen=True)
class Tale:
    """The story while it is told: who directs it, the bot, and every id that two people agreed to delete."""

    on: Director
    bot: BotProcess
    database: str
    approved: list[str] = field(default_factory=list)


def tell(slack: SlackSandbox, vod: VodSandbox, bot: BotProcess, *, database: str) -> bool:
    """Tell the whole story; True when all of it held."""
    tale = Tale(Director(slack, vod, bot, 0, _print_newest), bot, database)
    try:
        for chapter in (_videos, _stream, _mezzanine, _image, _stop_and_freeze, _record):
            chapter(tale)
    except BrokenSceneError as exc:
        click.echo(f"\nBROKEN: {exc}")
        return False
    click.echo("\nThe whole story held.")
    return True


def _videos(tale: Tale) -> None:
    _chapter("Three videos, one of them mistyped at first")
    on = tale.on
    wanted = [seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id, seed.FORBIDDEN.video_id]
    mistyped = [*wanted[:2], wanted[2][:-1]]
    reply = _type(on, "ana", f'/vod delete video {" ".join(mistyped)} --reason "rights expired"').reply
    on.holds(
        "Ana is answered, and no proposal is made", lambda: reply is not None and number_in(reply.text) is None
    )

    number = _propose(on, f"video {' '.join(wanted)}", "rights expired")
    _click(on, "ana", APPROVE, number)
    on.stays("nobody approves their own proposal", lambda: on.state(number) == PENDING)
    on.holds("nothing was deleted", lambda: on.vod.ledger.calls() == ())

    _approve(tale, number, wanted)
    on.holds("two videos are gone", lambda: _gone(on, wanted[:2]))
    on.holds("the forbidden one is still there", lambda: not _gone(on, wanted[2:]))
    on.holds("and is reported as refused", lambda: on.outcomes(number) == {"deleted": 2, "refused": 1})


def _stream(tale: Tale) -> None:
    _chapter("One stream of a video")
    on = tale.on
    video = on.vod.library.video(seed.AUTUMN_KEYNOTE.video_id)
    if video is None or not video.streams:
        raise BrokenSceneError("the keynote has no stream")
    job_id = video.streams[0].job_id
    number = _propose(on, f"stream {video.video_id} {job_id}", "nobody plays this one")
    _approve(tale, number, [job_id])
    on.holds("the card says so", lambda: on.outcomes(number) == {"deleted": 1})


def _mezzanine(tale: Tale) -> None:
    _chapter("A source file that needs --force")
    on, video_id = tale.on, seed.UNREMOVABLE.video_id
    number = _propose(on, f"mezzanine {video_id}", "source no longer needed")
    _approve(tale, number, [video_id])
    on.holds("VOD refused it without --force, and the card says so", lambda: on.outcomes(number) == {"refused": 1})
    forced = _propose(on, f"mezzanine {video_id} --force", "source no longer needed, playing may stop")
    _approve(tale, forced, [video_id])
    on.holds("with --force it is deleted", lambda: on.outcomes(forced) == {"deleted": 1})


def _image(tale: Tale) -> None:
    _chapter("An image")
    on, image_id = tale.on, seed.SPRING_POSTER.image_id
    number = _propose(on, f"image {image_id}", "old logo")
    _approve(tale, number, [image_id])
    on.holds("the card says so", lambda: on.outcomes(number) == {"deleted": 1})


def _stop_and_freeze(tale: Tale) -> None:
    _chapter(f"Stop and freeze, now that a deletion is on hold for {HOLD_S} seconds after its approval")
    on = tale.on
    tale.bot.restart(COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    frozen, stopped = [video.video_id for video in on.vod.library.videos() if _is_ordinary(video)][:2]
    going = _propose(on, f"video {frozen}", "rights expired")
    _click(on, "bo", APPROVE, going)
    on.holds(f"#{going} is approved, and on hold", lambda: on.state(going) == APPROVED)

    ended = _propose(on, f"video {stopped}", "nobody watches it")
    _click(on, "bo", APPROVE, ended)
    on.holds(f"#{ended} is on hold as well", lambda: on.state(ended) == APPROVED)
    _click(on, "cy", STOP, ended)
    on.holds(f"#{ended} is stopped", lambda: on.state(ended) == STOPPED)
    _show_card(on, ended)

    _announced(on, "gus", "/vod freeze is this the right season?")
    on.holds(f"the card of #{going} says that everything is frozen", lambda: on.is_frozen(going))
    _announced(on, "ana", "/vod thaw")
    on.stays("one person is not enough to thaw", lambda: on.state(going) == APPROVED and on.is_frozen(going))
    sent = on.vod.ledger.ids()
    on.holds("nothing of the two was sent to VOD", lambda: frozen not in sent and stopped not in sent)
    tale.approved.append(frozen)
    _announced(on, "bo", "/vod thaw")
    on.holds(f"#{going} is deleted after its hold", lambda: on.outcomes(going) == {"deleted": 1})
    on.holds(f"#{ended} is still there", lambda: not _gone(on, [stopped]))


def _record(tale: Tale) -> None:
    _chapter("The record")
    on = tale.on
    sent = sorted(on.vod.ledger.ids())
    on.holds(
        f"VOD's ledger of delete calls holds the {len(sent)} approved ids and no other",
        lambda: sorted(on.vod.ledger.ids()) == sorted(tale.approved),
    )
    on.holds("VOD was asked nothing unknown", lambda: on.vod.unknown_calls == ())
    on.holds("Slack was asked nothing unknown", lambda: not on.slack.unknown_calls)
    click.echo(f"\n$ python -m bot audit verify --database {tale.database}")
    command = [sys.executable, "-m", "bot", "audit", "verify", "--database", tale.database]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    click.echo(textwrap.indent(done.stdout + done.stderr, "    "))
    on.holds("the audit log verifies", lambda: done.returncode == 0)
    on.holds("the audit channel has its head", lambda: any(hash_ in done.stdout for hash_ in _heads(on)))
    for message in on.slack.messages(AUDIT)[-3:]:
        _show(on, message)


def _heads(on: Director) -> list[str]:
    """The hashes of the log's heads that were posted to the audit channel."""
    payloads = [payload_of(message.metadata) for message in on.slack.messages(AUDIT)]
    return [str(payload["hash"]) for payload in payloads if "hash" in payload]


def _chapter(title: str) -> None:
    click.echo(f"\n=== {title}")


def _type(on: Director, who: str, command: str) -> Delivery:
    """Let somebody type a command, and show what they are answered."""
    on.does(f"{who.capitalize()} types: {_shortened(command)}")
    delivery = on.slack.say(who, command)
    if delivery.reply is not None:
        _show(on, delivery.reply)
    return delivery


def _announced(on: Director, who: str, command: str) -> None:
    """Let somebody type a command of which the channel is told, and show what it is told."""
    since = on.slack.workspace.last_ts()
    _type(on, who, command)
    on.holds("the channel is told of it", lambda: bool(on.announcements(since)))
    _show(on, on.announcements(since)[-1])


def _click(on: Director, who: str, action_id: str, number: int) -> None:
    """Let somebody press a button of a proposal's card, and show the private answer to it."""
    since = on.slack.workspace.last_ts()
    on.click(who, action_id, number)
    on.holds(f"{who.capitalize()} was answered", lambda: bool(on.answers(who, since)))
    for message in on.answers(who, since):
        _show(on, message)


def _propose(on: Director, what: str, reason: str) -> int:
    reply = _type(on, "ana", f'/vod delete {what} --reason "{reason}"').reply
    number = number_in(reply.text) if reply else None
    if number is None:
        raise BrokenSceneError("the bot did not take the proposal")
    on.holds(f"the card of #{number} is posted", lambda: on.state(number) == PENDING)
    _show(on, on.cards(number)[-1])
    return number


def _approve(tale: Tale, number: int, ids: Sequence[str]) -> None:
    on = tale.on
    tale.approved.extend(ids)
    since = on.slack.workspace.last_ts()
    _click(on, "bo", APPROVE, number)
    on.holds(f"#{number} was carried out", lambda: on.state(number) == FINISHED)
    on.holds(
        "the results are in the card's thread, and Ana was told",
        lambda: _result_is_in_thread(on, number) and _was_told(on, "ana", number, since),
    )
    _show_card(on, number)


def _result_is_in_thread(on: Director, number: int) -> bool:
    """Whether something was said in the thread after the card had come to its end: its result."""
    card = on.cards(number)[-1]
    return float(on.slack.thread(APPROVALS, card.ts)[-1].ts) >= card.history[-1].at.timestamp()


def _was_told(on: Director, who: str, number: int, since: str) -> bool:
    told = [message for message in on.slack.dm(who) if message.ts > since]
    return any(payload_of(message.metadata).get("proposal_id") == number for message in told)


def _show(on: Director, message: Message) -> None:
    """Show a message as its readers see it."""
    click.echo(textwrap.indent(render(message, on.slack.workspace), "    | ", lambda _: True))


def _show_card(on: Director, number: int) -> None:
    """Show a proposal's card and its thread."""
    for message in on.slack.thread(APPROVALS, on.cards(number)[-1].ts):
        _show(on, message)


def _print_newest(steps: tuple[Step, ...]) -> None:
    """Print the newest step of the story once it is settled."""
    step = steps[-1]
    if not step.is_check:
        click.echo(f"\n{step.words}")
    elif step.held is not None:
        click.echo(f"  {'held' if step.held else 'BROKEN'}: {step.words}")


def _is_ordinary(video: Video) -> bool:
    return video.status == "Normal" and not video.forbidden and video.title.isascii() and len(video.title) < 40


def _gone(on: Director, ids: Sequence[str]) -> bool:
    return all(on.vod.library.video(video_id) is None for video_id in ids)


def _shortened(command: str) -> str:
    return command if len(command) <= 200 else f"{command[:197]}..."
