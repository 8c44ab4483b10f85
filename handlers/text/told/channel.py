"""What everybody in the approvals channel is told that is about no single proposal."""

from typing import TypeAlias, assert_never

from deletion.audit import events
from deletion.releases import Release
from deletion.terms import ids
from deletion.terms.ids import Ref
from handlers.text import people
from handlers.text.blocks import Message, in_paragraphs, said
from handlers.text.escaping import code
from handlers.text.language import Language
from handlers.text.proposals import released

ChannelTold: TypeAlias = events.FreezeBegun | events.FreezeEnded | events.AnchorRestored | events.VoteCounted


def message(lang: Language, told: ChannelTold, release: Release | None = None, home: str = "") -> Message:
    """Render a post in the approvals channel; a vote that is told here is about no proposal.

    ``release`` is what it lets go on, or would; ``home`` is the workspace's address, or '' when it is not known.
    """
    if isinstance(told, events.FreezeEnded) and release is not None and not release.deletions:
        return said(_unfrozen(lang, told, of_nothing=True))
    return in_paragraphs([_opening(lang, told), *(released.told(lang, told, release, home) if release else ())])


def _opening(lang: Language, told: ChannelTold) -> str:
    match told:
        case events.FreezeBegun():
            return _frozen(lang, told)
        case events.FreezeEnded():
            return _unfrozen(lang, told, of_nothing=not told.released)
        case events.AnchorRestored():
            return lang.say(
                "*Taken for the true record* by {people}. What is approved is on hold anew; deletions go on "
                "after that.",
                people=people.listed(lang, told.people),
            )
        case events.VoteCounted(about=Ref(kind=ids.ANCHOR)):
            return _for_this_record(lang, told)
        case events.VoteCounted():
            return _counted(lang, told)
        case _:
            assert_never(told)


def _unfrozen(lang: Language, told: events.FreezeEnded, *, of_nothing: bool) -> str:
    by = people.listed(lang, told.people)
    if told.released is None:
        return lang.say("*Unfrozen* by {people}. Approved deletions go on now.", people=by)
    if of_nothing:
        return lang.say("*Unfrozen* by {people}. Nothing that was approved waits to be deleted.", people=by)
    return lang.say(
        "*Unfrozen* by {people}. What was approved goes on after a hold that begins anew; each card has its Stop "
        "button.",
        people=by,
    )


def _frozen(lang: Language, told: events.FreezeBegun) -> str:
    parts = (
        lang.say(
            "*{actor} froze all deletions.* No further calls will be sent, whatever was approved; calls already "
            "sent are being verified.",
            actor=people.named(told.by),
        ),
        lang.say("The reason: {reason}.", reason=code(told.why, 200)) if told.why else "",
        lang.say("To go on, two people, one of them an approver, type `/vod unfreeze`."),
    )
    return lang.sentences(*parts)


def _counted(lang: Language, told: events.VoteCounted) -> str:
    so_far = lang.say(
        "{actor} voted to unfreeze: {counted} of {needed} people.",
        actor=people.named(told.by),
        counted=lang.number(told.counted),
        needed=lang.number(told.needed),
    )
    if told.counted < told.needed:
        missing = lang.say(
            "It takes two people, one of them an approver. Type `/vod unfreeze` as well if you agree."
        )
    else:
        missing = lang.say("None of them is an approver: now an approver has to type `/vod unfreeze`.")
    return lang.sentences(so_far, missing)


def _for_this_record(lang: Language, told: events.VoteCounted) -> str:
    so_far = lang.say(
        "{actor} takes this record for the true one: {counted} of {needed} people.",
        actor=people.named(told.by),
        counted=lang.number(told.counted),
        needed=lang.number(told.needed),
    )
    if told.counted < told.needed:
        missing = lang.say("It takes two people, one of them an approver. Press the button as well if you agree.")
    else:
        missing = lang.say("None of them is an approver: now an approver has to press the button.")
    return f"{so_far} {missing}"
