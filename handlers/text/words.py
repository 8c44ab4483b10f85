"""The sentences people read: one for every rule, outcome, warning and event, the same word for the same thing."""

from collections.abc import Mapping, Sequence

from deletion.plan.facts import Warn
from deletion.plan.plan import Plan
from deletion.terms.place import Place
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.requests.query import Query
from deletion.terms.requests.targets import (
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    Videos,
    is_unresolved,
)
from deletion.terms.results.findings import LeftOut, Problem
from deletion.terms.results.outcomes import Outcome
from deletion.terms.seen import is_blank
from deletion.terms.states import State
from handlers.text.escaping import clip, code, escape, mention, plain, visible
from handlers.text.facts import differences, locations
from handlers.text.language import Language, plural, sentence

NOUNS: dict[type[Request], tuple[str, str]] = {
    Videos: plural("{n} video", "{n} videos"),
    Streams: plural("{n} stream", "{n} streams"),
    Mezzanines: plural("{n} source file", "{n} source files"),
    Images: plural("{n} image", "{n} images"),
    ImageUrls: plural("{n} image", "{n} images"),
    ImagesOf: plural("{n} image set", "{n} image sets"),
}


BY_QUERY: dict[type[Request], str] = {
    Videos: sentence("the videos that match a query"),
    Mezzanines: sentence("the source files of videos that match a query"),
    Images: sentence("the images that match a query"),
}
"""What a request is about whose query was not carried out yet."""


def things(lang: Language, request: Request, number: int) -> str:
    """Return ``3 videos`` or what else the request is about."""
    if is_unresolved(request) and not number:
        return lang.say(BY_QUERY[type(request)])
    return lang.say_n(*NOUNS[type(request)], number)


NO_TITLE = sentence("(no title)")
"""What stands for a title that shows nothing."""


def title(lang: Language, text: str, most: int) -> str:
    """Return an asset's title, fit for a plain_text object, or that it has none."""
    return lang.say(NO_TITLE) if is_blank(text) else plain(text, most)


