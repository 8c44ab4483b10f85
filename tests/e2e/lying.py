"""One deletion of two things under a VOD that lies, and whether every word it ended in is true."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path

import vod
from bot import clients
from deletion import work
from deletion.approval import voting
from deletion.approval.deletions import Deletions
from deletion.approval.holds import holding
from deletion.approval.proposal import SlackAction
from deletion.approval.requests import proposing
from deletion.approval.requests.proposing import ProposalDraft
from deletion.audit.messages.audience import ReplyTo
from deletion.audit.messages.delivery import CardShown
from deletion.jobs.config import Config
from deletion.jobs.context import Timings
from deletion.terms.ids import Digest, ProposalNumber
from deletion.terms.people import Actor
from deletion.terms.states import State
from handlers.commands.syntax import media
from handlers.commands.syntax.media import Deletion
from sandbox.slack import SlackSandbox
from sandbox.vod import FaultKind, SnapshotKind, Source, Stream, VodSandbox
from storage import Tx
from tests.deletion.posting import nobody_sends, somebody_sends
from tests.stage import Stage

DELIVERIES = count(1)

PATIENCE = Timings(look_again=(30_000,), give_up=30_000, give_up_unread=60_000, resend_after=0, retry=(30_000,))
"""Nothing is tried a second time before time is let pass, and what stays wrong is given up after a minute."""

A_WHILE = 31
A_DAY_AND_MORE = 25 * 3600
PASSING = (0, *(A_WHILE,) * 3, A_DAY_AND_MORE, A_WHILE, A_WHILE)
"""How time passes, in seconds: enough looks to give VOD up, then beyond the time to execute."""

UNREADABLE = frozenset({FaultKind.GARBAGE, FaultKind.EMPTY_BODY, FaultKind.TIMEOUT})
"""What VOD says with status 200 and the bot cannot hear as a yes."""

STILL_THERE = frozenset({"failed", "refused", "changed", "stopped"})

SETS = {"cover": SnapshotKind.COVER, "sprite": SnapshotKind.SPRITE}


@dataclass(frozen=True)
class Things:
    """Two new things in a library: the words that name them, their names, and the video they are of, if one."""

    words: str
    names: Sequence[str]
    video_id: str = ""


@dataclass(frozen=True)
class Level:
    """One way to delete: its operation, how two new things are made, and how one is looked for and removed."""

    action: str
    make: Callable[[VodSandbox], Things]
    is_there: Callable[[VodSandbox, Things, str], bool]


def two_videos(local_vod: VodSandbox) -> Things:
    made = [local_vod.library.add_video(has_cover=False).video_id for _ in range(2)]
    return Things(f"video {' '.join(made)}", made)


def two_streams(local_vod: VodSandbox) -> Things:
    streams = (Stream("LD"), Stream("HD"), Stream("OD"))
    video = local_vod.library.add_video(streams=streams, has_cover=False)
    made = [stream.job_id for stream in streams[:2]]
    return Things(f"stream {video.video_id} {' '.join(made)}", made, video.video_id)


def two_sources(local_vod: VodSandbox) -> Things:
    made = two_videos(local_vod).names
    return Things(f"mezzanine {' '.join(made)}", made)


def two_played_sources(local_vod: VodSandbox) -> Things:
    played = Source(serves_as_stream=True)
    made = [local_vod.library.add_video(has_cover=False, source=played).video_id for _ in range(2)]
    return Things(f"mezzanine {' '.join(made)} --force", made)


def two_images(local_vod: VodSandbox) -> Things:
    made = [local_vod.library.add_image().image_id for _ in range(2)]
    return Things(f"image {' '.join(made)}", made)


def two_addresses(local_vod: VodSandbox) -> Things:
    made = [f"{local_vod.url}{local_vod.library.add_image().path}" for _ in range(2)]
    return Things(f"image {' '.join(made)}", made)


def two_sets(local_vod: VodSandbox) -> Things:
    numbers = {SnapshotKind.COVER: 2, SnapshotKind.SPRITE: 1}
    video = local_vod.library.add_video(has_cover=False, snapshots=numbers)
    return Things(f"image --of {video.video_id} cover sprite", tuple(SETS), video.video_id)


def video_is_there(local_vod: VodSandbox, _: Things, name: str) -> bool:
    return local_vod.library.video(name) is not None


def stream_is_there(local_vod: VodSandbox, things: Things, name: str) -> bool:
    video = local_vod.library.video(things.video_id)
    return video is not None and name in {stream.job_id for stream in video.streams}


def source_is_there(local_vod: VodSandbox, _: Things, name: str) -> bool:
    video = local_vod.library.video(name)
    return video is not None and video.source is not None and video.source.status != "Deleted"


def image_is_there(local_vod: VodSandbox, _: Things, name: str) -> bool:
    return local_vod.library.image(name) is not None


def address_is_there(local_vod: VodSandbox, _: Things, name: str) -> bool:
    return local_vod.library.image_at(name.removeprefix(local_vod.url)) is not None


def set_is_there(local_vod: VodSandbox, things: Things, name: str) -> bool:
    video = local_vod.library.video(things.video_id)
    return video is not None and SETS[name] in video.snapshots


LEVELS = {
    "video": Level("DeleteVideo", two_videos, video_is_there),
    "stream": Level("DeleteStream", two_streams, stream_is_there),
    "source": Level("DeleteMezzanines", two_sources, source_is_there),
    "played": Level("DeleteMezzanines", two_played_sources, source_is_there),
    "image": Level("DeleteImage", two_images, image_is_there),
    "address": Level("DeleteImage", two_addresses, address_is_there),
    "sets": Level("DeleteImage", two_sets, set_is_there),
}
"""By id or address: videos, streams, source files (played as a stream: by force), images, a video's image sets."""


