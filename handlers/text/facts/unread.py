"""Why something could not be looked up, and what to do next."""

from deletion.lookup.failures import Unread, Why
from handlers.text.facts.vod_errors import vod_error
from handlers.text.language import Language, sentence

SENTENCES: dict[Why, str] = {
    Why.THROTTLED: sentence("VOD throttles calls at the moment. Wait a few seconds, then try again."),
    Why.DENIED: sentence("VOD did not let Countersign read this: tell its operator."),
    Why.UNREACHABLE: sentence(
        "VOD could not be reached. Try again; if it stays so, tell the operator of Countersign."
    ),
    Why.NO_ANSWER: sentence("VOD gave no usable answer. Wait a minute, then try again."),
    Why.TOO_SLOW: sentence("VOD took too long to answer. Try again, or look for less."),
    Why.CROWDED: sentence(
        "Deletions, or other people's look-ups, take up the calls that VOD allows in a second, and deletions go "
        "first. Wait a few seconds, then try again."
    ),
    Why.RECORD_BUSY: sentence(
        "Countersign's record did not answer in time: it is busy, or its database is away. Wait a few seconds, "
        "then try again."
    ),
    Why.STATUS: sentence("VOD does not show this while the video is in its present status."),
    Why.REGION: sentence("VOD has this in the region China (Shanghai) only."),
}

SHORT: dict[Why, str] = {
    Why.THROTTLED: sentence("VOD throttles calls"),
    Why.DENIED: sentence("no permission"),
    Why.UNREACHABLE: sentence("VOD not reached"),
    Why.NO_ANSWER: sentence("no usable answer from VOD"),
    Why.TOO_SLOW: sentence("it took too long"),
    Why.CROWDED: sentence("too many calls at the moment"),
    Why.RECORD_BUSY: sentence("Countersign's record is busy"),
    Why.STATUS: sentence("VOD does not show them in the video's status"),
    Why.REGION: sentence("only in the region China (Shanghai)"),
}
"""The same in a few words, for one part among others."""


def sentence_of(lang: Language, unread: Unread) -> str:
    """Say why a look-up has no answer, and what to do (mrkdwn)."""
    said = lang.say(SENTENCES[unread.why])
    if unread.fault is None or unread.why not in {Why.DENIED, Why.UNREACHABLE, Why.NO_ANSWER}:
        return said
    fault = unread.fault
    return lang.sentences(said, vod_error(lang, fault.code, fault.advice, fault.request_id))


def in_short(lang: Language, unread: Unread) -> str:
    """Say why one part is missing (plain text)."""
    return lang.say("could not be read ({why})", why=lang.say(SHORT[unread.why]))
