"""What went wrong with a call to VOD, as people are told: codes, never another library's sentence. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VodFault:
    """VOD's error code (or ours), the code of the advice for it, the operation, and Alibaba's request id."""

    code: str
    advice: str = ""
    action: str | None = None
    request_id: str | None = None
