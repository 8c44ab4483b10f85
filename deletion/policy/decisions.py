"""Who may propose, who may approve, how many it takes, and how much may go at once. Pure; default deny."""

from collections.abc import Sequence
from dataclasses import dataclass

from deletion.plan.plan import Plan
from deletion.policy.quorum import Entitled, GroupNeed, Quorum
from deletion.terms.people import Actor
from deletion.terms.ramp import Step
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.requests.targets import ImageUrls, Request, size_of
from deletion.terms.results.outcomes import Outcome

APPROVERS = "approvers"
PROPOSERS = "proposers"

EVERY_MEMBER = "members"
"""The word that lets every full member of the workspace propose."""


@dataclass(frozen=True)
class Policy:
    """The rules in force. People are Slack user ids of the workspace ``home_team``.

    One person may have ``max_open`` proposals that are not finished, make ``max_hourly`` of them in an hour, and
    delete ``max_daily`` items in a day; all together may delete ``max_daily_all``.

    ``hold_s`` passes between the last approval and the first deletion; from ``canary_from`` items on, one is
    deleted and verified alone before the rest; the first item that ends in a word of ``stop_on`` stops the rest.
    From ``typed_from`` items on, approving takes typing their number. A deletion with a canary goes on by the steps
    of ``ramp``.
    ``readers`` may read what is proposed, as everybody may who proposes or approves.
    ``mention``: the word for all approvers, or ids of groups and people, who are mentioned once a card is there.
    ``reminders``: approvers are reminded of what waits for them.
    """

    home_team: str
    approvers: frozenset[str]
    proposers: frozenset[str]
    approvals_needed: int
    expires_after_s: int
    execute_within_s: int
    max_items: int
    max_bytes: int
    image_domains: frozenset[str]
    max_open: int
    max_hourly: int
    max_daily: int
    max_daily_all: int
    hold_s: int
    canary_from: int
    stop_on: frozenset[Outcome]
    typed_from: int
    ramp: tuple[Step, ...] = ()
    readers: frozenset[str] = frozenset()
    mention: frozenset[str] = frozenset()
    reminders: bool = False


def may_propose(policy: Policy, actor: Actor) -> Refusal | None:
    """Say why this person may not propose, or None. That they are a full member is checked later, afresh."""
    if actor.team != policy.home_team:
        return Refusal(Rule.STRANGER)
    if actor.user not in policy.proposers and EVERY_MEMBER not in policy.proposers:
        return Refusal(Rule.NOT_A_PROPOSER)
    others = policy.approvers - {actor.user}
    if len(others) < policy.approvals_needed:
        return Refusal(Rule.NO_QUORUM_POSSIBLE, Seen(needed=policy.approvals_needed, others=len(others)))
    return None


def may_read(policy: Policy, actor: Actor) -> Refusal | None:
    """Say why this person may not read what is proposed, or None. That they are a full member is asked of Slack."""
    if actor.team != policy.home_team:
        return Refusal(Rule.STRANGER)
    readers = policy.proposers | policy.approvers | policy.readers
    return None if actor.user in readers or EVERY_MEMBER in readers else Refusal(Rule.NOT_A_READER)


def may_ask(policy: Policy, actor: Actor, *, proposer: Actor, number: int) -> Refusal | None:
    """Say why this person may not ask the proposer something, or None: whoever may read may ask."""
    if actor.user == proposer.user:
        return Refusal.about(Rule.OWN_QUESTION, number)
    return may_read(policy, actor)


def may_approve(policy: Policy, actor: Actor, *, proposer: Actor) -> Entitled | Refusal:
    """Say by which rule this person may approve this proposer's plan, or why not."""
    if actor == proposer or actor.user == proposer.user:
        return Refusal(Rule.OWN_PROPOSAL)
    if actor.team != policy.home_team:
        return Refusal(Rule.STRANGER)
    if actor.user not in policy.approvers:
        return Refusal(Rule.NOT_AN_APPROVER)
    return Entitled("approver, and not the proposer", APPROVERS)


def asks_number(policy: Policy, count: int) -> bool:
    """Say whether approving so many items takes typing their number."""
    return count >= policy.typed_from


def may_reject(policy: Policy, actor: Actor, *, proposer: Actor) -> Entitled | Refusal:
    """Say by which rule this person may reject, or why not: whoever may approve may reject."""
    return may_approve(policy, actor, proposer=proposer)


def may_stop(policy: Policy, actor: Actor, *, proposer: Actor, number: int) -> Refusal | None:
    """Say why this person may not stop a deletion, or None: its proposer and every approver may."""
    if actor == proposer or (actor.team == policy.home_team and actor.user in policy.approvers):
        return None
    return Refusal.about(Rule.MAY_NOT_STOP, number)


def may_freeze(policy: Policy, actor: Actor, *, in_channel: bool) -> Refusal | None:
    """Say why this person may not freeze everything, or None: whoever is in the approvals channel may."""
    if actor.team != policy.home_team:
        return Refusal(Rule.STRANGER)
    if in_channel or isinstance(may_thaw(policy, actor), Entitled):
        return None
    return Refusal(Rule.NOT_IN_CHANNEL)


