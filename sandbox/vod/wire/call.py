"""One call of an operation: its parameters, read the way VOD reads them, and the errors they deserve."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.json_types import Json
from sandbox.vod.model.library import Library
from sandbox.vod.model.media import Removal, Video
from sandbox.vod.wire import errors

# Every RPC request may carry these (API reference, "Common parameters"; the SDK adds SignatureType, RegionId).
COMMON_PARAMETERS = frozenset(
    {
        "AccessKeyId",
        "Action",
        "Format",
        "RegionId",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureType",
        "SignatureVersion",
        "Timestamp",
        "Version",
    }
)


@dataclass(frozen=True)
class Call:
    """What an operation gets to see. `base_url` is the sandbox as the caller addressed it, no trailing slash.

    `account` is whose library this is.
    """

    parameters: Mapping[str, str]
    base_url: str
    library: Library
    account: str = ""

    @property
    def action(self) -> str:
        """The operation asked for, "" if none."""
        return self.parameters.get("Action", "")

    def text(self, name: str) -> str:
        """A parameter that must be there. Raises MissingParameter."""
        value = self.parameters.get(name, "").strip()
        if not value:
            raise errors.missing(name)
        return value

    def names(self, name: str, *, most: int = 20, code: str = "InvalidParameter") -> tuple[str, ...]:
        """A comma-separated list without its duplicates. Raises MissingParameter, or `code` if over `most`."""
        found = tuple(dict.fromkeys(split(self.text(name))))
        if not found:
            raise errors.missing(name)
        if len(found) > most:
            raise errors.too_many(code, name, most)
        return found

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """A parameter out of a closed set, case-sensitive. Raises InvalidParameter."""
        value = self.parameters.get(name) or default
        if value not in choices:
            raise errors.invalid(name, f"it must be one of {', '.join(choices)}")
        return value

    def flag(self, name: str) -> bool:
        """A yes or no, however it is capitalised: Python's clients write True. Raises InvalidParameter."""
        value = (self.parameters.get(name) or "false").lower()
        if value not in {"true", "false"}:
            raise errors.invalid(name, "it must be true or false")
        return value == "true"

    def number(self, name: str, *, default: int, least: int = 1, most: int | None = None) -> int:
        """A whole number within bounds. Raises InvalidParameter."""
        value = self.parameters.get(name) or str(default)
        if not value.isascii() or not value.isdigit() or int(value) < least or (most and int(value) > most):
            raise errors.invalid(name, f"it must be a number from {least} to {most or 'any'}")
        return int(value)

    def moment(self, name: str) -> datetime:
        """A time in UTC that must be there, `yyyy-MM-ddTHH:mm:ssZ`. Raises MissingParameter, InvalidParameter."""
        try:
            return datetime.strptime(self.text(name), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise errors.invalid(name, "it must be yyyy-MM-ddTHH:mm:ssZ") from None

    def video(self) -> Video:
        """The one video named by VideoId. Raises MissingParameter, InvalidVideo.NotFound."""
        video = self.library.video(self.text("VideoId"))
        if video is None:
            raise errors.video_not_found()
        return video

    def sorted_out(self, name: str, *, code: str = "InvalidParameter") -> tuple[list[Video], list[str]]:
        """The videos of a list of ids that exist, and the ids of those that do not. Raises as `names`."""
        videos = {one: self.library.video(one) for one in self.names(name, code=code)}
        found = [video for video in videos.values() if video is not None]
        return found, [one for one, video in videos.items() if video is None]


@dataclass(frozen=True)
class Verdict:
    """What a delete operation will answer and take away."""

    answer: Json
    removals: tuple[Removal, ...]


@dataclass(frozen=True)
class Read:
    """A read operation: its own parameters and how it is answered."""

    parameters: frozenset[str]
    answer: Callable[[Call], Json]


@dataclass(frozen=True)
class Delete:
    """A delete operation: its own parameters, which of them names the things, and how it is judged."""

    parameters: frozenset[str]
    ids: tuple[str, ...]
    judge: Callable[[Call], Verdict]


Operation = Read | Delete


def split(value: str) -> list[str]:
    """The non-empty parts between commas."""
    return [part for part in (one.strip() for one in value.split(",")) if part]
