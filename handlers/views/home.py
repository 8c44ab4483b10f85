"""The Home tab: what waits for its reader, what can be stopped, what is theirs, what ended, the rules for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slack_sdk.models.views import View

from deletion.home import COUNTED_MOST, Home
from deletion.listed import Listed, Listing
from deletion.policy.decisions import Policy
from deletion.terms.refusals import Refusal
from deletion.terms.states import State
from handlers.cards import ids
from handlers.cards.parts import buttons
from handlers.cards.parts.buttons import plain_text
from handlers.text import links, rules, words
from handlers.text.blocks import Block, context, header, section
from handlers.text.escaping import clip, code
from handlers.text.language import Language
from handlers.text.proposals import listed
from handlers.views.approve import as_is

CALLBACK_ID = "countersign_home"
REFRESH = "countersign_home_refresh"

SAID_MOST = 2_900
"""Characters of an answer to what somebody did in their Home tab."""


@dataclass(frozen=True)
class Around:
    """What a Home tab leads to: the workspace's address, '' if unknown, and the id of the approvals channel."""

    workspace_url: str
    approvals: str


def build(lang: Language, home: Home, policy: Policy, around: Around, *, said: str = "") -> View:
    """Return the tab of somebody who may read; ``said`` answers what they did in it (mrkdwn)."""
    return _view(
        [
            *_head(lang, said, may_propose=home.may_propose is None),
            *_held(lang, home),
            *(_waiting(lang, home, around) if home.may_approve else ()),
            *_under_way(lang, home, policy, around),
            *_mine(lang, home, around),
            *_ended(lang, home, around),
            *_rules(lang, home, policy, around),
            context(_small_print(lang, home.ended.now_ms)),
        ]
    )


def turned_away(lang: Language, refusal: Refusal, now_ms: int, *, said: str = "") -> View:
    """Return the tab of somebody who may not read: why, and nothing else."""
    why = section(words.refusal(lang, refusal))
    return _view([*_head(lang, said), why, context(_small_print(lang, now_ms))])


def _view(blocks: Sequence[Block]) -> View:
    return View(type="home", callback_id=CALLBACK_ID, blocks=[as_is(block) for block in blocks])


def _head(lang: Language, said: str, *, may_propose: bool = False) -> Iterator[Block]:
    if said:
        yield section(lang.say("*Just now*: {answer}", answer=clip(said, SAID_MOST)))
    refresh = {"type": "button", "action_id": REFRESH, "text": plain_text(lang.say("Refresh"), 75)}
    propose = {"type": "button", "action_id": ids.PROPOSE, "text": plain_text(lang.say("Propose a deletion…"), 75)}
    yield {"type": "actions", "elements": [refresh, propose] if may_propose else [refresh]}


def _held(lang: Language, home: Home) -> Iterator[Block]:
    """Say that nothing is deleted now, why, and whether this person has voted to end that."""
    found, frozen = home.ended, home.ended.frozen
    held = listed.held(lang, found)
    if not held:
        return
    parts = ["⏸️" if found.lost else "🧊", held]
    if frozen is not None:
        parts.append(lang.say("Since {time}.", time=lang.moment(frozen.frozen_ms)))
        parts.append(lang.say("The reason: {reason}.", reason=code(frozen.reason, 200)) if frozen.reason else "")
        parts.append(lang.say("You have voted to unfreeze.") if home.has_voted else "")
    yield section(lang.sentences(*parts))


def _waiting(lang: Language, home: Home, around: Around) -> Iterator[Block]:
    found = home.waiting
    if not found.some:
        yield section(lang.say("Nothing waits for your approval."))
        return
    total = lang.number(found.total)
    if found.total >= COUNTED_MOST:
        total = lang.say("{n} or more", n=total)
    yield header(lang.say("Waiting for your approval · {n}", n=total))
    for each in found.some:
        block = _row(lang, each, around)
        address = links.permalink(around.workspace_url, each.card) if each.card else None
        yield {**block, "accessory": _open_card(lang, address)} if address else block
    yield from _more(lang, found)


def _row(lang: Language, each: Listed, around: Around) -> Block:
    return section("\n".join(listed.in_two(lang, each, around.workspace_url)))


