"""The rules in force, in sentences (mrkdwn): for everybody, and what they mean for one person."""

from collections.abc import Iterator

from deletion.policy.decisions import Policy
from deletion.terms.ramp import Stage
from handlers.text import words
from handlers.text.language import Language
from handlers.text.proposals import standing


def of_deletions(lang: Language, policy: Policy) -> Iterator[str]:
    """Say what it takes to delete, and how a deletion goes on."""
    yield lang.say_n(
        "It takes {n} approval; a proposal expires after {hours} hours and names at most {most} items.",
        "It takes {n} approvals; a proposal expires after {hours} hours and names at most {most} items.",
        policy.approvals_needed,
        hours=f"{policy.expires_after_s / 3600:g}",
        most=lang.number(policy.max_items),
    )
    yield lang.say("From {n} items on, approving takes typing their number.", n=lang.number(policy.typed_from))
    yield _hold(lang, policy)
    yield lang.say("From {n} items on, one goes alone first.", n=lang.number(policy.canary_from))
    if policy.ramp:
        steps = (standing.stage(lang, Stage(step.items or 0, 0, step.percent)) for step in policy.ramp)
        yield lang.say("Such a deletion begins slowly: {steps}, then all of VOD's quota.", steps=lang.series(steps))
    if policy.stop_on:
        outcomes = lang.either([lang.say(words.OUTCOME_NAMES[outcome]) for outcome in sorted(policy.stop_on)])
        yield lang.say("The first item that ends as {outcomes} stops the rest.", outcomes=outcomes)


def _hold(lang: Language, policy: Policy) -> str:
    if not policy.hold_s:
        return lang.say("A deletion starts as soon as it is approved.")
    return lang.say(
        "A deletion is on hold for {time} after it is approved; stopped until then, nothing of it is deleted.",
        time=lang.lasting(policy.hold_s),
    )


def of_people(lang: Language, policy: Policy) -> Iterator[str]:
    """Say how much one person, and all together, may propose and delete."""
    yield lang.say(
        "One person may have {open} proposals open at a time, and make {hourly} in an hour.",
        open=lang.number(policy.max_open),
        hourly=lang.number(policy.max_hourly),
    )
    yield lang.say(
        "In 24 hours one person may delete {most} items, and all together {all}.",
        most=lang.number(policy.max_daily),
        all=lang.number(policy.max_daily_all),
    )
