"""The story the demo tells: a deletion proposed, refused to its proposer, countersigned, carried out, recorded."""

import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import click

from sandbox.slack import Delivery, Message, SlackSandbox
from sandbox.slack.control.transcript import render
from sandbox.vod import Video, VodSandbox, seed

PATIENCE_S = 20.0

HOLD_S = 6
"""Long enough for the story's people to stop a deletion in, and short enough to be waited for."""


@dataclass
class Teller:
    """Plays people, prints what they see, and notes whether everything is as it should be."""

    slack: SlackSandbox
    vod: VodSandbox
    approved: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        click.echo(f"\n=== {title}")

    def say(self, who: str, command: str) -> Delivery:
        """Let somebody type a command, and show what they are answered."""
        click.echo(f"\n{who.capitalize()} types: {_shortened(command)}")
        delivery = self.slack.say(who, command)
        if delivery.reply is not None:
            self.show(delivery.reply)
        return delivery

    def click(self, who: str, button: str, number: int) -> None:
        """Let somebody press a button of a proposal's card, and show the private answer to it."""
        click.echo(f"\n{who.capitalize()} clicks {button} on #{number} and confirms.")
        before = len(self.slack.ephemerals(who))
        self.slack.click(who, button, match=f"#{number}")
        self.hold(f"{who.capitalize()} was answered", lambda: len(self.slack.ephemerals(who)) > before)
        for message in self.slack.ephemerals(who)[before:]:
            self.show(message)

    def hold(self, what: str, holds: Callable[[], bool]) -> bool:
        """Wait until something is so, and say whether it is."""
        well = self.slack.wait_until(holds, PATIENCE_S)
        click.echo(f"  {'held' if well else 'BROKEN'}: {what}")
        if not well:
            self.broken.append(what)
        return well

    def show(self, message: Message) -> None:
        """Show a message as its readers see it."""
        click.echo(textwrap.indent(render(message, self.slack.workspace), "    | ", lambda _: True))

    def card(self, number: int) -> Message | None:
        """Return a proposal's card."""
        start = f"Proposal #{number}:"
        found = [m for m in self.slack.messages("vod-deletions") if m.text.startswith(start)]
        return found[-1] if found else None

    def card_says(self, number: int, words: str) -> bool:
        """Say whether a proposal's card says something."""
        card = self.card(number)
        return card is not None and words in card.text

    def show_news(self, words: str) -> bool:
        """Show what the approvals channel was told that has these words; False when there is nothing yet."""
        found = [message for message in self.slack.messages("vod-deletions") if words in message.text]
        for message in found[-1:]:
            self.show(message)
        return bool(found)

    def show_card(self, number: int) -> None:
        """Show a proposal's card and its thread."""
        card = self.card(number)
        if card is not None:
            for message in self.slack.thread("vod-deletions", card.ts):
                self.show(message)


def tell(slack: SlackSandbox, vod: VodSandbox, *, database: str, restart: Callable[..., None]) -> bool:
    """Tell the whole story; True when all of it held. ``restart`` starts the bot anew with settings changed."""
    teller = Teller(slack, vod)
    _videos(teller)
    _stream(teller)
    _mezzanine(teller)
    _image(teller)
    _stop_and_freeze(teller, restart)
    _record(teller, database)
    click.echo(f"\n{'The whole story held.' if not teller.broken else f'BROKEN: {teller.broken}'}")
    return not teller.broken


def _videos(teller: Teller) -> None:
    teller.chapter("Three videos, one of them mistyped at first")
    wanted = [seed.SPRING_TEASER.video_id, seed.WAREHOUSE_TOUR.video_id, seed.FORBIDDEN.video_id]
    mistyped = [*wanted[:2], wanted[2][:-1]]
    teller.say("ana", f'/vod delete video {" ".join(mistyped)} --reason "rights expired"')
    teller.hold("the mistyped id was told, and nothing was stored", lambda: teller.card(1) is None)

    _propose(teller, 1, f"video {' '.join(wanted)}", "rights expired")
    teller.click("ana", "Approve", 1)
    teller.hold("nobody approves their own proposal", lambda: "cannot approve" in _last_answer(teller, "ana"))
    teller.hold("nothing was deleted", lambda: teller.vod.ledger.calls() == ())

    _approve(teller, 1, wanted)
    teller.hold("two videos are gone", lambda: _gone(teller, wanted[:2]))
    teller.hold("the forbidden one is still there", lambda: not _gone(teller, wanted[2:]))
    teller.hold("and is reported as refused", lambda: teller.card_says(1, "2 deleted, 1 refused"))


def _stream(teller: Teller) -> None:
    teller.chapter("One stream of a video")
    video = teller.vod.library.video(seed.AUTUMN_KEYNOTE.video_id)
    stream = video.streams[0] if video else None
    if video is None or stream is None:
        teller.hold("the keynote has a stream", lambda: False)
        return
    _propose(teller, 2, f"stream {video.video_id} {stream.job_id}", "nobody plays this one")
    _approve(teller, 2, [stream.job_id])
    teller.hold("the card says so", lambda: teller.card_says(2, "1 stream: 1 deleted"))


