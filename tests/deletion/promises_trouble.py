"""What comes between: people, other instances, sudden death, waiting, and changes in the library."""

from collections.abc import Callable

from hypothesis import strategies as st

from deletion.terms.people import Actor
from tests.deletion import memory_library
from tests.deletion.promises_instance import Interruption, Killed
from tests.deletion.promises_stage import Stage, member
from tests.deletion.promises_strategies import MOMENTS, NUMBERS, PEOPLE, TEAM, persons
from vod import ImageKind

ONCE = frozenset({"delete", "answered"})


def made_up(stage: Stage, instance: int, what: str, nth: int, data: st.DataObject) -> Interruption:
    """Make up what comes between; each is lawful at any moment, but a change must come before a step's reading."""
    match what:
        case "kill":
            at = data.draw(st.sampled_from(["write", "committed", *sorted(ONCE)]))
            return Interruption(frozenset({at}), 1 if at in ONCE else nth, _die)
        case "change":
            return Interruption(frozenset({"ask"}), 1, change(stage, data))
        case _:
            # The moments that matter most are the few between a reading and the call.
            after, nth = ("ask", 1 + nth % 4) if data.draw(st.booleans()) else ("", nth)
            return Interruption(MOMENTS, nth, _disturbance(stage, instance, what, data), after)


def _disturbance(stage: Stage, instance: int, what: str, data: st.DataObject) -> Callable[[], None]:
    who, pick = data.draw(PEOPLE), data.draw(st.sampled_from([0, 0, 0, 1, 2]))
    match what:
        case "other":
            steps = data.draw(st.integers(1, 6))
            return lambda: stage.instances[1 - instance].work(steps)
        case "freeze":
            return lambda: stage.freeze(who)
        case "wait":
            seconds = data.draw(st.sampled_from([1, 10, 31, 700]))
            return lambda: stage.advance(seconds)
        case "vote":
            return lambda: vote_on_shown(stage, who, pick)
        case _:
            return lambda: end(stage, who, pick, "stop")


def change(stage: Stage, data: st.DataObject) -> Callable[[], None]:
    """Make up a change in the library."""
    library, number = stage.library, data.draw(NUMBERS)
    shown = _shown(stage) if data.draw(st.booleans()) else []
    name = shown[number % len(shown)] if shown else f"video{number}"
    ways = ["image"] if name in library.images else [*["video"] * 4, "image", "stream", "picture", "newcomer"]
    match data.draw(st.sampled_from(ways)):
        case "video":
            way = data.draw(st.sampled_from(sorted(memory_library.VIDEO_CHANGES)))
            return lambda: memory_library.change_video(library, name, way)
        case "image":
            way = data.draw(st.sampled_from(sorted(memory_library.IMAGE_CHANGES)))
            image = name if name in library.images else f"image{number}"
            return lambda: memory_library.change_image(library, image, way)
        case "stream":
            return lambda: memory_library.add_stream(library, name)
        case "picture":
            kind = data.draw(st.sampled_from([ImageKind.COVER, ImageKind.NORMAL]))
            return lambda: memory_library.take_picture(library, name, kind)
        case _:
            return lambda: memory_library.add_newcomer(library)


def _shown(stage: Stage) -> list[str]:
    """Return the ids of the videos and images that the newest proposal is about."""
    number = number_of(stage, 0)
    things = stage.model.cases[number].shown if number is not None else {}
    return sorted({of or name for _, name, of in things})


def change_person(stage: Stage, who: Actor, data: st.DataObject) -> None:
    """Let one person become anything; so that work goes on, all others are again who they were."""
    for each in TEAM:
        stage.say(each, member(each))
    said = persons(who)
    stage.say(who, said[data.draw(st.sampled_from(sorted(said)))])


def vote_on_shown(stage: Stage, who: Actor, pick: int) -> None:
    """Vote for what is shown now, all of it posted."""
    number = number_of(stage, pick)
    if number is not None and stage.model.cases[number].digests:
        stage.post()
        stage.vote(who, number, stage.model.cases[number].digests[-1])


def vote(stage: Stage, who: Actor, pick: int, on: str) -> None:
    """Vote for what is ``shown`` now, was shown ``first``, or, with any other word, never was."""
    number = number_of(stage, pick)
    if number is None:
        return
    digests = stage.model.cases[number].digests
    places = {"shown": -1, "first": 0}
    stage.vote(who, number, digests[places[on]] if on in places and digests else "f" * 64)


def end(stage: Stage, who: Actor, pick: int, how: str) -> None:
    """Withdraw (the proposer does), reject, or stop a proposal."""
    number = number_of(stage, pick)
    match how:
        case _ if number is None:
            return
        case "withdraw":
            stage.withdraw(Actor(*stage.model.cases[number].proposer.split("/")), number)
        case "reject":
            stage.reject(who, number)
        case _:
            stage.stop(who, number)


def wait_until(stage: Stage, pick: int, edge: str, offset_ms: int) -> None:
    """Wait until just before, at, or just after the moment at which something about a proposal ends."""
    number = number_of(stage, pick)
    if number is None:
        return
    case = stage.model.cases[number]
    edges = {"expiry": case.expires_ms, "hold": case.hold_until_ms, "window": case.execute_by_ms}
    stage.ms = max(stage.ms, (edges[edge] or 0) + offset_ms)


def number_of(stage: Stage, pick: int) -> int | None:
    """Choose one of the newest proposals; 0 is the newest."""
    numbers = sorted(stage.model.cases)
    return numbers[-1 - pick % min(3, len(numbers))] if numbers else None


def _die() -> None:
    raise Killed
