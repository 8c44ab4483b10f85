"""The sentences people read: one for every rule, outcome, warning and event, the same word for the same thing."""

from collections.abc import Mapping, Sequence
from typing import Any

from deletion.plan.plan import LeftOut, Plan, Warn
from deletion.plan.reading import Problem
from deletion.terms.outcomes import Outcome
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import State
from deletion.terms.targets import Images, ImagesOf, ImageUrls, Mezzanines, Request, Streams, Videos
from handlers.text.escaping import clip, code, mention, visible
from handlers.text.language import Language, plural, sentence
from handlers.text.vod_errors import vod_error

NOUNS: dict[type[Request], tuple[str, str]] = {
    Videos: plural("{n} video", "{n} videos"),
    Streams: plural("{n} stream", "{n} streams"),
    Mezzanines: plural("{n} source file", "{n} source files"),
    Images: plural("{n} image", "{n} images"),
    ImageUrls: plural("{n} image", "{n} images"),
    ImagesOf: plural("{n} image set", "{n} image sets"),
}


def things(lang: Language, request: Request, number: int) -> str:
    """Return ``3 videos`` or what else the request is about."""
    return lang.say_n(*NOUNS[type(request)], number)


REFUSALS: dict[Rule, str] = {
    Rule.OWN_PROPOSAL: sentence(
        "You proposed this, so you cannot approve or reject it: it takes somebody else. "
        "Ask another approver, or withdraw it."
    ),
    Rule.NOT_AN_APPROVER: sentence("You are not an approver, so this did not count. Ask an approver to decide."),
    Rule.NOT_A_PROPOSER: sentence(
        "You may not propose deletions. Ask whoever runs Countersign to add you to the proposers."
    ),
    Rule.NOT_THE_PROPOSER: sentence(
        "Only the person who proposed #{number} can withdraw it. Approvers can reject it instead."
    ),
    Rule.ALREADY_APPROVED: sentence(
        "You have already approved #{number}; your approval stands, and this click changed nothing."
    ),
    Rule.NOT_OPEN: sentence("#{number} {stands}, so this changed nothing. See it with `/vod status {number}`."),
    Rule.TIME_IS_UP: sentence(
        "#{number} has expired, so nothing will be deleted. Propose it again if it is still wanted."
    ),
    Rule.NO_SUCH_PROPOSAL: sentence("There is no proposal #{number}. See what is open with `/vod list`."),
    Rule.PLAN_CHANGED: sentence(
        "What #{number} would delete has changed since the card you clicked. Nothing was counted. "
        "Look at the card as it is now, then decide."
    ),
    Rule.DIGEST_UNKNOWN: sentence(
        "This button does not belong to any plan that was ever shown. Nothing was counted. "
        "Use the buttons on the card in the approvals channel."
    ),
    Rule.LIST_NOT_SHOWN: sentence(
        "The full list of #{number} is not in the card's thread yet, and nobody can approve what they cannot see. "
        "Look at the file there first; if it does not appear, tell whoever runs Countersign."
    ),
    Rule.OTHER_REGION: sentence(
        "#{number} was read in another VOD region than the one this program works in now, so it cannot be "
        "carried out. Propose it again."
    ),
    Rule.MAY_NOT_STOP: sentence(
        "Only the proposer of #{number} and the approvers can stop it. If everything should stop, "
        "type `/vod freeze` in the approvals channel: anybody there can."
    ),
    Rule.ALREADY_STOPPED: sentence(
        "#{number} was stopped already, and nothing more of it is sent. See what became of it with "
        "`/vod status {number}`."
    ),
    Rule.NOT_IN_CHANNEL: sentence(
        "Nothing was frozen. Type `/vod freeze` in the approvals channel: anybody there can freeze everything."
    ),
    Rule.ALREADY_FROZEN: sentence(
        "Everything is frozen already, by {actor}, and no more is deleted. To go on, two people, one of them an "
        "approver, type `/vod thaw`."
    ),
    Rule.NOT_FROZEN: sentence("Nothing is frozen, so there is nothing to thaw. See what is open with `/vod list`."),
    Rule.MAY_NOT_THAW: sentence(
        "Only people who may propose or approve can thaw, so this did not count. "
        "Ask an approver to type `/vod thaw`."
    ),
    Rule.ALREADY_THAWED: sentence(
        "You have already asked to thaw, and it takes two people, one of them an approver. "
        "Ask somebody else to type `/vod thaw`."
    ),
    Rule.REPLAYED: sentence("This request was already handled once; repeating it changed nothing."),
    Rule.NO_QUORUM_POSSIBLE: sentence(
        "Nobody could approve this: it needs approvals by {needed} other than you, and there are {others}. "
        "Nothing was stored. Ask whoever runs Countersign to name more approvers."
    ),
    Rule.TOO_MANY: sentence(
        "That is {asked} at once; one proposal may delete {most}. Split it into smaller proposals."
    ),
    Rule.URL_OUTSIDE: sentence(
        "{urls}: no image domain of this account (allowed: {allowed}). Nothing was stored. Ask whoever runs "
        "Countersign to add the domain, or name the image by its id."
    ),
    Rule.TOO_LARGE: sentence(
        "That is {asked_size} at once; one proposal may delete {most_size}. Split it into smaller proposals."
    ),
    Rule.DEACTIVATED: sentence("This account is deactivated, so it takes no part in deletions."),
    Rule.BOT: sentence("Bots take no part in deletions. A person has to do this."),
    Rule.STRANGER: sentence(
        "You belong to another workspace, so you take no part in deletions here. Ask a member."
    ),
    Rule.GUEST: sentence("Guests take no part in deletions. Ask a full member of the workspace."),
    Rule.UNKNOWN_PERSON: sentence(
        "Slack could not confirm who you are just now, so this did not count. Try again in a minute."
    ),
}
"""What was refused, by which rule, and what to do next (mrkdwn)."""


