"""What approvers are told of proposals that wait for them: a mention when the card is there, and reminders."""

from collections.abc import Sequence

from deletion.audit import notices
from deletion.policy.asking import GROUP
from deletion.views import ProposalView
from handlers.text import links
from handlers.text.blocks import Message, said
from handlers.text.escaping import escape, mention
from handlers.text.language import Language
from handlers.text.proposals import headline

MOST = 150
"""People who fit into one message; more of them are better mentioned as a user group."""


LISTED = 10
"""Proposals that a reminder names one by one."""


def asked(lang: Language, told: notices.ApprovalAsked, view: ProposalView, home: str = "") -> Message:
    """Render the one message that mentions whoever is to decide; ``home`` is the workspace's address, or ''."""
    row = view.row
    return said(
        lang.say(
            "{people}: {proposer} proposes to delete {what}, {card}. It can be approved or rejected until {time}.",
            people=" ".join(map(_mention, told.of[:MOST])),
            proposer=mention(row.proposer),
            what=escape(headline.what(lang, view)),
            card=links.to_card(row.id, view.card, home),
            time=lang.moment(row.expires_ms),
        )
    )


def reminded(lang: Language, waiting: Sequence[ProposalView], home: str = "") -> Message:
    """Render the direct message about all that waits for its reader; ``home`` as above."""
    opening = lang.say_n(
        "*{n} deletion waits for your decision*: approve or reject it on its card.",
        "*{n} deletions wait for your decision*: approve or reject them on their cards.",
        len(waiting),
    )
    lines = [_line(lang, view, home) for view in waiting[:LISTED]]
    rest = len(waiting) - len(lines)
    more = [lang.say_n("and {n} more: `/vod list`", "and {n} more: `/vod list`", rest)] if rest else []
    return said("\n".join([opening, *lines, *more]))


def _line(lang: Language, view: ProposalView, home: str) -> str:
    return lang.say(
        "• {card}: delete {what}, proposed by {proposer}; expires {time}",
        card=links.to_card(view.row.id, view.card, home),
        what=escape(headline.what(lang, view)),
        proposer=mention(view.row.proposer),
        time=lang.moment(view.row.expires_ms),
    )


def _mention(who: str) -> str:
    """Mention a user group or a person, by id."""
    return f"<!subteam^{who}>" if who.startswith(GROUP) else mention(who)
