"""What operators are told: something that only they can mend, and that it is over."""

from typing import TypeAlias, assert_never

from deletion.audit import notices
from deletion.audit.fields import Trouble, TroubleKind
from deletion.audit.messages import places
from handlers.text.blocks import Message, said
from handlers.text.escaping import code
from handlers.text.facts import vod_errors
from handlers.text.language import Language

OperatorTold: TypeAlias = notices.TroubleBegun | notices.TroubleEnded


def message(lang: Language, told: OperatorTold, *, approvals: str, audit: str) -> Message:
    """Render a message to whoever runs the bot; ``approvals`` and ``audit`` mention the two channels."""
    if isinstance(told, notices.TroubleEnded):
        over = _over(lang, told.trouble, approvals=approvals, audit=audit)
        return said(lang.say("*Over*: {what}. It had begun {time}.", what=over, time=lang.moment(told.since_ms)))
    what = _what(lang, told.trouble, approvals=approvals, audit=audit)
    opening = lang.say("*For the operator*: {what}.", what=what)
    again = lang.say("This is said once, and once more when it is over.")
    return said(lang.sentences(opening, _remedy(lang, told.trouble, approvals), again))


def _what(lang: Language, found: Trouble, *, approvals: str, audit: str) -> str:
    match found.kind:
        case TroubleKind.ACCOUNT:
            return lang.say("VOD refuses Countersign's account ({code})", code=code(found.code, 80))
        case TroubleKind.ACTION:
            return lang.say(
                "VOD refused a call of {action} ({code})", action=code(found.what, 60), code=code(found.code, 80)
            )
        case TroubleKind.CHANNEL if found.what:
            channel = approvals if found.what == places.APPROVALS else audit
            return lang.say("{channel} takes no messages ({code})", channel=channel, code=code(found.code, 80))
        case TroubleKind.CHANNEL:
            return lang.say(
                "{approvals} or {audit} cannot be read ({code})",
                approvals=approvals,
                audit=audit,
                code=code(found.code, 80),
            )
        case TroubleKind.RECORD:
            return lang.say("the record does not lead to the newest head in {audit}", audit=audit)
        case TroubleKind.WORKER:
            return lang.say("no worker takes jobs")
        case _:
            assert_never(found.kind)


def _over(lang: Language, found: Trouble, *, approvals: str, audit: str) -> str:
    match found.kind:
        case TroubleKind.ACCOUNT:
            return lang.say("VOD takes calls of Countersign's account again")
        case TroubleKind.ACTION:
            return lang.say("VOD takes {action} again", action=code(found.what, 60))
        case TroubleKind.CHANNEL:
            return lang.say("{approvals} and {audit} take messages again", approvals=approvals, audit=audit)
        case TroubleKind.RECORD:
            return lang.say("it is settled which record is the true one")
        case TroubleKind.WORKER:
            return lang.say("jobs are taken again")
        case _:
            assert_never(found.kind)


def _remedy(lang: Language, found: Trouble, approvals: str) -> str:
    match found.kind:
        case TroubleKind.ACCOUNT | TroubleKind.ACTION:
            return vod_errors.advice(lang, found.advice)
        case TroubleKind.CHANNEL:
            return lang.say(
                "Nothing is deleted meanwhile. Unarchive the channel, invite Countersign again, or name another in "
                "the settings; `python -m bot check` says what is missing."
            )
        case TroubleKind.RECORD:
            return lang.say(
                "Nothing is deleted meanwhile. If the whole record still exists, start Countersign on that; if "
                "not, two people decide in {approvals}.",
                approvals=approvals,
            )
        case TroubleKind.WORKER:
            return lang.say(
                "Proposals are not read, votes not counted, nothing is deleted. Start `python -m bot run`, or "
                "`worker` beside `web`."
            )
        case _:
            assert_never(found.kind)