def _open_card(lang: Language, address: str) -> Block:
    text = plain_text(lang.say("Open the card"), 75)
    return {"type": "button", "action_id": ids.OPEN_CARD, "text": text, "url": address, "style": "primary"}


def _under_way(lang: Language, home: Home, policy: Policy, around: Around) -> Iterator[Block]:
    """Show what was approved, with Stop for whoever may."""
    found = home.under_way
    if not found.some:
        yield section(lang.say("Nothing is on hold or being deleted."))
        return
    yield header(lang.say("On hold or being deleted · {n}", n=lang.number(found.total)))
    for each in found.some:
        block = _row(lang, each, around)
        if each.shown is not None and home.may_stop(policy, each):
            stop = buttons.stop(lang, each.shown, is_under_way=each.state is State.EXECUTING)
            block["accessory"] = {**stop, "style": "danger"}
        yield block
    yield from _more(lang, found)


def _mine(lang: Language, home: Home, around: Around) -> Iterator[Block]:
    """Show what this person has proposed and nobody has decided on, with Withdraw."""
    found = home.mine
    if not found.some:
        if home.may_propose is None:
            yield section(lang.say("No proposal of yours waits to be decided."))
        return
    yield header(lang.say("Your proposals, not decided yet · {n}", n=lang.number(found.total)))
    for each in found.some:
        block = _row(lang, each, around)
        yield {**block, "accessory": _withdraw(lang, each)} if each.shown is not None else block
    yield from _more(lang, found)


def _withdraw(lang: Language, each: Listed) -> Block:
    if each.shown is None:
        raise ValueError("what has ended cannot be withdrawn")
    return buttons.element(each.shown, ids.WITHDRAW, lang.say("Withdraw"))


def _ended(lang: Language, home: Home, around: Around) -> Iterator[Block]:
    found = home.ended
    if found.some:
        yield header(lang.say("Ended lately"))
        for each in found.some:
            yield _row(lang, each, around)
        yield context(
            lang.say("All of them: `/vod list --done`. One of them: `/vod status {n}`.", n=found.some[0].number)
        )


def _more(lang: Language, found: Listing) -> Iterator[Block]:
    rest = found.total - len(found.some)
    if rest > 0:
        yield context(lang.say_n("… and {n} more: see `/vod list`.", "… and {n} more: see `/vod list`.", rest))


def _rules(lang: Language, home: Home, policy: Policy, around: Around) -> Iterator[Block]:
    yield {"type": "divider"}
    yield header(lang.say("The rules for you"))
    yield section("\n".join(f"• {each}" for each in _for_me(lang, home, policy, around)))
    yield context(lang.sentences(*rules.of_deletions(lang, policy)))


def _for_me(lang: Language, home: Home, policy: Policy, around: Around) -> Iterator[str]:
    if home.may_propose is not None:
        yield words.refusal(lang, home.may_propose)
    else:
        yield lang.say("You may propose: type `/vod delete …` in {channel}.", channel=f"<#{around.approvals}>")
        yield lang.say(
            "You may delete {mine} more items today: one person {most} in 24 hours, all together {all}, of which "
            "{everybody} are left.",
            mine=lang.number(min(home.left.mine, home.left.everybody)),
            most=lang.number(policy.max_daily),
            all=lang.number(policy.max_daily_all),
            everybody=lang.number(home.left.everybody),
        )
        yield lang.say(
            "{open} of your proposals are open, of at most {most}; you made {lately} in the last hour, of at most "
            "{hourly}.",
            open=lang.number(home.open),
            most=lang.number(policy.max_open),
            lately=lang.number(home.lately),
            hourly=lang.number(policy.max_hourly),
        )
    if home.may_approve:
        yield lang.say("You may approve and reject what others propose, never your own, and stop any deletion.")
    else:
        yield lang.say("You may not approve. You may stop your own deletions.")
    yield lang.say(
        "Whoever is in {channel} may freeze everything: `/vod freeze`.", channel=f"<#{around.approvals}>"
    )


def _small_print(lang: Language, now_ms: int) -> str:
    return lang.say(
        "As of {time}. Language: {language}, as your Slack is set where there is a translation.",
        time=lang.instant(now_ms),
        language=lang.own_name,
    )
