"""What somebody has to do about a call that failed: a code; the words for it are not VOD's business."""

from enum import StrEnum


class Advice(StrEnum):
    """One for each thing to do. The codes are written into the record: they stay."""

    SET_CLOCK = "set clock"
    CHECK_KEY_ID = "check key id"
    CHECK_KEY_PAIR = "check key pair"
    CHECK_ROLE = "check role"
    PAY = "pay"
    ACTIVATE = "activate"
    PERMIT = "permit"
    PERMIT_MEDIA = "permit media"
    """Not the action: the application that owns these media."""
    CHECK_ACCESS = "check access"
    NOTHING = "nothing"
    SLOW_DOWN = "slow down"
    CHECK_REQUEST = "check request"
    WAIT_FOR_NORMAL = "wait for normal"
    CHECK_NETWORK = "check network"
    CHECK_CERTIFICATE = "check certificate"
    READ_BACK = "read back"
    TRY_AGAIN = "try again"
    NOT_SHOWN = "not shown"
