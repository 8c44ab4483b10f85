"""The sentences people read: one for every rule, outcome, warning and event, the same word for the same thing."""

from collections.abc import Mapping, Sequence
from typing import Any

from deletion.plan.plan import LeftOut, Plan, Warn
from deletion.plan.reading import Problem
from deletion.terms.outcomes import Outcome
from deletion.terms.refusals import Refusal, Rule
from deletion.terms.states import State
from deletion.terms.targets import Images, ImagesOf, ImageUrls, Mezzanines, Request, Streams, Videos
from handlers.text.escaping import clip, code, counted, mention, safe, sentence_list, size, visible

NOUNS: dict[type[Request], str] = {
    Videos: "video",
    Streams: "stream",
    Mezzanines: "source file",
    Images: "image",
    ImageUrls: "image",
    ImagesOf: "image set",
}


def things(request: Request, number: int) -> str:
    """Return ``3 videos`` or what else the request is about."""
    return counted(number, NOUNS[type(request)])


REFUSALS: dict[Rule, str] = {
    Rule.OWN_PROPOSAL: (
        "You proposed this, so you cannot approve or reject it: it takes somebody else. "
        "Ask another approver, or withdraw it."
    ),
    Rule.NOT_AN_APPROVER: "You are not an approver, so this did not count. Ask an approver to decide.",
    Rule.NOT_A_PROPOSER: (
        "You may not propose deletions. Ask whoever runs Countersign to add you to the proposers."
    ),
    Rule.NOT_THE_PROPOSER: (
        "Only the person who proposed #{number} can withdraw it. Approvers can reject it instead."
    ),
    Rule.ALREADY_APPROVED: (
        "You have already approved #{number}; your approval stands, and this click changed nothing."
    ),
    Rule.NOT_OPEN: "#{number} {stands}, so this changed nothing. See it with `/vod status {number}`.",
    Rule.TIME_IS_UP: "#{number} has expired, so nothing will be deleted. Propose it again if it is still wanted.",
    Rule.NO_SUCH_PROPOSAL: "There is no proposal #{number}. See what is open with `/vod list`.",
    Rule.PLAN_CHANGED: (
        "What #{number} would delete has changed since the card you clicked. Nothing was counted. "
        "Look at the card as it is now, then decide."
    ),
    Rule.DIGEST_UNKNOWN: (
        "This button does not belong to any plan that was ever shown. Nothing was counted. "
        "Use the buttons on the card in the approvals channel."
    ),
    Rule.LIST_NOT_SHOWN: (
        "The full list of #{number} is not in the card's thread yet, and nobody can approve what they cannot see. "
        "Look at the file there first; if it does not appear, tell whoever runs Countersign."
    ),
    Rule.OTHER_REGION: (
        "#{number} was read in another VOD region than the one this program works in now, so it cannot be "
        "carried out. Propose it again."
    ),
    Rule.MAY_NOT_STOP: (
        "Only the proposer of #{number} and the approvers can stop it. If everything should stop, "
        "type `/vod freeze` in the approvals channel: anybody there can."
    ),
    Rule.ALREADY_STOPPED: (
        "#{number} was stopped already, and nothing more of it is sent. See what became of it with "
        "`/vod status {number}`."
    ),
    Rule.NOT_IN_CHANNEL: (
        "Nothing was frozen. Type `/vod freeze` in the approvals channel: anybody there can freeze everything."
    ),
    Rule.ALREADY_FROZEN: (
        "Everything is frozen already, by {actor}, and no more is deleted. To go on, two people, one of them an "
        "approver, type `/vod thaw`."
    ),
    Rule.NOT_FROZEN: "Nothing is frozen, so there is nothing to thaw. See what is open with `/vod list`.",
    Rule.MAY_NOT_THAW: (
        "Only people who may propose or approve can thaw, so this did not count. "
        "Ask an approver to type `/vod thaw`."
    ),
    Rule.ALREADY_THAWED: (
        "You have already asked to thaw, and it takes two people, one of them an approver. "
        "Ask somebody else to type `/vod thaw`."
    ),
    Rule.REPLAYED: "This request was already handled once; repeating it changed nothing.",
    Rule.NO_QUORUM_POSSIBLE: (
        "Nobody could approve this: it needs approvals by {needed} other than you, and there are {others}. "
        "Nothing was stored. Ask whoever runs Countersign to name more approvers."
    ),
    Rule.TOO_MANY: (
        "That is {asked:,} at once; one proposal may delete {most:,}. Split it into smaller proposals."
    ),
    Rule.URL_OUTSIDE: (
        "{urls}: no image domain of this account (allowed: {allowed}). Nothing was stored. Ask whoever runs "
        "Countersign to add the domain, or name the image by its id."
    ),
    Rule.TOO_LARGE: (
        "That is {asked_size} at once; one proposal may delete {most_size}. Split it into smaller proposals."
    ),
    Rule.DEACTIVATED: "This account is deactivated, so it takes no part in deletions.",
    Rule.BOT: "Bots take no part in deletions. A person has to do this.",
    Rule.STRANGER: "You belong to another workspace, so you take no part in deletions here. Ask a member.",
    Rule.GUEST: "Guests take no part in deletions. Ask a full member of the workspace.",
    Rule.UNKNOWN_PERSON: (
        "Slack could not confirm who you are just now, so this did not count. Try again in a minute."
    ),
}
"""What was refused, by which rule, and what to do next (mrkdwn)."""