@dataclass(frozen=True)
class Lie:
    """What VOD does wrong, in which operation: once or, with ``times`` None, for ever; ``after`` a delete call."""

    kind: FaultKind
    action: str
    times: int | None = 1
    after: str = ""
    seconds: float = 6


@dataclass(frozen=True)
class Ending:
    """How a deletion ended: words in the order of the names, number of delete calls, and which words are untrue.

    As text, one word stands for all if all are the same: "deleted / 1".
    """

    words: tuple[str, ...]
    calls: int
    untrue: tuple[str, ...] = field(compare=False, default=())

    def __str__(self) -> str:
        words = self.words if len(set(self.words)) > 1 else self.words[:1]
        return f"{', '.join(words)} / {self.calls}"


@contextmanager
def stage_of_liars(folder: Path) -> Iterator[Stage]:
    """Open a bot before an empty library without quotas."""
    with SlackSandbox.start(environ={}) as slack, VodSandbox.start(seed_library=False) as local_vod:
        stage = Stage.open(slack, local_vod, folder, timings=PATIENCE)
        stage.let_quota_pass()
        stage.database.write(nobody_sends)
        try:
            yield stage
        finally:
            stage.close()
        assert slack.unknown_calls == []
        assert local_vod.unknown_calls == ()


def wait_for_answers(stage: Stage, seconds: float) -> None:
    """Let the bot wait this long for an answer of VOD's, and of an image's own address."""
    settings, context = stage.settings, stage.program.context
    endpoint = vod.Endpoint(settings.vod_region, settings.vod_endpoint)
    client = vod.VodClient(clients.credentials(settings), endpoint, read_timeout_s=seconds)
    context.reader._client = client
    context.reader._image_is_served = partial(
        vod.image_is_served, allowed_domains=frozenset({stage.vod.image_domain}), timeout_s=seconds
    )
    stage.program = replace(stage.program, context=replace(context, client=client))


Others = Callable[[VodSandbox, Things], None]
"""What somebody else does to the library between the approval and the deletion."""


