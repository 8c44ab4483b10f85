"""The people: they propose deletions of every kind, and approve each other's, as fast as the cards appear."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from deletion.audit.messages.audience import LISTED_ON_CARD
from sandbox.vod.model.media import SnapshotKind, Source, Stream, new_id
from tests.torture.arena import Arena
from tests.torture.workers import wait_for

TEAM = ("ana", "bo", "cy")

CLICK_EVERY_S = 3.0
"""How soon a person clicks again whose click came to nothing."""

TYPED_WITHIN_S = 4.0
"""How long a person looks for what they proposed before they type it once more."""

TYPED_AT_MOST = 12
"""How often that is; a stopped process may hold SQLite's only lock for ten seconds at a time."""

KINDS = ("video", "video", "mezzanine", "image", "stream", "pictures", "url")

OPEN = "state NOT IN ('finished', 'rejected', 'withdrawn', 'expired', 'stale', 'failed to collect')"


@dataclass
class People:
    """Feed the bots until told to end. ``assets`` counts what is to be deleted with an approval.

    ``open_at_once``: proposals that are not finished yet, so that there is always something that a kill can hit.
    """

    arena: Arena
    rng: random.Random
    first: int
    most: int
    open_at_once: int
    assets: int = 0
    decoys: int = 0
    levels: set[str] = field(default_factory=set)
    _clicked: dict[int, float] = field(default_factory=dict)
    _by: dict[int, str] = field(default_factory=dict)
    _decoys: set[int] = field(default_factory=set)

    def begin(self, most: int) -> None:
        """Have most of it approved, of every kind: there is work before anything befalls anybody."""
        while self.assets < most or self.unfinished() < len(KINDS):
            self._propose()
        wanted = self.unfinished()

        def executing() -> bool:
            self.approve()
            begun = self.arena.number(
                "SELECT count(*) AS n FROM proposals WHERE state IN ('executing', 'finished')"
            )
            return begun >= wanted

        wait_for(executing, "the first proposals are being carried out")

    def work(self, enough: Callable[[], bool]) -> None:
        """Propose and approve until there was enough, then approve what is left."""
        nobody = threading.Event()
        while not enough():
            if self.unfinished() < self.open_at_once:
                self._propose()
            self.approve()
            nobody.wait(0.1)

    def approve(self) -> None:
        """Click wherever a card waits for a click."""
        for row in self.arena.rows(
            """
            SELECT p.id AS id FROM proposals p
            WHERE p.state = 'pending' AND p.card_ts IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM votes v
                              WHERE v.subject_kind = 'proposal' AND v.subject_id = p.id
                                AND v.state IN ('cast', 'counted'))
            """
        ):
            number = int(row["id"])
            if number in self._by and time.monotonic() - self._clicked.get(number, 0.0) > CLICK_EVERY_S:
                self._clicked[number] = time.monotonic()
                self._click(number)

    def unfinished(self) -> int:
        """Return how many proposals that get their approval are not at their end."""
        real = ", ".join(map(str, self._by.keys() - self._decoys)) or "0"
        return self.arena.number(f"SELECT count(*) AS n FROM proposals WHERE {OPEN} AND id IN ({real})")  # noqa: S608 - numbers

    def _click(self, number: int) -> None:
        """Approve as somebody else; what nobody is to approve is clicked by its proposer, in vain."""
        proposer = self._by[number]
        others = [name for name in TEAM if name != proposer]
        who = proposer if number in self._decoys else self.rng.choice(others)
        try:
            self.arena.slack.click(who, "Approve", match=f"#{number}")
        except LookupError:
            # The card is being shown anew.
            return
        if number in self._decoys:
            # Once is enough: a proposer may not.
            self._clicked[number] = float("inf")

    def _propose(self) -> None:
        first = not self._by
        # Each kind at least once, soon.
        early = len(self._by) < len(KINDS)
        kind = KINDS[len(self._by)] if early else self.rng.choice(KINDS)
        count = self.first if first else self._size(kind)
        decoy = not early and self.rng.random() < 0.15
        who = self.rng.choice(TEAM)
        reason = f"torture {len(self._by) + 1}"
        words, named = self._media(kind, count)
        number = self._typed(who, f'/vod delete {words} --reason "{reason}"', reason)
        self._by[number] = who
        if decoy:
            self._decoys.add(number)
            self.decoys += named
        else:
            self.assets += named
            self.levels.add("image" if kind in {"pictures", "url"} else kind)

    def _typed(self, who: str, command: str, reason: str) -> int:
        """Type a command, and once more when the bot said that the record is busy, as it asks people to.

        One that took effect after all, later than anybody looked, is a proposal that nobody approves.
        """
        found: list[int] = []

        def appeared() -> bool:
            rows = self.arena.rows("SELECT id FROM proposals WHERE reason = :reason", reason=reason)
            found.extend(int(row["id"]) for row in rows)
            return bool(found)

        for _ in range(TYPED_AT_MOST):
            self.arena.slack.say(who, command)
            with suppress(TimeoutError):
                wait_for(appeared, f"the proposal {reason}", timeout_s=TYPED_WITHIN_S)
                return found[0]
        raise TimeoutError(f"typed {TYPED_AT_MOST} times in vain: {reason}")

    def _size(self, kind: str) -> int:
        most = {"video": self.most, "mezzanine": self.most // 4, "image": 60, "stream": 45, "pictures": 4, "url": 3}
        # Some just below and some just above the size from which the list is attached.
        some = (1, LISTED_ON_CARD, LISTED_ON_CARD + 1, 61, most[kind], most[kind])
        return min(most[kind], self.rng.choice(some))

    def _media(self, kind: str, count: int) -> tuple[str, int]:
        """Make things to delete; return the words that name them, and how many they are."""
        library = self.arena.vod.library
        match kind:
            case "stream":
                streams = tuple(Stream("HD", job_id=new_id()) for _ in range(count + 1))
                video = library.add_video(title="Has many streams", streams=streams)
                return f"stream {video.video_id} {' '.join(each.job_id for each in streams[:count])}", count
            case "pictures":
                shots = dict.fromkeys((SnapshotKind.NORMAL, SnapshotKind.SPRITE, SnapshotKind.SPRITE_ORIGIN), 2)
                video = library.add_video(title="Has pictures", snapshots={**shots, SnapshotKind.COVER: 1})
                return f"image --of {video.video_id} all", 4
            case "image":
                images = [library.add_image(title=f"Image {n}") for n in range(count)]
                return f"image {' '.join(image.image_id for image in images)}", count
            case "url":
                images = [library.add_image(title=f"Image {n}") for n in range(count)]
                return f"image {' '.join(self.arena.vod.url + image.path for image in images)}", count
            case _:
                source = Source(serves_as_stream=False)
                videos = [library.add_video(title=f"Video {n}", source=source) for n in range(count)]
                return f"{kind} {' '.join(video.video_id for video in videos)}", count