def refusal(refused: Refusal) -> str:
    """Put a refusal into words (mrkdwn)."""
    facts: dict[str, Any] = {"number": "?", "asked": 0, "most": 0, **refused.facts}
    return REFUSALS[refused.rule].format(
        number=facts["number"],
        asked=facts["asked"],
        most=facts["most"],
        asked_size=size(facts["asked"]),
        most_size=size(facts["most"]),
        needed=counted(int(facts.get("needed", 0)), "approver"),
        others=facts.get("others", 0),
        actor=mention(str(facts.get("actor", ""))) if facts.get("actor") else "somebody",
        stands=_state_of(facts),
        urls=_some([str(url) for url in facts.get("urls", ())]),
        allowed=", ".join(code(str(domain), 100) for domain in facts.get("allowed", ())) or "none",
    )


def _some(names: Sequence[str], most: int = 6) -> str:
    """Name the first few and count the rest, so that what to do next still fits."""
    named = ", ".join(code(name, 80) for name in names[:most])
    return f"{named} and {len(names) - most} more" if len(names) > most else named


STATES: dict[State, str] = {
    State.COLLECTING: "is still being read from VOD",
    State.PENDING: "is waiting for approval",
    State.APPROVED: "is approved already",
    State.EXECUTING: "is being deleted already",
    State.FINISHED: "is finished already",
    State.REJECTED: "was rejected",
    State.WITHDRAWN: "was withdrawn",
    State.STOPPED: "was stopped before anything was deleted",
    State.EXPIRED: "has expired",
    State.STALE: "is closed, with nothing deleted",
    State.FAILED: "could not be read from VOD",
}


def _state_of(facts: Mapping[str, Any]) -> str:
    return STATES[State(facts["state"])] if "state" in facts else "is closed"


OUTCOMES: dict[Outcome, str] = {
    Outcome.DELETED: "deleted, and read back as gone",
    Outcome.ALREADY_GONE: "already gone before it was deleted here",
    Outcome.ACCEPTED: "accepted by VOD, but not read back as gone",
    Outcome.REFUSED: "refused by VOD",
    Outcome.CHANGED: "changed since it was approved, so not deleted",
    Outcome.PROTECTED: "protected, so not deleted",
    Outcome.STOPPED: "stopped before it was sent",
    Outcome.FAILED: "failed: it was read back as still there",
    Outcome.UNKNOWN: "unknown: VOD's answers do not tell whether it is gone",
}

WHY_REFUSED = (
    "VOD gives no reason. The two known ones: this identity may not write to the application that owns the media, "
    "or the source file doubles as the original-quality stream and needs --force."
)