REFUSALS: dict[Rule, str] = {
    Rule.OWN_PROPOSAL: sentence(
        "You proposed this, so you cannot approve or reject it. Ask another approver to decide, or withdraw it."
    ),
    Rule.BLANK_REASON: sentence(
        "The reason is blank; nothing changed. Try again with one that people can read, so that they know why."
    ),
    Rule.NOT_AN_APPROVER: sentence("You are not an approver; nothing was counted. Ask an approver to decide."),
    Rule.NOT_A_PROPOSER: sentence(
        "You may not propose deletions. Ask the operator of Countersign to add you to the proposers."
    ),
    Rule.NOT_A_READER: sentence(
        "Only those who may propose, approve or read can see what is proposed; nothing is shown. "
        "Ask the operator of Countersign to add you to the readers."
    ),
    Rule.NOT_THE_PROPOSER: sentence(
        "Only the proposer of #{number} can withdraw it. Approvers can reject it instead."
    ),
    Rule.ALREADY_APPROVED: sentence("You have already approved #{number}. Your approval stands; nothing changed."),
    Rule.NOT_OPEN: sentence("#{number} {stands}; nothing changed. See `/vod status {number}`."),
    Rule.TIME_IS_UP: sentence(
        "#{number} has expired; nothing will be deleted. Propose it again if it is still needed."
    ),
    Rule.NO_SUCH_PROPOSAL: sentence("There is no proposal #{number}. See open proposals with `/vod list`."),
    Rule.PLAN_CHANGED: sentence(
        "The plan of #{number} has changed since the card you clicked. Nothing was counted. "
        "Look at the updated card, then decide."
    ),
    Rule.DIGEST_UNKNOWN: sentence(
        "This button belongs to no plan that was ever shown. Nothing was counted. "
        "Use the buttons on the card in the approvals channel."
    ),
    Rule.OTHER_RECORD: sentence(
        "This card was posted from another record than the one Countersign works on now; nothing changed. "
        "See what this record holds with `/vod list`, and tell the operator of Countersign."
    ),
    Rule.OLD_CARD: sentence(
        "This was shown by an earlier version of Countersign, which did not say of which record it is; nothing "
        "changed. Look at the card of #{number} again, which is shown anew, then decide."
    ),
    Rule.LIST_NOT_SHOWN: sentence(
        "The full list of #{number} is not in the card's thread yet, and nothing can be approved unseen. "
        "Look at the file there first; if it does not appear, tell the operator of Countersign."
    ),
    Rule.NUMBER_NOT_TYPED: sentence(
        "#{number} deletes so many items that approving it takes typing their number; nothing was counted. Use "
        "the Approve button on its card, and type it in the form that opens."
    ),
    Rule.WRONG_NUMBER: sentence(
        "{asked} is not the number of items that #{number} deletes. Nothing was counted. Look at the number above, "
        "then type it."
    ),
    Rule.OTHER_REGION: sentence(
        "#{number} was planned in another VOD region than the one Countersign works in now, so it cannot be "
        "executed. Propose it again."
    ),
    Rule.OTHER_PLACE: sentence(
        "#{number} was planned for {place}, and Countersign now works in {here}, so your approval was not counted "
        "and nothing can be executed. Ask the operator of Countersign, or propose it again here."
    ),
    Rule.MAY_NOT_STOP: sentence(
        "Only the proposer of #{number} and approvers can stop it. To stop everything, type `/vod freeze` in the "
        "approvals channel: anybody there can."
    ),
    Rule.ALREADY_STOPPED: sentence(
        "#{number} was already stopped; no further calls will be sent. See the results with `/vod status {number}`."
    ),
    Rule.NOT_IN_CHANNEL: sentence(
        "Nothing was frozen. Type `/vod freeze` in the approvals channel: anybody there can freeze all deletions."
    ),
    Rule.ALREADY_FROZEN: sentence(
        "Deletions are already frozen, by {actor}. To unfreeze them, two people, one of them an approver, "
        "type `/vod unfreeze`."
    ),
    Rule.NOT_FROZEN: sentence("Nothing is frozen, so nothing was unfrozen. See open proposals with `/vod list`."),
    Rule.MAY_NOT_THAW: sentence(
        "Only proposers and approvers can vote to unfreeze; your vote was not counted. "
        "Ask an approver to type `/vod unfreeze`."
    ),
    Rule.ALREADY_THAWED: sentence(
        "You have already voted to unfreeze. It takes two people, one of them an approver. "
        "Ask somebody else to type `/vod unfreeze`."
    ),
    Rule.NOT_LOST: sentence(
        "This question is settled, or was asked anew since; nothing was counted. Look at the newest post about the "
        "record in the approvals channel."
    ),
    Rule.MAY_NOT_ANCHOR: sentence(
        "Only proposers and approvers can say which record is the true one; your vote was not counted. "
        "Ask an approver to press the button."
    ),
    Rule.ALREADY_ANCHORED: sentence(
        "You have already taken this record for the true one. It takes two people, one of them an approver. "
        "Ask somebody else to press the button."
    ),
    Rule.OWN_QUESTION: sentence(
        "You proposed #{number}, so questions about it are yours to answer. Use the card's thread to tell people "
        "something."
    ),
    Rule.NO_SUCH_QUESTION: sentence(
        "There is no such question about #{number}; nothing was stored. Use the Answer button under the question."
    ),
    Rule.MAY_NOT_ANSWER: sentence(
        "Only the proposer of #{number} can answer; nothing was stored. Use the card's thread to say what you know."
    ),
    Rule.ALREADY_ANSWERED: sentence(
        "This question about #{number} was answered already; nothing was stored. Use the card's thread to add "
        "something."
    ),
    Rule.TOO_MANY_QUESTIONS: sentence(
        "You have asked {asked} questions about #{number}, and {most} is the limit; this one was not stored. Use "
        "the card's thread, or ask an approver to reject the proposal if too much is unclear."
    ),
    Rule.TOO_MANY_QUESTIONS_OF_ALL: sentence(
        "#{number} has had {asked} questions, and {most} is the limit; this one was not stored. Use the card's "
        "thread, or ask an approver to reject the proposal if too much is unclear."
    ),
    Rule.BLANK_TEXT: sentence("This text is blank; nothing was stored. Try again with one that people can read."),
    Rule.REPLAYED: sentence("This request was already handled; nothing changed."),
    Rule.NO_QUORUM_POSSIBLE: sentence(
        "This could never be approved: it needs {needed} other than you, and there are {others}. "
        "Nothing was stored. Ask the operator of Countersign to add approvers."
    ),
    Rule.TOO_MANY: sentence(
        "{asked} items exceed the limit of {most} per proposal. Split the request into smaller proposals, "
        "or ask the operator of Countersign to raise COUNTERSIGN_MAX_ITEMS."
    ),
    Rule.TOO_MANY_MATCHES: sentence(
        "The query matches {found} items, and {most} per proposal is the limit. Add a condition that leaves "
        "fewer, or ask the operator of Countersign to raise COUNTERSIGN_MAX_ITEMS."
    ),
    Rule.NOTHING_MATCHES: sentence(
        "Nothing in VOD matches the query. Look at its conditions: all of them hold at once, and names are "
        "compared letter by letter."
    ),
    Rule.NO_LONGER_MATCHES: sentence(
        "Nothing of #{number} that is still in VOD matches its query any more; nothing was counted. Reject it, or "
        "ask its proposer to withdraw it and propose again."
    ),
    Rule.URL_OUTSIDE: sentence(
        "{urls}: not on an image domain of this account (allowed: {allowed}). Nothing was stored. Ask the operator "
        "of Countersign to add the domain, or name the image by its ID."
    ),
    Rule.TOO_LARGE: sentence(
        "{asked_size} exceed the limit of {most_size} per proposal. Split the request into smaller proposals."
    ),
    Rule.TOO_MANY_OPEN: sentence(
        "You have {asked} proposals that are not finished, and {most} at a time is the limit. Nothing was stored. "
        "See them with `/vod list`; propose this again when one of them has ended, or withdraw one."
    ),
    Rule.TOO_MANY_LATELY: sentence(
        "You made {asked} proposals in the last hour, and {most} is the limit. Nothing was stored. Propose it "
        "again later, or name several items in one proposal."
    ),
    Rule.NOTHING_ENDED: sentence(
        "#{number} {stands}: this button proposes only what a finished deletion had left; nothing was stored. "
        "Propose it with `/vod delete`."
    ),
    Rule.NOTHING_LEFT: sentence(
        "Nothing of #{number} is left, so there is nothing to propose again. See `/vod status {number}`."
    ),
    Rule.PROPOSED_AGAIN: sentence(
        "The rest of #{number} was proposed again already, as {again}; nothing more was stored. Look at its card."
    ),
    Rule.TOO_MANY_IN_A_DAY: sentence(
        "{asked} items are more than you may delete now: one person may delete {most} in 24 hours, and {used} of "
        "yours are in open proposals or were carried out in the last 24 hours. Nothing of it will be deleted. "
        "{room} Or ask the operator of Countersign to raise COUNTERSIGN_MAX_DAILY."
    ),
    Rule.TOO_MANY_OF_ALL: sentence(
        "{asked} items are more than may be deleted now: all together may delete {most} in 24 hours, and {used} "
        "are in open proposals or were carried out in the last 24 hours. Nothing of it will be deleted. {room} Or "
        "ask the operator of Countersign to raise COUNTERSIGN_MAX_DAILY_TEAM."
    ),
    Rule.DEACTIVATED: sentence("This account is deactivated and cannot take part in deletions."),
    Rule.BOT: sentence("Bots cannot take part in deletions. A person has to do this."),
    Rule.STRANGER: sentence(
        "You belong to another workspace and cannot take part in deletions here. Ask a member of this workspace."
    ),
    Rule.GUEST: sentence("Guests cannot take part in deletions. Ask a full member of the workspace."),
    Rule.UNKNOWN_PERSON: sentence(
        "Slack could not confirm your account just now, so nothing was counted or shown. Try again in a minute."
    ),
}
"""What was refused, by which rule, and what to do next (mrkdwn)."""


