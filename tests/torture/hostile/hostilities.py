"""The rounds: each a kind of hostility that befalls deletions at every step of their lives at once."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from benchmarks.strangers import Attack, strangers
from sandbox.slack.model.directory import BOT_USER_ID
from tests.torture.hostile.evidence import Span
from tests.torture.hostile.scene import (
    APPROVER,
    BIG,
    CHANNEL,
    OTHER,
    PROPOSER,
    TRUE_ONE,
    Deletion,
    Scene,
    offers_stop,
)

HOUR_S = 3600
AUDIT = "vod-audit"
CROWD = 200


class Kind(StrEnum):
    """What befalls the bots."""

    OLD_RECORD = "records restored from an older copy"
    LOST = "records that lost their newest writes"
    STRANGERS = "crowds of slow or flooding strangers"
    AWAY = "times that Slack or a channel was away"
    CLOCKS = "clocks set by an hour"
    PEOPLE = "people who left or lost their part"


@dataclass(frozen=True)
class Round:
    """One of them, with the name of its variety."""

    kind: Kind
    name: str
    play: Callable[[Scene], None]


@dataclass(frozen=True)
class Cohort:
    """Deletions at every step of their lives."""

    proposed: Deletion
    voted: Deletion
    held: Deletion
    executing: Deletion
    finished: Deletion

    @property
    def wanted(self) -> tuple[Deletion, ...]:
        """Return those that somebody approved."""
        return (self.voted, self.held, self.executing, self.finished)


def cohort(scene: Scene) -> Cohort:
    """Bring deletions to every step; the one just voted on is voted on last."""
    finished, executing = scene.propose(), scene.propose(BIG)
    proposed, voted, held = (scene.propose() for _ in range(3))
    scene.approve(finished)
    scene.hold(executing)
    begun = scene.calls() + 2
    scene.until(lambda: scene.calls() >= begun, f"{executing.name} is under way")
    scene.hold(held)
    scene.approve(voted)
    return Cohort(proposed, voted, held, executing, finished)


def reject(scene: Scene, deletion: Deletion) -> None:
    """Let nobody approve it any more."""
    scene.slack.click(OTHER, "Reject", match=deletion.name)
    if (form := scene.slack.modal(OTHER)) is not None:
        blocks = [block["block_id"] for block in form.blocks if block["type"] == "input"]
        scene.slack.submit(OTHER, {blocks[0]: "hostile"})
    scene.until(lambda: scene.state(deletion) == "rejected", f"{deletion.name} is rejected")


# --- old records -----------------------------------------------------------------------------------------------


@contextmanager
def put_back(scene: Scene, what: str, change: Callable[[], None]) -> Iterator[None]:
    """Kill the bots, put an older record in their place, and start them; it is old until the block is over."""
    scene.kill()
    scene.arena.database.close()
    change()
    # The copy holds what a bot of then had in hand; as a minute later, nobody has.
    scene.arena.let_leases_run_out()
    scene.arena.database.close()
    begins = scene.now()
    place = len(scene.old)
    scene.old.append(Span(what, begins))
    scene.start()
    yield
    scene.old[place] = replace(scene.old[place], ends=scene.now())


def take_for_true(scene: Scene) -> None:
    """Let two people say that this record is the true one; what it holds may go on from the second on."""
    since = scene.old[-1].begins
    scene.until(lambda: _click(scene, APPROVER, since), "the question about the record", timeout_s=70, every_s=0.2)
    query = """
        SELECT count(*) AS n FROM votes
        WHERE subject_kind = 'anchor' AND subject_id = (SELECT max(id) FROM anchor_losses) AND state = 'counted'
        """
    scene.until(lambda: scene.arena.number(query) > 0, "the first vote counts")
    scene.let_go()
    _click(scene, PROPOSER, since)
    scene.until(lambda: scene.arena.number(query) > 1, "the second vote counts")


def _click(scene: Scene, who: str, since: float) -> bool:
    """Press the button of the question that was asked since then."""
    for message in scene.slack.messages(CHANNEL):
        if float(message.ts) > since and "Everything is held" in message.text:
            return scene.slack.click(who, TRUE_ONE, match="Everything is held").error is None
    return False


def stopped_then_restored(scene: Scene) -> None:
    """A stop in the hold is forgotten by the record."""
    _restored(scene, scene.stop)


def rejected_then_restored(scene: Scene) -> None:
    """A rejection is forgotten by the record: nobody approves it a second time."""
    _restored(scene, None)


def _restored(scene: Scene, stop: Callable[[Deletion], object] | None) -> None:
    other, kept = scene.propose(), scene.propose()
    if stop is not None:
        scene.hold(kept)
    scene.keeper.back_up()
    if stop is not None:
        stop(kept)
    else:
        reject(scene, kept)
    scene.until_posted(scene.events())
    with put_back(scene, "an older copy", scene.keeper.restore):
        scene.wait(scene.hold_s + 2)
        take_for_true(scene)
    _again(scene, kept, other)


def restored_while_executing(scene: Scene) -> None:
    """What was sent is forgotten by the record."""
    other, kept = scene.propose(), scene.propose(BIG)
    scene.hold(kept)
    scene.keeper.back_up()
    begun, copied = scene.calls() + 2, scene.events()
    scene.until(lambda: scene.calls() >= begun, f"{kept.name} is under way")
    scene.until_posted(copied + 1)
    with put_back(scene, "an older copy, in the middle of a deletion", scene.keeper.restore):
        scene.wait(scene.hold_s + 2)
        take_for_true(scene)
    scene.finish([kept])
    _again(scene, None, other)


def lost(scene: Scene) -> None:
    """The newest writes are lost, a stop among them, and nobody says so."""
    other, kept = scene.propose(), scene.propose()
    scene.hold(kept)
    scene.keeper.begin_to_lose()
    scene.stop(kept)
    scene.until_posted(scene.events())
    with put_back(scene, "lost writes", scene.keeper.lose):
        scene.wait(scene.hold_s + 2)
        take_for_true(scene)
    _again(scene, kept, other)


def _again(scene: Scene, kept: Deletion | None, other: Deletion) -> None:
    """Stop, in the hold that has begun anew, what the record has forgotten was stopped; delete the other."""
    if kept is not None and scene.state(kept) == "approved":
        scene.until(lambda: offers_stop(scene.card(kept)), f"Stop on {kept.name}")
        scene.stop(kept)
    elif kept is not None:
        reject(scene, kept)
    scene.hold(other)
    scene.finish([other])


# --- a hostile world ---------------------------------------------------------------------------------------------


def crowded(scene: Scene, attack: Attack) -> None:
    """Strangers crowd the door while people stop and freeze."""
    other, running, held = scene.propose(), scene.propose(BIG), scene.propose()
    scene.hold(running)
    begun = scene.calls() + 2
    with strangers(attack, f"http://127.0.0.1:{scene.port}", CROWD):
        scene.until(lambda: scene.calls() >= begun, f"{running.name} is under way")
        scene.hold(held)
        scene.stop(running)
        scene.stop(held)
        scene.freeze()
        scene.approve(other)
        scene.wait(scene.hold_s + 1)
    scene.thaw()
    scene.finish([running, held, other])


def away(
    scene: Scene, what: str, go: Callable[[Scene], object], back: Callable[[Scene], object], *, hides: bool
) -> None:
    """Something is away while deletions are at every step, for longer than a hold."""
    each = cohort(scene)
    with scene.without(what, lambda: go(scene), lambda: back(scene), hides=hides):
        scene.wait(scene.hold_s + 4)
    scene.hold(each.proposed)
    scene.finish([each.proposed, *each.wanted], timeout_s=90)


def set_clock(scene: Scene, seconds: int) -> None:
    """A clock is set while deletions are at every step, and set right later."""
    each = cohort(scene)
    file = scene.clock
    file.write_text(str(seconds))
    scene.wait(scene.hold_s + 2)
    file.write_text("0")
    scene.hold(each.proposed)
    scene.finish([each.proposed, *each.wanted], timeout_s=90)


def left(scene: Scene, who: str, **changes: bool) -> None:
    """Somebody leaves while deletions are at every step."""
    each = cohort(scene)
    scene.slack.change_person(who, **changes)
    begins, user = scene.now(), scene.slack.user(who).id
    scene.gone.append(Span(user, begins))
    if who != PROPOSER:
        scene.hold(each.proposed, OTHER)
    scene.wait(scene.hold_s + 2)
    scene.finish([each.executing, each.finished], timeout_s=90)
    scene.slack.change_person(who, **dict.fromkeys(changes, False))
    scene.gone[-1] = Span(user, begins, scene.now())
    close(scene, each)


def removed(scene: Scene) -> None:
    """An approver is taken out of the settings while deletions are at every step."""
    each = cohort(scene)
    users = {who: scene.slack.user(who).id for who in (PROPOSER, APPROVER, OTHER)}
    scene.end()
    begins = scene.now()
    scene.gone.append(Span(users[APPROVER], begins))
    scene.change(COUNTERSIGN_APPROVERS=f"{users[PROPOSER]} {users[OTHER]}")
    scene.start()
    scene.hold(each.proposed, OTHER)
    scene.wait(scene.hold_s + 1)
    scene.finish([each.executing, each.finished, each.proposed], timeout_s=90)
    scene.end()
    scene.gone[-1] = Span(users[APPROVER], begins, scene.now())
    scene.change(COUNTERSIGN_APPROVERS=" ".join(users.values()))
    scene.start()
    close(scene, each)


def close(scene: Scene, each: Cohort) -> None:
    """End what waits for approval again, or goes on."""
    for deletion in (each.proposed, each.voted, each.held):
        if scene.state(deletion) == "pending":
            reject(scene, deletion)
    scene.finish([each.proposed, *each.wanted], timeout_s=90)


def _channel(name: str, **changes: object) -> Callable[[Scene], object]:
    return lambda scene: scene.slack.change_channel(name, **changes)


def _uninvited(name: str) -> Callable[[Scene], object]:
    def change(scene: Scene) -> object:
        members = scene.slack.channel(name).members
        return scene.slack.change_channel(name, members=members - {BOT_USER_ID})

    return change


def _invited(name: str) -> Callable[[Scene], object]:
    def change(scene: Scene) -> object:
        return scene.slack.change_channel(name, members=scene.slack.channel(name).members | {BOT_USER_ID})

    return change


def _away(
    what: str, go: Callable[[Scene], object], back: Callable[[Scene], object], *, hides: bool = True
) -> Round:
    return Round(Kind.AWAY, what, partial(away, what=what, go=go, back=back, hides=hides))


OLD = (
    Round(Kind.OLD_RECORD, "after a stop", stopped_then_restored),
    Round(Kind.OLD_RECORD, "after a rejection", rejected_then_restored),
    Round(Kind.OLD_RECORD, "while executing", restored_while_executing),
)
LOST = (Round(Kind.LOST, "a stop among them", lost),)
STRANGERS = tuple(Round(Kind.STRANGERS, attack, partial(crowded, attack=attack)) for attack in Attack)
AWAY = (
    _away("Slack, refusing connections", lambda s: s.slack.leave(), lambda s: s.slack.come_back()),
    _away(
        "Slack, resetting connections",
        lambda s: s.slack.faults.add("reset_before", times=None),
        lambda s: s.slack.faults.clear(),
    ),
    _away(
        "the approvals channel, archived", _channel(CHANNEL, is_archived=True), _channel(CHANNEL, is_archived=False)
    ),
    _away("the approvals channel, the bot not in it", _uninvited(CHANNEL), _invited(CHANNEL), hides=False),
    _away(
        "the audit channel, archived",
        _channel(AUDIT, is_archived=True),
        _channel(AUDIT, is_archived=False),
        hides=False,
    ),
    _away("the audit channel, the bot not in it", _uninvited(AUDIT), _invited(AUDIT), hides=False),
)
CLOCKS = (
    Round(Kind.CLOCKS, "forward", partial(set_clock, seconds=HOUR_S)),
    Round(Kind.CLOCKS, "back", partial(set_clock, seconds=-HOUR_S)),
)
PEOPLE = (
    Round(Kind.PEOPLE, "the approver, deactivated", partial(left, who=APPROVER, deleted=True)),
    Round(Kind.PEOPLE, "the approver, a guest", partial(left, who=APPROVER, is_restricted=True)),
    Round(Kind.PEOPLE, "the proposer, deactivated", partial(left, who=PROPOSER, deleted=True)),
    Round(Kind.PEOPLE, "the approver, removed by a restart", removed),
)
EVERY: Mapping[Kind, tuple[Round, ...]] = {
    Kind.OLD_RECORD: OLD,
    Kind.LOST: LOST,
    Kind.STRANGERS: STRANGERS,
    Kind.AWAY: AWAY,
    Kind.CLOCKS: CLOCKS,
    Kind.PEOPLE: PEOPLE,
}