WARNINGS: dict[Warn, str] = {
    Warn.FORCE_NEEDED: "The source doubles as the original-quality stream: VOD will refuse without --force.",
    Warn.UNPLAYABLE: "The source doubles as the original-quality stream: the video may stop playing.",
    Warn.LAST_STREAM: "No playable stream will be left.",
    Warn.OTHER_APPLICATION: "It belongs to another VOD application.",
    Warn.NOT_WRITABLE: "This identity may not write to it: VOD will probably refuse.",
    Warn.NOT_NORMAL: "It is not in status Normal: somebody may be working on it.",
    Warn.RECENT: "Uploaded within the last day.",
    Warn.COLD_STORAGE: "In cold storage: deleting before its minimum term is billed for the rest of it.",
    Warn.UNSEEN: "VOD cannot look a URL up: nothing but the URL is known. Open it before you approve.",
    Warn.SAME_TITLE: "Another item in this proposal has the same title.",
}

LEFT_OUT: dict[LeftOut, str] = {
    LeftOut.MISSING: "VOD does not know it",
    LeftOut.UNREADABLE: "VOD would not show it",
    LeftOut.ALREADY_DELETED: "its source file is already deleted",
}

PROBLEMS: dict[Problem, str] = {
    Problem.NO_SUCH_VIDEO: "VOD knows no video",
    Problem.NO_SUCH_STREAM: "the video has no stream",
    Problem.STREAMS_HIDDEN: "VOD shows streams only of videos in status Normal, and this one is not:",
}


def failure(facts: Mapping[str, Any]) -> str:
    """Say why a proposal could not be collected (mrkdwn)."""
    if "refusal" in facts:
        return refusal(Refusal.from_json(facts["refusal"]))
    if "problems" in facts:
        found = [f"{PROBLEMS[Problem(problem)]} {code(what, 60)}" for problem, what in facts["problems"]]
        return f"Nothing can be proposed: {sentence_list(found)}. Check the ids and propose it again."
    if "left_out" in facts:
        found = [f"{code(what, 60)} ({LEFT_OUT[LeftOut(why)]})" for what, why in facts["left_out"][:10]]
        more = len(facts["left_out"]) - len(found)
        rest = f" and {more} more" if more else ""
        return (
            f"Nothing of it can be deleted: {', '.join(found)}{rest}. "
            "Check the ids, and that they belong to this region."
        )
    fault = facts.get("vod", {})
    return f"It could not be read: {vod_fault(fault)}"


def vod_fault(fault: Mapping[str, Any]) -> str:
    """Say what VOD answered and what to do about it (mrkdwn)."""
    request = fault.get("request_id")
    named = f" (VOD request {code(str(request), 60)})" if request else ""
    advice = str(fault.get("advice") or "")
    said = f"{code(str(fault.get('code', 'unknown')), 80)}{named}."
    return f"{said} {safe(advice)}" if advice else said


def drift(rows: Sequence[Sequence[str]], plan: Plan | None = None, most: int = 8) -> list[str]:
    """Tell what changed, a plain-text line each: what, field, before, after."""
    lines = [f"{_named(what, plan)}: {field} was {old}, is {new}" for what, field, old, new in rows[:most]]
    if len(rows) > most:
        lines.append(f"… and {len(rows) - most} more changes")
    return lines


def _named(target_id: str, plan: Plan | None) -> str:
    target = plan.target(target_id) if plan else None
    return f"{clip(visible(target.title), 80)} ({target_id})" if target else target_id


def tally(counts: Mapping[str, int], request: Request) -> str:
    """Tell how many ended how: ``2 videos deleted, 1 refused``."""
    order = [*Outcome, "waiting"]
    parts = [f"{counts[word]:,} {word}" for word in order if counts.get(word)]
    noun = things(request, sum(counts.values()))
    return f"{noun}: {', '.join(parts)}" if parts else noun


def stopped(number: int, state: str) -> str:
    """Tell a person what their stop has done; ``state`` is where the proposal stood."""
    if state == State.APPROVED:
        return f"You stopped #{number} before it began. Nothing was deleted, and nothing will be."
    return f"You stopped #{number}. Nothing more of it is sent; what was sent already is being read back."


def who(users: list[str]) -> str:
    """Name people."""
    return sentence_list([mention(user) for user in users])
