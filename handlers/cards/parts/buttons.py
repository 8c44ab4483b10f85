"""The buttons of a card: what can still be decided, and the dialogs that ask once more."""

from deletion.approval.people.questions import Named
from deletion.approval.shown import Shown
from deletion.plan.plan import DIGEST_SHOWN, Plan
from deletion.terms.ids import Digest, proposal_ref
from deletion.terms.states import State
from deletion.views import ProposalView
from handlers.cards import ids
from handlers.text import words
from handlers.text.blocks import Block, Message
from handlers.text.escaping import clip
from handlers.text.facts import sizes
from handlers.text.language import Language
from handlers.text.proposals import headline


def deciding(lang: Language, view: ProposalView, plan: Plan) -> Block:
    """Return the buttons of a proposal that waits: approve, reject, ask, withdraw.

    Where Approve opens a form anyway, it is in there that something can be said with it.
    """
    things = words.things(lang, view.request, plan.count)
    comment = () if view.asks_number else (_button(view, ids.COMMENT, lang.say("Approve with a comment…")),)
    return _actions(
        {**_approve(lang, view, plan, things), "style": "danger"},
        *comment,
        _button(view, ids.REJECT, lang.say("Reject…")),
        _button(view, ids.ASK, lang.say("Ask…")),
        _button(view, ids.WITHDRAW, lang.say("Withdraw (proposer)")),
    )


def _approve(lang: Language, view: ProposalView, plan: Plan, things: str) -> Block:
    """Return the button that approves; where it opens a form there is no dialog besides."""
    if view.asks_number:
        return _button(view, ids.APPROVE, lang.say("Approve: delete {what}…", what=things))
    button = _button(view, ids.APPROVE, lang.say("Approve: delete {what}", what=things))
    return {**button, "confirm": _confirm_approval(lang, view, plan, things)}


def stopping(lang: Language, view: ProposalView) -> Block | None:
    """Return the button that stops a deletion; None when there is nothing left to stop."""
    is_under_way = view.state is State.EXECUTING and view.row.halted is None
    if view.state is not State.APPROVED and not is_under_way:
        return None
    return _actions(stop(lang, _shown(view), is_under_way=is_under_way))


def stop(lang: Language, shown: Shown, *, is_under_way: bool) -> Block:
    """Return the element that stops a deletion, with the dialog that asks once more."""
    if is_under_way:
        so_far = lang.say(
            "Calls already sent to VOD cannot be taken back. Once it is stopped, no further calls are sent."
        )
    else:
        so_far = lang.say("Nothing was deleted yet, and once it is stopped, nothing will be.")
    final = lang.say("That is final: to delete it after all, somebody has to propose it again.")
    dialog = {
        "title": plain_text(lang.say("Stop this deletion?"), 100),
        "text": plain_text(
            lang.say("#{number}: {so_far} {final}", number=shown.number, so_far=so_far, final=final), 300
        ),
        "confirm": plain_text(lang.say("Stop it"), 30),
        "deny": plain_text(lang.say("Go back"), 30),
    }
    return {**element(shown, ids.STOP, lang.say("Stop the deletion")), "confirm": dialog}


def answering(lang: Language, named: Named) -> Block:
    """Return the button under a question."""
    return _actions(
        {
            "type": "button",
            "action_id": ids.ANSWER,
            "text": plain_text(lang.say("Answer… (proposer)"), 75),
            "value": ids.answer_value(named),
        }
    )


def withdrawing(lang: Language, view: ProposalView) -> Block:
    """Return the button that takes back what is still being read; it names what was asked for."""
    return _actions(_button(view, ids.WITHDRAW, lang.say("Withdraw"), view.asked_digest))


def again(lang: Language, view: ProposalView) -> Block | None:
    """Return the button that proposes what a deletion had left; None where there is nothing, or somebody did."""
    left = headline.not_gone(view)
    if view.state is not State.FINISHED or not left or view.again is not None:
        return None
    things = words.things(lang, view.request, left)
    text = lang.say(
        "You propose {what} of #{number} again, for the same reason. It is a new proposal of yours: VOD is read "
        "anew, and somebody else has to approve it. Nothing is deleted before that.",
        what=things,
        number=view.row.id,
    )
    dialog = {
        "title": plain_text(lang.say("Propose the rest again?"), 100),
        "text": plain_text(text, 300),
        "confirm": plain_text(lang.say("Propose it"), 30),
        "deny": plain_text(lang.say("Go back"), 30),
    }
    button = _button(view, ids.AGAIN, lang.say("Propose the rest again: {what}", what=things))
    return _actions({**button, "confirm": dialog})


def viewing_all(lang: Language, view: ProposalView, plan: Plan) -> Block:
    """Return the button that opens the whole list, page by page."""
    return _actions(_button(view, ids.VIEW_ALL, lang.say("View all {n}", n=lang.number(plan.count))))


def can_stop(message: Message) -> bool:
    """Say whether a message has the button that stops a deletion."""
    elements = (element for block in message.blocks for element in block.get("elements", ()))
    return any(element.get("action_id") == ids.STOP for element in elements)


def plain_text(text: str, most: int) -> Block:
    """Return a text of a button or a dialog, no longer than Slack takes there."""
    return {"type": "plain_text", "text": clip(text, most)}


def _confirm_approval(lang: Language, view: ProposalView, plan: Plan, things: str) -> Block:
    first = lang.say("“{title}”", title=words.title(lang, plan.entries[0].target.title, 80))
    text = lang.say(
        "#{number}, {items}: {size}, gone for good. Plan {plan}. "
        "Every item is read again before your approval counts.",
        number=view.row.id,
        items=words.more(lang, first, plan.count - 1),
        size=sizes.amount(lang, plan),
        plan=(view.row.digest or "")[:DIGEST_SHOWN],
    )
    return {
        "title": plain_text(lang.say("Delete {what} for good?", what=things), 100),
        "text": plain_text(text, 300),
        "confirm": plain_text(lang.say("Approve the deletion"), 30),
        "deny": plain_text(lang.say("Go back"), 30),
        "style": "danger",
    }


def _actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _button(view: ProposalView, action_id: str, text: str, digest: Digest | None = None) -> Block:
    return element(_shown(view, digest), action_id, text)


def _shown(view: ProposalView, digest: Digest | None = None) -> Shown:
    return Shown(view.record, proposal_ref(view.row.id), digest or Digest(view.row.digest or ""))


def element(shown: Shown, action_id: str, text: str) -> Block:
    """Return a button that names what is shown."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(text, 75),
        "value": ids.button_value(shown),
    }


def proposing(lang: Language, value: str = "") -> Block:
    """Return the button that opens the form that proposes, with what ``value`` holds in it."""
    button = {"type": "button", "action_id": ids.PROPOSE, "text": plain_text(lang.say("Propose a deletion…"), 75)}
    return _actions({**button, "value": value} if value else button)
