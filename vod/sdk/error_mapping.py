"""Turns whatever the Alibaba SDK raises into one of our errors; the one place that knows what each code means."""

import re

from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException

from vod.sdk.advice import Advice
from vod.sdk.errors import Ambiguous, Denied, IllegalStatus, NotFound, NotSent, Rejected, Throttled, VodError
from vod.sdk.transport import Outcome

# VOD's page "Error codes" and the tables of DeleteVideo, DeleteStream, DeleteImage, GetPlayInfo,
# GetMezzanineInfo. An explicit list: InvalidAction.NotFound or InvalidAccessKeyId.NotFound must never read as
# "already gone".
GONE = frozenset(
    {
        "InvalidVideo.NotFound",
        "InvalidVideo.NoneStream",
        "InvalidStream.NotFound",
        "InvalidFile.NotFound",
        "NoSuchResource",
    },
)
THROTTLED = re.compile(r"Throttling(\.|$)")
# A nonce seen twice means that something between us and VOD sent the request twice: the first may have been
# carried out.
UNSURE = re.compile(
    r"(InternalError|ServiceUnAvailable|ServiceUnavailable|Delete\w*Failed|SignatureNonceUsed)(\.|$)"
)
# GetPlayInfo's 403s that speak of the video, not of the caller.
ABOUT_THE_VIDEO: dict[str, type[Rejected]] = {
    "Forbidden.IllegalStatus": IllegalStatus,
    "Forbidden.AliyunVoDEncryption": Rejected,
}
DENIALS = (
    # A clock more than 15 minutes off.
    (re.compile(r"InvalidTimeStamp"), Advice.SET_CLOCK),
    # A key that Alibaba does not know, or that is disabled.
    (re.compile(r"InvalidAccessKeyId|InactiveAccessKeyId|Forbidden\.AccessKey"), Advice.CHECK_KEY_ID),
    (re.compile(r"SignatureDoesNotMatch|InvalidAccessKeySecret|IncompleteSignature"), Advice.CHECK_KEY_PAIR),
    # Temporary credentials that could not be obtained, or that have run out.
    (re.compile(r"\w*SecurityToken|SDK\.GetSessionCredentialFailed|SDK\.InvalidCredential"), Advice.CHECK_ROLE),
    (re.compile(r"OperationDenied\.Suspended"), Advice.PAY),
    (re.compile(r"OperationDenied"), Advice.ACTIVATE),
    # Multi-application: other media may well be open to the same identity.
    (re.compile(r"Forbidden\.OperateApp"), Advice.PERMIT_MEDIA),
    (re.compile(r"Forbidden|NoPermission"), Advice.PERMIT),
)
ADVICE: dict[type[VodError], Advice] = {
    NotFound: Advice.NOTHING,
    Throttled: Advice.SLOW_DOWN,
    Denied: Advice.CHECK_ACCESS,
    Rejected: Advice.CHECK_REQUEST,
    IllegalStatus: Advice.WAIT_FOR_NORMAL,
    NotSent: Advice.CHECK_NETWORK,
    Ambiguous: Advice.READ_BACK,
}


def fault_of(error: Exception, action: str, *, signed: bool) -> VodError:
    """The error to raise for what came out of one call of `action`.

    `signed` says whether the request had been signed: one that was not cannot have been sent. Everything that
    is not proven to have been without effect is `Ambiguous`: time-outs, resets, 5xx, answers in no known
    language, and the exceptions the SDK trips over itself with (UnicodeDecodeError, IndexError).
    """
    if not signed:
        return _unsigned(error, action)
    if isinstance(error, ServerException):
        return _answered(error, action)
    if isinstance(error, ClientException):
        return _transport(error, action)
    return _fault(Ambiguous, action, "UnreadableAnswer")


def unreadable(action: str, request_id: object = None) -> Ambiguous:
    """An answer of 200 that is not what VOD answers."""
    return Ambiguous(
        action, "UnreadableAnswer", advice=ADVICE[Ambiguous], http_status=200, request_id=_id(request_id)
    )


def _answered(error: ServerException, action: str) -> VodError:
    code, status = _code(error), error.get_http_status()
    status = status if isinstance(status, int) else None
    kind = _kind(code, status)
    advice = _denial_advice(code) if kind is Denied else ADVICE[kind]
    return kind(action, code, advice=advice, http_status=status, request_id=_id(error.get_request_id()))


def _kind(code: str, status: int | None) -> type[VodError]:
    if THROTTLED.match(code):
        return Throttled
    if not _is_definite(code, status):
        return Ambiguous
    if code in ABOUT_THE_VIDEO:
        return ABOUT_THE_VIDEO[code]
    if code in GONE:
        return NotFound
    return Denied if status in {401, 403} or _is_denial(code) else Rejected


def _is_definite(code: str, status: int | None) -> bool:
    """Whether VOD itself said no: a 4xx in its own words. A 408 is a gateway that gave up waiting."""
    if status is None or not 400 <= status < 500 or status == 408:
        return False
    return not (UNSURE.match(code) or code == "UnreadableCode" or code.startswith("SDK."))


def _is_denial(code: str) -> bool:
    return any(pattern.match(code) for pattern, _ in DENIALS)


def _denial_advice(code: str) -> Advice:
    return next((advice for pattern, advice in DENIALS if pattern.match(code)), ADVICE[Denied])


def _transport(error: ClientException, action: str) -> VodError:
    match error.get_error_msg():
        case Outcome.NOT_CONNECTED:
            return _fault(NotSent, action, Outcome.NOT_CONNECTED)
        case Outcome.NOT_TRUSTED:
            return NotSent(action, Outcome.NOT_TRUSTED.value, advice=Advice.CHECK_CERTIFICATE)
        case Outcome.TIMED_OUT | Outcome.TOO_LARGE as outcome:
            return _fault(Ambiguous, action, outcome)
        case _:
            return _fault(Ambiguous, action, Outcome.LOST)


def _unsigned(error: Exception, action: str) -> VodError:
    """Credentials are fetched while signing: whatever failed there, VOD was not asked anything."""
    if isinstance(error, ServerException):
        status = error.get_http_status()
        kind: type[VodError] = Denied if isinstance(status, int) and 400 <= status < 500 else NotSent
        return kind(action, _code(error), advice=Advice.CHECK_ROLE, http_status=status)
    if isinstance(error, ClientException) and error.get_error_msg() in {*Outcome}:
        return _fault(NotSent, action, str(error.get_error_msg()))
    return NotSent(action, "CredentialsUnavailable", advice=Advice.CHECK_ROLE)


def _fault(kind: type[VodError], action: str, code: str) -> VodError:
    return kind(action, str(code), advice=ADVICE[kind])


def _code(error: ServerException) -> str:
    """VOD's code, if it looks like one: it is shown to people, and anybody on the way could have written it."""
    code = error.get_error_code()
    return code if isinstance(code, str) and re.fullmatch(r"[0-9A-Za-z._-]{1,100}", code) else "UnreadableCode"


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"[0-9A-Za-z-]{1,64}", value) else None