def may_thaw(policy: Policy, actor: Actor) -> Entitled | Refusal:
    """Say by which rule this person may vote to end a freeze, or why not: proposers and approvers may."""
    if actor.team != policy.home_team:
        return Refusal(Rule.STRANGER)
    if actor.user in policy.approvers:
        return Entitled("approver", APPROVERS)
    if actor.user in policy.proposers or EVERY_MEMBER in policy.proposers:
        return Entitled("proposer", PROPOSERS)
    return Refusal(Rule.MAY_NOT_THAW)


THAWS_NEEDED = 2
"""People it takes to end a freeze: stopping must be cheaper than going on."""


def thaw_quorum(policy: Policy) -> Quorum:
    """Return what it takes to end a freeze: two people, and an approver among them."""
    return Quorum(THAWS_NEEDED, (GroupNeed(APPROVERS, policy.approvers, 1),))


def deletion_quorum(policy: Policy, *, proposer: Actor, needed: int) -> Quorum:
    """Return what it takes to delete: so many approvers, the proposer never among them."""
    return Quorum(needed, (GroupNeed(APPROVERS, policy.approvers, needed),), frozenset({proposer.user}))


def few_enough(policy: Policy, *, unfinished: int, lately: int) -> Refusal | None:
    """Refuse one more proposal of somebody with so many unfinished ones, or so many in the last hour."""
    if unfinished >= policy.max_open:
        return Refusal(Rule.TOO_MANY_OPEN, Seen(asked=unfinished, most=policy.max_open))
    if lately >= policy.max_hourly:
        return Refusal(Rule.TOO_MANY_LATELY, Seen(asked=lately, most=policy.max_hourly))
    return None


QUESTIONS_OF_ONE = 5
"""Questions that one person may ask about a proposal."""

QUESTIONS_OF_ALL = 20
"""Questions that all together may ask about it: each of them pings its proposer."""


def few_questions(*, mine: int, everybody: int, number: int) -> Refusal | None:
    """Refuse one more question about a proposal of which so many were asked."""
    if mine >= QUESTIONS_OF_ONE:
        return Refusal(Rule.TOO_MANY_QUESTIONS, Seen(number=number, asked=mine, most=QUESTIONS_OF_ONE))
    if everybody >= QUESTIONS_OF_ALL:
        return Refusal(Rule.TOO_MANY_QUESTIONS_OF_ALL, Seen(number=number, asked=everybody, most=QUESTIONS_OF_ALL))
    return None


@dataclass(frozen=True)
class Use:
    """So many items of one proposal, which count for so many seconds more; None: as long as it is open."""

    items: int
    left_s: int | None


def within_day(policy: Policy, asked: int, *, mine: Sequence[Use], everybody: Sequence[Use]) -> Refusal | None:
    """Refuse so many items more when a person, or all together, would delete more in a day than they may."""
    caps = (
        (Rule.TOO_MANY_IN_A_DAY, policy.max_daily, mine),
        (Rule.TOO_MANY_OF_ALL, policy.max_daily_all, everybody),
    )
    for rule, most, uses in caps:
        used = sum(use.items for use in uses)
        if used + asked > most:
            return Refusal(rule, Seen(asked=asked, most=most, used=used, wait_s=_room_in_s(asked, most, uses)))
    return None


def _room_in_s(asked: int, most: int, uses: Sequence[Use]) -> int | None:
    """Return in how many seconds there is room by itself; None when open proposals leave none."""
    used = sum(use.items for use in uses)
    for left_s, items in sorted((use.left_s, use.items) for use in uses if use.left_s is not None):
        used -= items
        if used + asked <= most:
            return left_s
    return None


def count_within(policy: Policy, request: Request) -> Refusal | None:
    """Refuse a request that names more than one proposal may delete; it is never trimmed."""
    asked = size_of(request)
    if asked > policy.max_items:
        return Refusal(Rule.TOO_MANY, Seen(asked=asked, most=policy.max_items))
    return None


def unacceptable(policy: Policy, request: Request) -> tuple[Refusal, ...]:
    """Return every reason why nobody may propose this request, before anything is read from VOD."""
    too_many = count_within(policy, request)
    outside = urls_outside(policy, request)
    found = [too_many] if too_many else []
    if outside:
        seen = Seen(urls=outside, allowed=tuple(sorted(policy.image_domains)))
        found.append(Refusal(Rule.URL_OUTSIDE, seen))
    return tuple(found)


def too_many_matches(policy: Policy, count: int | None) -> Refusal:
    """Refuse a query that matches more than a proposal may hold; None: nobody counted how many more."""
    return Refusal(Rule.TOO_MANY_MATCHES, Seen(asked=count, most=policy.max_items))


def bytes_within(policy: Policy, plan: Plan) -> Refusal | None:
    """Refuse a plan that would free more bytes than one proposal may."""
    if plan.count > policy.max_items:
        return Refusal(Rule.TOO_MANY, Seen(asked=plan.count, most=policy.max_items))
    if plan.totals.bytes > policy.max_bytes:
        return Refusal(Rule.TOO_LARGE, Seen(asked=plan.totals.bytes, most=policy.max_bytes))
    return None


def urls_outside(policy: Policy, request: Request) -> tuple[str, ...]:
    """Return the image URLs that are not on a domain named in the settings."""
    if not isinstance(request, ImageUrls):
        return ()
    return tuple(url for url in request.urls if domain_of(url) not in policy.image_domains)


def domain_of(url: str) -> str:
    """Return ``host`` or ``host:port`` of a URL, in lower case."""
    return url.partition("://")[2].partition("/")[0].partition("?")[0].lower()
