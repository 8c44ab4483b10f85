"""The post that says that this record does not lead to the audit channel, with the button for who knows better."""

from deletion.approval.shown import Shown
from deletion.audit import events
from deletion.audit.anchors import Finding
from deletion.releases import Release
from handlers.cards import ids
from handlers.cards.parts.buttons import plain_text
from handlers.text.blocks import TEXT_MOST, Block, Message, section
from handlers.text.escaping import clip, code
from handlers.text.language import Language
from handlers.text.proposals import released

RECORD_SHOWN = 8
"""Digits of a record's id by which people tell records apart."""


def card(lang: Language, lost: events.AnchorLost, release: Release | None = None, home: str = "") -> Message:
    """Render what was found, what it may mean, what to do, and what that would release.

    ``home`` is the workspace's address, or '' when it is not known.
    """
    parts = [
        lang.say(
            "*Everything is held: this record does not lead to the newest head in the audit channel.* "
            "No further calls will be sent, whatever was approved; calls already sent are being verified."
        ),
        found(lang, lost),
        lang.say(
            "If the whole record still exists, stop Countersign and start it on that one. If it is lost, look in "
            "the audit channel for what this record does not know, stops and freezes above all. Then two people, "
            "one of them an approver, can take this record for the true one. What is approved is then on hold "
            "anew and can still be stopped."
        ),
    ]
    listed = released.told(lang, lost, release, home) if release else []
    text = "\n".join([" ".join(parts), *listed])
    return Message(clip(text, TEXT_MOST), (*map(section, parts), *map(section, listed), _button(lang, lost)))


def found(lang: Language, lost: events.AnchorLost) -> str:
    """Say what the channel shows and what the record holds (mrkdwn)."""
    facts = {
        "posted": lang.number(lost.posted_seq),
        "posted_time": lang.moment(lost.posted_ms),
        "own": lang.number(lost.seq),
        "own_time": lang.moment(lost.at_ms) if lost.at_ms is not None else lang.say("never"),
    }
    match lost.finding:
        case Finding.BEHIND:
            count = lost.posted_seq - lost.seq
            return lang.say_n(
                "The channel's newest head is event {posted}, posted {posted_time}. This record ends at event "
                "{own}, written {own_time}: at least {n} event is missing. It is an older copy: a restored backup, "
                "a damaged disk, or a replica that lost commits.",
                "The channel's newest head is event {posted}, posted {posted_time}. This record ends at event "
                "{own}, written {own_time}: at least {n} events are missing. It is an older copy: a restored "
                "backup, a damaged disk, or a replica that lost commits.",
                count,
                **facts,
            )
        case Finding.DIFFERENT:
            return lang.say(
                "The channel's newest head is event {posted}, posted {posted_time}. This record holds another "
                "event of that number, and ends at event {own}, written {own_time}: it went on from an older copy, "
                "or was edited.",
                **facts,
            )
        case Finding.OTHER_RECORD:
            return lang.say(
                "The channel's newest head is event {posted} of the record {posted_record}, posted {posted_time}. "
                "This is another record, {record}, which ends at event {own}, written {own_time}.",
                posted_record=code(lost.posted_record[:RECORD_SHOWN]),
                record=code(lost.record[:RECORD_SHOWN]),
                **facts,
            )


def _button(lang: Language, lost: events.AnchorLost) -> Block:
    dialog = {
        "title": plain_text(lang.say("Take this record for the true one?"), 100),
        "text": plain_text(
            lang.say(
                "What the audit channel shows and this record does not know counts no more. It takes two people, "
                "one of them an approver."
            ),
            300,
        ),
        "confirm": plain_text(lang.say("Take this record"), 30),
        "deny": plain_text(lang.say("Go back"), 30),
        "style": "danger",
    }
    button = {
        "type": "button",
        "action_id": ids.ANCHOR,
        "text": plain_text(lang.say("This record is the true one"), 75),
        "value": ids.button_value(Shown(lost.record, lost.about, lost.digest)),
        "style": "danger",
        "confirm": dialog,
    }
    return {"type": "actions", "elements": [button]}