def refusal(lang: Language, refused: Refusal, *, again: str | None = None) -> str:
    """Put a refusal into words (mrkdwn); ``again`` names the proposal of another one's rest, with a link."""
    seen = refused.seen
    return lang.say(
        REFUSALS[refused.rule],
        number=seen.number or "?",
        asked=lang.number(seen.asked or 0),
        found=lang.say("more than {n}", n=lang.number(seen.most or 0))
        if seen.asked is None
        else lang.number(seen.asked),
        most=lang.number(seen.most or 0),
        asked_size=lang.size(seen.asked or 0),
        most_size=lang.size(seen.most or 0),
        needed=lang.say_n("{n} approver", "{n} approvers", seen.needed or 0),
        others=lang.number(seen.others or 0),
        used=lang.number(seen.used or 0),
        room=_room(lang, seen),
        actor=mention(seen.actor) if seen.actor else lang.say("somebody"),
        stands=lang.say(STATES[seen.state]) if seen.state else lang.say("is closed"),
        place=escape(locations.named(lang, Place.parse(seen.place or "?"))),
        here=escape(locations.named(lang, Place.parse(seen.here or "?"))),
        again=again or f"#{seen.again or '?'}",
        urls=_some(lang, seen.urls),
        allowed=lang.series(code(domain, 100) for domain in seen.allowed) or lang.say("none"),
    )