def refusal(lang: Language, refused: Refusal) -> str:
    """Put a refusal into words (mrkdwn)."""
    facts: dict[str, Any] = {"number": "?", "asked": 0, "most": 0, **refused.facts}
    return lang.say(
        REFUSALS[refused.rule],
        number=facts["number"],
        asked=lang.number(facts["asked"]),
        most=lang.number(facts["most"]),
        asked_size=lang.size(facts["asked"]),
        most_size=lang.size(facts["most"]),
        needed=lang.say_n("{n} approver", "{n} approvers", int(facts.get("needed", 0))),
        others=lang.number(facts.get("others", 0)),
        actor=mention(str(facts["actor"])) if facts.get("actor") else lang.say("somebody"),
        stands=_state_of(lang, facts),
        urls=_some(lang, [str(url) for url in facts.get("urls", ())]),
        allowed=lang.series(code(str(domain), 100) for domain in facts.get("allowed", ())) or lang.say("none"),
    )


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
    State.COLLECTING: sentence("is still being read from VOD"),
    State.PENDING: sentence("is waiting for approval"),
    State.APPROVED: sentence("is approved already"),
    State.EXECUTING: sentence("is being deleted already"),
    State.FINISHED: sentence("is finished already"),
    State.REJECTED: sentence("was rejected"),
    State.WITHDRAWN: sentence("was withdrawn"),
    State.STOPPED: sentence("was stopped before anything was deleted"),
    State.EXPIRED: sentence("has expired"),
    State.STALE: sentence("is closed, with nothing deleted"),
    State.FAILED: sentence("could not be read from VOD"),
}


def _state_of(lang: Language, facts: Mapping[str, Any]) -> str:
    return lang.say(STATES[State(facts["state"])]) if "state" in facts else lang.say("is closed")


OUTCOMES: dict[Outcome, str] = {
    Outcome.DELETED: sentence("deleted, and read back as gone"),
    Outcome.ALREADY_GONE: sentence("already gone before it was deleted here"),
    Outcome.ACCEPTED: sentence("accepted by VOD, but not read back as gone"),
    Outcome.REFUSED: sentence("refused by VOD"),
    Outcome.CHANGED: sentence("changed since it was approved, so not deleted"),
    Outcome.PROTECTED: sentence("protected, so not deleted"),
    Outcome.STOPPED: sentence("stopped before it was sent"),
    Outcome.FAILED: sentence("failed: it was read back as still there"),
    Outcome.UNKNOWN: sentence("unknown: VOD's answers do not tell whether it is gone"),
}

OUTCOME_NAMES: dict[Outcome, str] = {
    Outcome.DELETED: sentence("deleted"),
    Outcome.ALREADY_GONE: sentence("already gone"),
    Outcome.ACCEPTED: sentence("accepted"),
    Outcome.REFUSED: sentence("refused"),
    Outcome.CHANGED: sentence("changed"),
    Outcome.PROTECTED: sentence("protected"),
    Outcome.STOPPED: sentence("stopped"),
    Outcome.FAILED: sentence("failed"),
    Outcome.UNKNOWN: sentence("unknown"),
}
"""An outcome in one word, as settings name it too."""

TALLIES: dict[str, str] = {
    Outcome.DELETED: sentence("{n} deleted"),
    Outcome.ALREADY_GONE: sentence("{n} already gone"),
    Outcome.ACCEPTED: sentence("{n} accepted"),
    Outcome.REFUSED: sentence("{n} refused"),
    Outcome.CHANGED: sentence("{n} changed"),
    Outcome.PROTECTED: sentence("{n} protected"),
    Outcome.STOPPED: sentence("{n} stopped"),
    Outcome.FAILED: sentence("{n} failed"),
    Outcome.UNKNOWN: sentence("{n} unknown"),
    "waiting": sentence("{n} waiting"),
}

