"""Every way a call to ApsaraVideo VOD can fail, sorted by what is known to have happened on the other side."""

from vod.sdk.advice import Advice


class VodError(Exception):
    """A call failed.

    `code` is VOD's own error code or one of ours (`NotConnected`, `TimedOut`, `UnreadableAnswer` ...);
    `request_id` is what Alibaba's support asks for; `advice` is a code for what somebody has to do about it.
    The text never holds addresses, keys, signatures or the message of another library: those carry the signed
    request.
    """

    def __init__(
        self,
        action: str,
        code: str,
        *,
        advice: Advice,
        http_status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(action, code)
        self.action = action
        self.code = code
        self.advice = advice
        self.http_status = http_status
        self.request_id = request_id

    def __str__(self) -> str:
        status = None if self.http_status is None else f"HTTP {self.http_status}"
        request = None if self.request_id is None else f"request {self.request_id}"
        details = ", ".join(part for part in (status, request) if part)
        return f"{self.action}: {self.code}" + (f" ({details})" if details else "")


class NotFound(VodError):  # noqa: N818 - reads as what happened; VodError names the family
    """None of the named things exists (any more). Nothing was done."""


class Throttled(VodError):  # noqa: N818 - as above
    """VOD turned the call away because there were too many. Nothing was done."""


class Denied(VodError):  # noqa: N818 - as above
    """Keys, clock, permission or the account's standing are not in order. Nothing was done."""


class Rejected(VodError):  # noqa: N818 - as above
    """VOD refused these parameters. Nothing was done."""


class IllegalStatus(Rejected):
    """The video is in a status this call does not answer for (GetPlayInfo wants `Normal`)."""


class NotSent(VodError):  # noqa: N818 - as above
    """The request certainly never reached VOD. Nothing was done."""


class Ambiguous(VodError):  # noqa: N818 - as above
    """It may or may not have happened: read back what still exists before doing anything else."""