def _room(lang: Language, seen: Seen) -> str:
    """Say how there will be room under a limit."""
    if seen.wait_s is not None:
        return lang.say("Propose it again in {time}.", time=lang.lasting(seen.wait_s))
    if (seen.asked or 0) > (seen.most or 0):
        return lang.say("Propose fewer items.")
    return lang.say("Propose it again when open proposals have ended: see `/vod list`.")


def _some(lang: Language, names: Sequence[str], most: int = 6) -> str:
    """Name the first few and count the rest, so that what to do next still fits."""
    named = lang.series(code(name, 80) for name in names[:most])
    return more(lang, named, len(names) - most)


def more(lang: Language, named: str, rest: int) -> str:
    """Add to some names how many more there are."""
    return lang.say("{names} and {n} more", names=named, n=lang.number(rest)) if rest > 0 else named


def and_more(lang: Language, rest: int) -> str:
    """Return the line under a list that was cut short."""
    return lang.say("… and {n} more", n=lang.number(rest))


STATES: dict[State, str] = {
    State.COLLECTING: sentence("is being read from VOD"),
    State.PENDING: sentence("is waiting for approval"),
    State.APPROVED: sentence("is already approved"),
    State.EXECUTING: sentence("is already being deleted"),
    State.FINISHED: sentence("is already finished"),
    State.REJECTED: sentence("was rejected"),
    State.WITHDRAWN: sentence("was withdrawn"),
    State.STOPPED: sentence("was stopped before anything was deleted"),
    State.EXPIRED: sentence("has expired"),
    State.STALE: sentence("is closed, with nothing deleted"),
    State.FAILED: sentence("could not be read from VOD"),
}