WHY_REFUSED = sentence(
    "VOD gives no reason. The two known ones: this identity may not write to the application that owns the media, "
    "or the source file doubles as the original-quality stream and needs --force."
)

WARNINGS: dict[Warn, str] = {
    Warn.FORCE_NEEDED: sentence(
        "The source doubles as the original-quality stream: VOD will refuse without --force."
    ),
    Warn.UNPLAYABLE: sentence("The source doubles as the original-quality stream: the video may stop playing."),
    Warn.LAST_STREAM: sentence("No playable stream will be left."),
    Warn.OTHER_APPLICATION: sentence("It belongs to another VOD application."),
    Warn.NOT_WRITABLE: sentence("This identity may not write to it: VOD will probably refuse."),
    Warn.NOT_NORMAL: sentence("It is not in status Normal: somebody may be working on it."),
    Warn.RECENT: sentence("Uploaded within the last day."),
    Warn.COLD_STORAGE: sentence("In cold storage: deleting before its minimum term is billed for the rest of it."),
    Warn.UNSEEN: sentence("VOD cannot look a URL up: nothing but the URL is known. Open it before you approve."),
    Warn.SAME_TITLE: sentence("Another item in this proposal has the same title."),
}

LEFT_OUT: dict[LeftOut, str] = {
    LeftOut.MISSING: sentence("VOD does not know it"),
    LeftOut.UNREADABLE: sentence("VOD would not show it"),
    LeftOut.ALREADY_DELETED: sentence("its source file is already deleted"),
}

PROBLEMS: dict[Problem, str] = {
    Problem.NO_SUCH_VIDEO: sentence("VOD knows no video"),
    Problem.NO_SUCH_STREAM: sentence("the video has no stream"),
    Problem.STREAMS_HIDDEN: sentence("VOD shows streams only of videos in status Normal, and this one is not:"),
}


def failure(lang: Language, facts: Mapping[str, Any]) -> str:
    """Say why a proposal could not be collected (mrkdwn)."""
    if "refusal" in facts:
        return refusal(lang, Refusal.from_json(facts["refusal"]))
    if "problems" in facts:
        found = [f"{lang.say(PROBLEMS[Problem(problem)])} {code(what, 60)}" for problem, what in facts["problems"]]
        return lang.say(
            "Nothing can be proposed: {problems}. Check the ids and propose it again.", problems=lang.listed(found)
        )
    if "left_out" in facts:
        found = [f"{code(what, 60)} ({lang.say(LEFT_OUT[LeftOut(why)])})" for what, why in facts["left_out"][:10]]
        return lang.say(
            "Nothing of it can be deleted: {items}. Check the ids, and that they belong to this region.",
            items=more(lang, lang.series(found), len(facts["left_out"]) - len(found)),
        )
    return lang.say("It could not be read: {fault}", fault=vod_fault(lang, facts.get("vod", {})))


def vod_fault(lang: Language, fault: Mapping[str, Any]) -> str:
    """Say what VOD answered and what to do about it (mrkdwn)."""
    return vod_error(
        lang, str(fault.get("code", "unknown")), str(fault.get("advice") or ""), fault.get("request_id")
    )


def drift(lang: Language, rows: Sequence[Sequence[str]], plan: Plan | None = None, most: int = 8) -> list[str]:
    """Tell what changed, a plain-text line each: what, field, before, after."""
    lines = [
        lang.say("{what}: {field} was {old}, is {new}", what=_named(what, plan), field=field, old=old, new=new)
        for what, field, old, new in rows[:most]
    ]
    if len(rows) > most:
        rest = len(rows) - most
        lines.append(lang.say_n("… and {n} more change", "… and {n} more changes", rest))
    return lines


def _named(target_id: str, plan: Plan | None) -> str:
    target = plan.target(target_id) if plan else None
    return f"{clip(visible(target.title), 80)} ({target_id})" if target else target_id


def tally(lang: Language, counts: Mapping[str, int], request: Request) -> str:
    """Tell how many ended how: ``2 videos deleted, 1 refused``."""
    parts = [lang.say(text, n=lang.number(counts[word])) for word, text in TALLIES.items() if counts.get(word)]
    noun = things(lang, request, sum(counts.values()))
    return lang.say("{things}: {tally}", things=noun, tally=lang.series(parts)) if parts else noun


def stopped(lang: Language, number: int, state: str) -> str:
    """Tell a person what their stop has done; ``state`` is where the proposal stood."""
    if state == State.APPROVED:
        return lang.say(
            "You stopped #{number} before it began. Nothing was deleted, and nothing will be.", number=number
        )
    return lang.say(
        "You stopped #{number}. Nothing more of it is sent; what was sent already is being read back.",
        number=number,
    )


def who(lang: Language, users: list[str]) -> str:
    """Name people."""
    return lang.listed([mention(user) for user in users])
