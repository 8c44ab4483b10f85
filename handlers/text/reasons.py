"""Why something was stopped, held, closed or not collected, in words: of codes with what they saw."""

from deletion.approval.ending import Ending
from deletion.audit.events import CollectionFailed
from deletion.terms.place import Place
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import FieldChange, LeftOut
from deletion.terms.results.item_note import ItemNote
from handlers.text import words
from handlers.text.escaping import code, plain
from handlers.text.facts import differences, locations, vod_errors
from handlers.text.language import Language, sentence

CHANGES_NAMED = 5
"""Changes of one item that are told."""

NAMED = 10
"""Things that are named one by one before the rest is counted."""


CAUSES: dict[Why, str] = {
    Why.CLOSED: sentence("the proposal was closed first"),
    Why.NOT_THE_APPROVED_PLAN: sentence("the stored plan is not the one that was approved"),
    Why.OTHER_REGION: sentence("it was approved for region {region}, and Countersign works in {here} now"),
    Why.OTHER_PLACE: sentence("it was approved for {place}, and Countersign now works in {here}"),
    Why.TIME_TO_EXECUTE_OVER: sentence("the time to execute it is over"),
    Why.STOPPED_BY_PERSON: sentence("a person stopped it"),
    Why.APPROVALS_MISSING: sentence("too few of its approvers may still approve it"),
    Why.PROPOSER_GONE: sentence("its proposer is no longer a full member of this workspace"),
    Why.ACCOUNT_REFUSED: sentence("VOD refused this account ({code})"),
    Why.MEDIA_REFUSED: sentence("VOD refused this account access to these media ({code})"),
    Why.STOPPING_OUTCOME: sentence("an item ended as: {outcome}"),
    Why.CANARY_FAILED: sentence("the first item, tried alone, ended as: {outcome}"),
    Why.BATCH_STOPPED: sentence("another item of its batch was not as approved"),
    Why.NOT_IN_PLAN: sentence("it is not in the approved plan"),
    Why.UNREADABLE: sentence("VOD no longer shows it"),
    Why.UNSENDABLE: sentence("VOD takes no such ID or URL"),
    Why.NO_REPORT: sentence("the instance that sent it did not report back"),
    Why.ASSETS_GONE: sentence("nothing of it is in VOD any more"),
    Why.EARLIER_WORDS: "{words}",
}


def cause(lang: Language, found: Cause) -> str:
    """Say why the program stopped, closed or held something (plain text, the end of a sentence)."""
    if found.why is Why.ACCOUNT_REFUSED and found.vod_code is None:
        return lang.say("VOD refused this account")
    is_place = found.why is Why.OTHER_PLACE
    return lang.say(
        CAUSES[found.why],
        region=plain(found.region or "?", 40),
        place=locations.named(lang, Place.parse(found.place or "?")),
        here=locations.named(lang, Place.parse(found.here or "?")) if is_place else plain(found.here or "?", 40),
        code=plain(found.vod_code or "?", 80),
        outcome=lang.say(words.OUTCOME_NAMES[found.outcome]) if found.outcome else "?",
        words=plain(found.words or "?", 200),
    )


def fault(lang: Language, found: VodFault) -> str:
    """Say what VOD answered and what to do about it (mrkdwn)."""
    return vod_errors.vod_error(lang, found.code, found.advice, found.request_id)


def not_collected(lang: Language, found: CollectionFailed | Ending) -> str:
    """Say why a proposal could not be collected (mrkdwn)."""
    if found.refused is not None:
        return words.refusal(lang, found.refused)
    if found.problems:
        named = [lang.say(words.PROBLEMS[problem], name=code(name, 60)) for problem, name in found.problems]
        return lang.say(
            "Nothing can be proposed: {problems}. Check the IDs and propose again.",
            problems=words.more(lang, lang.listed(named[:NAMED]), len(named) - NAMED),
        )
    if found.left_out:
        named = [f"{code(name, 60)} ({lang.say(words.LEFT_OUT[why])})" for name, why in found.left_out]
        items = words.more(lang, lang.series(named[:NAMED]), len(named) - NAMED)
        if any(why is LeftOut.NOT_MATCHING for _, why in found.left_out):
            return lang.say(
                "Nothing of it can be deleted: {items}. VOD's search has not caught up with what changed: propose "
                "it again later.",
                items=items,
            )
        return lang.say(
            "Nothing of it can be deleted: {items}. Check the IDs, and that they belong to this region.",
            items=items,
        )
    return lang.say("VOD could not be read: {fault}", fault=fault(lang, found.vod or VodFault(code="unknown")))


def of_item(lang: Language, note: ItemNote) -> str:
    """Say why an item was held, stopped or refused (plain text); '' when there is nothing to say."""
    if note.drift:
        told = lang.series(change(lang, each) for each in note.drift[:CHANGES_NAMED])
        return words.more(lang, told, len(note.drift) - CHANGES_NAMED)
    if note.fault is not None:
        named, advice = plain(note.fault.code, 200), vod_errors.advice(lang, note.fault.advice)
        if not advice:
            return named
        return lang.say("{code}. {advice}", code=named, advice=plain(advice, 200).rstrip(".。"))
    return cause(lang, note.because) if note.because else ""


def change(lang: Language, found: FieldChange) -> str:
    """Say what is no longer as it was approved (plain text)."""
    told = differences.told(lang, found.field, found.before, found.after)
    return plain(told, 240)