OUTCOMES: dict[Outcome, str] = {
    Outcome.DELETED: sentence("deleted (absence verified)"),
    Outcome.ALREADY_GONE: sentence("already gone, not deleted by this proposal"),
    Outcome.ACCEPTED: sentence("accepted by VOD, absence not verified"),
    Outcome.REFUSED: sentence("refused by VOD"),
    Outcome.CHANGED: sentence("changed since approval, not deleted"),
    Outcome.STOPPED: sentence("stopped before its call was sent"),
    Outcome.FAILED: sentence("failed: still present when re-checked"),
    Outcome.UNKNOWN: sentence("unknown: VOD's answers do not show whether it is gone"),
}

OUTCOME_NAMES: dict[Outcome, str] = {
    Outcome.DELETED: sentence("deleted"),
    Outcome.ALREADY_GONE: sentence("already gone"),
    Outcome.ACCEPTED: sentence("accepted"),
    Outcome.REFUSED: sentence("refused"),
    Outcome.CHANGED: sentence("changed"),
    Outcome.STOPPED: sentence("stopped"),
    Outcome.FAILED: sentence("failed"),
    Outcome.UNKNOWN: sentence("unknown"),
}
"""An outcome in one word, as settings name it too."""

TALLIES: dict[str, str] = {
    Outcome.FAILED: sentence("{n} failed"),
    Outcome.REFUSED: sentence("{n} refused"),
    Outcome.CHANGED: sentence("{n} changed"),
    Outcome.STOPPED: sentence("{n} stopped"),
    Outcome.UNKNOWN: sentence("{n} unknown"),
    Outcome.ACCEPTED: sentence("{n} accepted"),
    Outcome.DELETED: sentence("{n} deleted"),
    Outcome.ALREADY_GONE: sentence("{n} already gone"),
    "waiting": sentence("{n} waiting"),
}
"""How many ended how, in the order in which it is told: what is not as it was wished first."""

ALL_LEFT: dict[str, tuple[str, str]] = {
    Outcome.FAILED: plural("{n} of {total} is still in VOD", "{n} of {total} are still in VOD"),
    Outcome.REFUSED: plural("{n} of {total} refused by VOD", "{n} of {total} refused by VOD"),
    Outcome.CHANGED: plural(
        "{n} of {total} changed since approval, not deleted", "{n} of {total} changed since approval, not deleted"
    ),
    Outcome.STOPPED: plural("{n} of {total} stopped, not deleted", "{n} of {total} stopped, not deleted"),
    Outcome.ACCEPTED: plural(
        "{n} of {total} accepted by VOD, absence not verified",
        "{n} of {total} accepted by VOD, absence not verified",
    ),
}
"""What to say first of a result when everything that is left in VOD ended alike."""

WARNINGS: dict[Warn, str] = {
    Warn.FORCE_NEEDED: sentence(
        "The source file doubles as the original-quality stream: VOD will refuse without --force."
    ),
    Warn.UNPLAYABLE: sentence(
        "The source file doubles as the original-quality stream: the video may become unplayable."
    ),
    Warn.LAST_STREAM: sentence("No playable stream will remain."),
    Warn.OTHER_APPLICATION: sentence("It belongs to another VOD application."),
    Warn.NOT_WRITABLE: sentence("Countersign's identity has no write permission for it: VOD will probably refuse."),
    Warn.NOT_NORMAL: sentence("Its status is not Normal: it may be in processing."),
    Warn.RECENT: sentence("Uploaded within the last 24 hours."),
    Warn.LEGAL_WORDS: sentence("Its title, description or tags read as if it had to be kept."),
    Warn.COLD_STORAGE: sentence(
        "In cold storage: deletion before the minimum storage period is billed for the rest of the period."
    ),
    Warn.UNSEEN: sentence("VOD cannot look up URLs: nothing but the URL is known. Open it before you approve."),
    Warn.SAME_TITLE: sentence("Another item in this proposal has the same title."),
}