def _mezzanine(teller: Teller) -> None:
    teller.chapter("A source file that needs --force")
    video_id = seed.UNREMOVABLE.video_id
    _propose(teller, 3, f"mezzanine {video_id}", "source no longer needed")
    _approve(teller, 3, [video_id])
    teller.hold("VOD refused it without --force, and the card says so", lambda: teller.card_says(3, "1 refused"))
    _propose(teller, 4, f"mezzanine {video_id} --force", "source no longer needed, playing may stop")
    _approve(teller, 4, [video_id])
    teller.hold("with --force it is deleted", lambda: teller.card_says(4, "1 source file: 1 deleted"))


def _image(teller: Teller) -> None:
    teller.chapter("An image")
    image_id = seed.SPRING_POSTER.image_id
    _propose(teller, 5, f"image {image_id}", "old logo")
    _approve(teller, 5, [image_id])
    teller.hold("the card says so", lambda: teller.card_says(5, "1 image: 1 deleted"))


def _stop_and_freeze(teller: Teller, restart: Callable[..., None]) -> None:
    teller.chapter(f"Stop and freeze, now that a deletion is on hold for {HOLD_S} seconds after its approval")
    restart(COUNTERSIGN_HOLD_SECONDS=str(HOLD_S))
    frozen, stopped = [video.video_id for video in teller.vod.library.videos() if _is_ordinary(video)][:2]
    _propose(teller, 6, f"video {frozen}", "rights expired")
    teller.click("bo", "Approve", 6)
    teller.hold("#6 is on hold", lambda: teller.card_says(6, "on hold until"))

    _propose(teller, 7, f"video {stopped}", "nobody watches it")
    teller.click("bo", "Approve", 7)
    teller.hold("#7 is on hold as well", lambda: teller.card_says(7, "on hold until"))
    teller.click("cy", "Stop the deletion", 7)
    teller.hold("#7 is stopped, and nothing of it was deleted", lambda: teller.card_says(7, "before it began"))
    teller.show_card(7)

    teller.say("gus", "/vod freeze is this the right season?")
    teller.hold("the card of #6 says that everything is frozen", lambda: teller.card_says(6, "Frozen by"))
    teller.show_news("froze all deletions")
    teller.say("ana", "/vod thaw")
    teller.hold("one person is not enough to thaw", lambda: teller.show_news("asked to thaw: 1 of 2"))
    sent = teller.vod.ledger.ids()
    teller.hold("nothing of the two was sent to VOD", lambda: frozen not in sent and stopped not in sent)
    teller.approved.append(frozen)
    teller.say("bo", "/vod thaw")
    teller.hold("two people have thawed it", lambda: teller.show_news("*Thawed*"))
    teller.hold("#6 is deleted after its hold", lambda: teller.card_says(6, "1 video: 1 deleted"))
    teller.hold("#7 is still there", lambda: not _gone(teller, [stopped]))


def _is_ordinary(video: Video) -> bool:
    return video.status == "Normal" and not video.forbidden and video.title.isascii() and len(video.title) < 40


def _record(teller: Teller, database: str) -> None:
    teller.chapter("The record")
    sent = sorted(teller.vod.ledger.ids())
    teller.hold(
        f"VOD's ledger of delete calls holds the {len(sent)} approved ids and no other",
        lambda: sorted(teller.vod.ledger.ids()) == sorted(teller.approved),
    )
    teller.hold("VOD was asked nothing unknown", lambda: teller.vod.unknown_calls == ())
    teller.hold("Slack was asked nothing unknown", lambda: not teller.slack.unknown_calls)
    teller.hold(
        "the audit channel has the newest head",
        lambda: any("Countersign finished" in message.text for message in teller.slack.messages("vod-audit")[-2:]),
    )
    for message in teller.slack.messages("vod-audit")[-3:]:
        teller.show(message)
    command = [sys.executable, "-m", "bot", "audit", "verify", "--database", database]
    click.echo(f"\n$ python -m bot audit verify --database {database}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    click.echo(textwrap.indent(done.stdout + done.stderr, "    "))
    teller.hold("the audit log verifies", lambda: done.returncode == 0)


def _propose(teller: Teller, number: int, what: str, reason: str) -> None:
    teller.say("ana", f'/vod delete {what} --reason "{reason}"')
    teller.hold(f"the card of #{number} is posted", lambda: teller.card_says(number, "Waiting for 1 approval"))
    card = teller.card(number)
    if card is not None:
        teller.show(card)


def _approve(teller: Teller, number: int, ids: Sequence[str]) -> None:
    teller.approved += ids
    teller.click("bo", "Approve", number)
    teller.hold(f"#{number} was carried out", lambda: teller.card_says(number, "Finished."))
    card = teller.card(number)
    results = f"#{number} is finished."
    teller.hold(
        "the results are in the card's thread, and Ana was told",
        lambda: (
            card is not None
            and any(results in m.text for m in teller.slack.thread("vod-deletions", card.ts))
            and any(results in m.text for m in teller.slack.dm("ana"))
        ),
    )
    teller.show_card(number)


def _gone(teller: Teller, ids: Sequence[str]) -> bool:
    return all(teller.vod.library.video(video_id) is None for video_id in ids)


def _last_answer(teller: Teller, who: str) -> str:
    answers = teller.slack.ephemerals(who)
    return answers[-1].text if answers else ""


def _shortened(command: str) -> str:
    return command if len(command) <= 200 else f"{command[:197]}..."