def delete_under(stage: Stage, level: Level, *lies: Lie, others: Others | None = None) -> Ending:
    """Have two things of a level deleted while VOD lies from the approval on; time passes until it is finished."""
    things = level.make(stage.vod)
    number = propose_and_count(stage, things.words)
    if others is not None:
        others(stage.vod, things)
    wait_for_answers(stage, 0.2 if any(lie.kind is FaultKind.TIMEOUT for lie in lies) else 5)
    for lie in lies:
        stage.vod.faults.set(lie.kind, lie.action, times=lie.times, seconds=lie.seconds, after=lie.after)
    work_on(stage)
    stage.vod.clock.advance(7)
    finish(stage, number)
    unstruck = [fault for fault in stage.vod.faults.pending() if fault.times is not None]
    stage.vod.faults.clear()
    assert unstruck == [], "what was to go wrong was never asked for"
    leave_untold(stage)
    outcomes = stage.outcomes(number)
    words = tuple(outcomes[name] or "no word" for name in things.names)
    untrue = tuple(name for name in things.names if not is_true(stage, level, things, name, outcomes[name]))
    return Ending(words, len(stage.vod.ledger.calls()), tuple(outcomes[name] or "no word" for name in untrue))


def propose_and_count(stage: Stage, words: str) -> int:
    """Propose, approve, and stop right after the vote was counted: nothing was read for the batch yet.

    Without Slack, which is half of the work and looked at elsewhere; its people are asked after all the same.
    """
    wanted = media.parse([*words.split(), "--reason", "rights expired"])
    assert isinstance(wanted, Deletion), wanted
    wish = ProposalDraft(wanted.request, wanted.reason)
    channel = stage.settings.countersign_approvals_channel
    number = decide(stage, "ana", lambda tx, config, deed: proposing.propose(tx, config, deed, wish))
    work_on(stage)
    stage.vod.ledger.clear()
    ballot = voting.Ballot(
        number, Digest(stage.view(number).row.digest or ""), ReplyTo(channel, stage.slack.user("bo").id)
    )
    decide(stage, "bo", lambda tx, config, deed: voting.cast(tx, config, deed, ballot, Deletions()))
    while stage.state(number) is State.PENDING:
        assert work.run_one(stage.program.context), "the vote was not counted"
    show_card(stage, number)
    return number


def show_card(stage: Stage, number: int) -> None:
    """Let the card that lets people stop it be in the channel, as if it had been sent."""
    hold_no = stage.view(number).row.hold_no
    shown = CardShown(ProposalNumber(number), "C1", "1780000000.000100", hold_no)
    stage.database.write(lambda tx: holding.begin(tx, shown))


def decide(stage: Stage, who: str, decision: Callable[[Tx, Config, SlackAction], object]) -> int:
    """Have a person decide something by a click or command of its own; return its number."""
    person, config = stage.slack.user(who), stage.program.context.config
    deed = SlackAction(Actor(person.team_id, person.id), f"delivery-{next(DELIVERIES)}")
    made = stage.database.write(lambda tx: decision(tx, config, deed))
    assert isinstance(made, int), made
    return made


def leave_untold(stage: Stage) -> None:
    """Drop everything that is to be told but the log: others look at that, and here it is half of the work."""
    stage.database.write(lambda tx: tx.run("DELETE FROM outbox WHERE lane <> 'audit'"))


def work_on(stage: Stage) -> None:
    """Do all jobs that are due; what is to be told about it is left for the end."""
    while work.run_one(stage.program.context):
        pass


def tell(stage: Stage) -> None:
    """Send all that was left for the end."""
    stage.database.write(somebody_sends)
    stage.settle()


def finish(stage: Stage, number: int) -> None:
    """Let time pass until a proposal is finished."""
    for seconds in PASSING:
        stage.clock.advance(seconds)
        work_on(stage)
        if stage.state(number) is State.FINISHED:
            return
    raise AssertionError(f"#{number} is still {stage.state(number)}")


def is_true(stage: Stage, level: Level, things: Things, name: str, word: str | None) -> bool:
    """Hold a word against the library itself, and against the calls that were made."""
    there = level.is_there(stage.vod, things, name)
    calls = stage.vod.ledger.calls()
    yes = any(call.status == 200 and call.fault not in UNREADABLE for call in calls)
    if word in {"deleted", "already gone"}:
        return not there
    if word in STILL_THERE:
        return there and not (yes and word == "failed")
    return {"accepted": yes, "unknown": bool(calls) and not yes}.get(word or "", False)