LEFT_OUT: dict[LeftOut, str] = {
    LeftOut.MISSING: sentence("not found in VOD"),
    LeftOut.UNREADABLE: sentence("not returned by VOD"),
    LeftOut.ALREADY_DELETED: sentence("source file already deleted"),
    LeftOut.UNSENDABLE: sentence("VOD takes no such ID or URL"),
    LeftOut.NOT_MATCHING: sentence("found by VOD's search, but what VOD says of it does not match the query"),
}

PROBLEMS: dict[Problem, str] = {
    Problem.NO_SUCH_VIDEO: sentence("there is no video {name} in VOD"),
    Problem.NO_SUCH_STREAM: sentence("the video has no stream {name}"),
    Problem.STREAMS_HIDDEN: sentence("video {name} is not in status Normal, so VOD does not list its streams"),
}


def why_refused(lang: Language, request: Request) -> str:
    """Say what is known of refusals for which VOD gives no reason, as far as it applies to such a request."""
    if isinstance(request, Mezzanines) and not request.force:
        return lang.say(
            "VOD gives no reason. The two known ones: Countersign's identity has no write permission for the "
            "application that owns the media, or the source file doubles as the original-quality stream and needs "
            "--force."
        )
    return lang.say(
        "VOD gives no reason. The known one: Countersign's identity has no write permission for the application "
        "that owns the media."
    )


def drift(lang: Language, rows: Sequence[Sequence[str]], plan: Plan | None = None, most: int = 8) -> list[str]:
    """Tell what changed, a plain-text line each: what, field, before, after."""
    lines = [
        lang.say("{what}: {change}", what=_named(what, plan), change=differences.told(lang, field, old, new))
        for what, field, old, new in rows[:most]
    ]
    if len(rows) > most:
        rest = len(rows) - most
        lines.append(lang.say_n("… and {n} more change", "… and {n} more changes", rest))
    return lines


def _named(target_id: str, plan: Plan | None) -> str:
    target = plan.target(target_id) if plan else None
    return f"{clip(visible(target.title), 80)} ({target_id})" if target else target_id


def queried(lang: Language, query: Query) -> str:
    """Say what was asked for (mrkdwn)."""
    return _queried(lang).format(query=code(query.text(), 1_000))


def queried_plainly(lang: Language, query: Query) -> str:
    """Say what was asked for, nothing of it bold: what was typed keeps its stars."""
    return _queried(lang).replace("*", "").format(query=code(query.text(), 1_000))


def _queried(lang: Language) -> str:
    return lang.say("*Query* (times in UTC): {query}", query="{query}")


def newcomers(lang: Language, number: int) -> str:
    """Say that more matched a query than is in the plan, '' when nothing did."""
    if not number:
        return ""
    return lang.say_n(
        "{n} more item matched the query when the latest approval was counted; it is not part of the proposal.",
        "{n} more items matched the query when the latest approval was counted; they are not part of the proposal.",
        number,
    )


def tally(lang: Language, found: Mapping[str, int], request: Request) -> str:
    """Tell how many ended how: ``2 videos deleted, 1 refused``."""
    noun, parts = things(lang, request, sum(found.values())), counts(lang, found)
    return lang.say("{things}: {tally}", things=noun, tally=parts) if parts else noun


def counts(lang: Language, found: Mapping[str, int]) -> str:
    """Tell how many ended how, in one order: ``1 refused, 2 deleted``."""
    return lang.series(
        lang.say(text, n=lang.number(found[word])) for word, text in TALLIES.items() if found.get(word)
    )


def stopped(lang: Language, number: int, state: str) -> str:
    """Tell a person what their stop has done; ``state`` is where the proposal stood."""
    if state == State.APPROVED:
        return lang.say(
            "You stopped #{number} before it started. Nothing was deleted, and nothing will be.", number=number
        )
    return lang.say(
        "You stopped #{number}. No further calls will be sent; calls already sent are being verified.",
        number=number,
    )


def who(lang: Language, users: Sequence[str]) -> str:
    """Name people."""
    return lang.listed([mention(user) for user in users])
