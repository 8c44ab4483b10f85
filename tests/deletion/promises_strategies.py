"""What hypothesis makes up for the promises: people, requests, lies, pauses, moments."""

from hypothesis import strategies as st

from deletion.terms.people import Actor, Person
from deletion.terms.requests.targets import Images, ImagesOf, Mezzanines, Request, Streams, VideoImages, Videos
from tests.deletion.memory_lies import DELETING_LIES, READING_LIES, Lie
from tests.deletion.promises_stage import HOME, member

TEAM = [Actor(HOME, f"U{name}") for name in ("ANA", "BO", "CY", "DEE", "EVE")]
STRANGER = Actor("TELSE", "UBO")
NAMES = [str(who) for who in TEAM]

PEOPLE = st.sampled_from([*TEAM, STRANGER])
NUMBERS = st.integers(0, 9)
INSTANCES = st.integers(0, 1)
ANYBODY = frozenset(NAMES)

MOMENTS = frozenset({"read", "write", "ask", "delete"})
READINGS = ("BatchGetMediaInfos", "GetVideoInfos", "GetPlayInfo", "GetMezzanineInfo", "GetImageInfos")
DELETIONS = ("DeleteVideo", "DeleteStream", "DeleteMezzanines", "DeleteImage")
Lies = list[Lie | None]
DELETING = st.lists(st.none() | st.sampled_from(DELETING_LIES), max_size=3)
READING = st.lists(st.none() | st.sampled_from(READING_LIES), max_size=3)
"""How the next calls are answered, one after the other; None is the truth."""

TROUBLE = st.sampled_from(["kill", "kill", "other", "other", "freeze", "stop", "vote", "wait", "change", "change"])
OFFSETS = st.sampled_from([-1, 0, 1])
PAUSES = st.sampled_from([1, 6, 31, 61, 590, 1200, 3599, 3700])


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Make up what somebody wants to have deleted: most often videos, now and then something that is not there."""
    names = st.lists(st.integers(0, 10), min_size=1, max_size=5, unique=True)
    kind = draw(st.sampled_from(["videos", "videos", "videos", "streams", "sources", "images", "pictures"]))
    match kind:
        case "videos":
            return Videos(tuple(f"video{number}" for number in draw(names)))
        case "sources":
            return Mezzanines(tuple(f"video{number}" for number in draw(names)), force=draw(st.booleans()))
        case "streams":
            video = f"video{draw(NUMBERS)}"
            return Streams(video, draw(st.sampled_from([("HD",), ("HD", f"{video}-sd"), (f"{video}-sd",)])))
        case "images":
            return Images(tuple(f"image{number}" for number in draw(names)))
        case _:
            which = [VideoImages.COVER, VideoImages.SNAPSHOT]
            return ImagesOf(
                f"video{draw(NUMBERS)}", tuple(draw(st.lists(st.sampled_from(which), min_size=1, unique=True)))
            )


def persons(who: Actor) -> dict[str, Person | None]:
    """Return what Slack may say of somebody."""
    return {
        "member": member(who),
        "deactivated": Person(who, deleted=True, is_bot=False, is_guest=False, is_stranger=False),
        "guest": Person(who, deleted=False, is_bot=False, is_guest=True, is_stranger=False),
        "bot": Person(who, deleted=False, is_bot=True, is_guest=False, is_stranger=False),
        "no answer": None,
    }
