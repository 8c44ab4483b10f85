"""Why something was stopped, held, closed or not collected, in words: of codes with what they saw."""

from deletion.approval.ending import Ending
from deletion.audit.events import CollectionFailed
from deletion.terms.causes import Cause, Why
from deletion.terms.faults import VodFault
from deletion.terms.findings import FieldChange
from deletion.terms.item_note import ItemNote
from handlers.text import vod_errors, words
from handlers.text.escaping import code, plain
from handlers.text.language import Language

NAMED = 10
"""Things that are named one by one before the rest is counted."""


def cause(lang: Language, found: Cause) -> str:
    """Say why the program stopped, closed or held something (plain text, the end of a sentence)."""
    match found.why:
        case Why.STOPPING_OUTCOME | Why.CANARY_FAILED:
            return _outcome(lang, found)
        case Why.CLOSED:
            return lang.say("the proposal was closed first")
        case Why.NOT_THE_APPROVED_PLAN:
            return lang.say("the stored plan is not the one that was approved")
        case Why.OTHER_REGION:
            return lang.say(
                "it was approved for region {region}, and Countersign works in {here} now",
                region=plain(found.region or "?", 40),
                here=plain(found.here or "?", 40),
            )
        case Why.TIME_TO_EXECUTE_OVER:
            return lang.say("the time to execute it is over")
        case Why.APPROVALS_MISSING:
            return lang.say("too few of its approvers may still approve it")
        case Why.ASSETS_GONE:
            return lang.say("nothing of it is in VOD any more")
        case _:
            return _cause_of_work(lang, found)


def _outcome(lang: Language, found: Cause) -> str:
    outcome = lang.say(words.OUTCOME_NAMES[found.outcome]) if found.outcome else lang.say("unknown")
    if found.why is Why.CANARY_FAILED:
        return lang.say("the first item, tried alone, ended as: {outcome}", outcome=outcome)
    return lang.say("an item ended as: {outcome}", outcome=outcome)


def _cause_of_work(lang: Language, found: Cause) -> str:
    match found.why:
        case Why.STOPPED_BY_PERSON:
            return lang.say("a person stopped it")
        case Why.ACCOUNT_REFUSED if found.vod_code:
            return lang.say("VOD refused this account ({code})", code=plain(found.vod_code, 80))
        case Why.ACCOUNT_REFUSED:
            return lang.say("VOD refused this account")
        case Why.BATCH_STOPPED:
            return lang.say("another item of its batch was not as approved")
        case Why.NOT_IN_PLAN:
            return lang.say("it is not in the approved plan")
        case Why.UNREADABLE:
            return lang.say("VOD no longer shows it")
        case Why.NO_REPORT:
            return lang.say("the instance that sent it did not report back")
        case _:
            return plain(found.words or found.why, 200)


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
        return lang.say(
            "Nothing of it can be deleted: {items}. Check the IDs, and that they belong to this region.",
            items=words.more(lang, lang.series(named[:NAMED]), len(named) - NAMED),
        )
    return lang.say("VOD could not be read: {fault}", fault=fault(lang, found.vod or VodFault(code="unknown")))


def of_item(lang: Language, note: ItemNote) -> str:
    """Say why an item was held, stopped or refused (plain text); '' when there is nothing to say."""
    if note.drift:
        return lang.series(change(lang, each) for each in note.drift)
    if note.fault is not None:
        told = (note.fault.code, vod_errors.advice(lang, note.fault.advice))
        return ". ".join(plain(part, 200) for part in told if part).rstrip(".")
    return cause(lang, note.because) if note.because else ""


def change(lang: Language, found: FieldChange) -> str:
    """Say what is no longer as it was approved (plain text)."""
    empty = lang.say("empty")
    told = lang.say(
        "{field} was {old}, is {new}",
        field=found.field,
        old=found.before or empty,
        new=found.after or empty,
    )
    return plain(told, 120)
