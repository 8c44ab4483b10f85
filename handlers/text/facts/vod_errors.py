"""What VOD answered and what to do about it, in words."""

from handlers.text.escaping import code, safe
from handlers.text.language import Language, sentence
from vod import Advice

ADVICE: dict[str, str] = {
    Advice.SET_CLOCK: sentence(
        "The clock of Countersign's host is more than 15 minutes off. Set it, then try again."
    ),
    Advice.CHECK_KEY_ID: sentence(
        "Alibaba Cloud does not know this AccessKey, or it is disabled. Check the AccessKey ID of Countersign."
    ),
    Advice.CHECK_KEY_PAIR: sentence(
        "The secret does not belong to the AccessKey. Check the AccessKey secret of Countersign."
    ),
    Advice.CHECK_ROLE: sentence(
        "Temporary credentials could not be obtained or have expired. Check the RAM role and who may assume it."
    ),
    Advice.PAY: sentence(
        "The VOD service is suspended because a payment is overdue. Settle the account, then try again."
    ),
    Advice.ACTIVATE: sentence(
        "VOD is not activated for this account in this region. Activate it, or check the region."
    ),
    Advice.PERMIT: sentence(
        "Countersign's RAM identity has no permission for this. Grant it this VOD action and access to the "
        "application that owns the media."
    ),
    Advice.PERMIT_MEDIA: sentence(
        "Countersign's RAM identity has no access to the application of VOD that owns these media. Grant it that "
        "application."
    ),
    Advice.CHECK_ACCESS: sentence("VOD denied access. Check Countersign's AccessKey and permissions."),
    Advice.NOTHING: sentence("Nothing with this ID exists in this region (any more). Nothing needs to be done."),
    Advice.SLOW_DOWN: sentence("VOD throttled the call. Wait a few seconds, then try again."),
    Advice.CHECK_REQUEST: sentence("VOD refused these parameters. Check the error code, then propose again."),
    Advice.WAIT_FOR_NORMAL: sentence(
        "The video is not in status Normal. Wait until VOD has finished processing it, then try again."
    ),
    Advice.CHECK_NETWORK: sentence(
        "VOD could not be reached. Check network, DNS, proxy and endpoint, then try again."
    ),
    Advice.CHECK_CERTIFICATE: sentence(
        "The server's certificate is not trusted. Check endpoint and proxy, and that SSL_CERT_FILE names the CA; "
        "nothing was sent."
    ),
    Advice.READ_BACK: sentence(
        "It is not known whether VOD did this. Check what still exists before trying again."
    ),
    Advice.TRY_AGAIN: sentence("VOD gave no usable answer."),
    Advice.NOT_SHOWN: sentence(
        "VOD does not show every item at the moment: one may be in processing, or may have become unreadable."
    ),
}
"""What to do, by the code of the advice (plain text)."""


def advice(lang: Language, given: str) -> str:
    """Say what to do (plain text). Earlier versions wrote sentences into the record: those stand as they are."""
    return lang.say(ADVICE[given]) if given in ADVICE else given


def vod_error(lang: Language, named: str, given: str, request_id: str | None = None) -> str:
    """Say VOD's error code, the id of the request for Alibaba's support, and what to do about it (mrkdwn)."""
    if request_id:
        request = code(request_id, 60)
        said = lang.say("{code} (VOD request {request}).", code=code(named, 80), request=request)
    else:
        said = lang.say("{code}.", code=code(named, 80))
    return f"{said} {safe(advice(lang, given))}" if given else said
