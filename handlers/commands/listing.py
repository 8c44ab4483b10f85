"""``/vod list``: the proposals that are open, with what there is to know before opening a card."""

from datetime import timedelta
from functools import partial

from babel.dates import format_timedelta

from deletion import views
from deletion.terms.states import State
from deletion.terms.targets import query_of
from deletion.views import OpenProposal, OpenProposals
from handlers.commands.syntax.problems import no_arguments
from handlers.commands.verb import Form, Invocation, Verb, for_readers
from handlers.text import links, words
from handlers.text.blocks import Message, said, section
from handlers.text.escaping import clip, code, escape, mention
from handlers.text.language import Language, sentence

LISTED = 20
"""Open proposals that are shown, the newest ones; a Slack message holds 50 blocks."""


def run(call: Invocation, _: None) -> Message:
    """List what is open."""
    found = call.read(lambda tx: views.open_proposals(tx, limit=LISTED))
    return shown(call.lang, found, call.services.workspace_url)


def shown(lang: Language, found: OpenProposals, workspace_url: str) -> Message:
    """Return the list, under the freeze that holds everything, if there is one."""
    frozen = ""
    if found.frozen:
        told = lang.say(
            "*Frozen* by {actor}: no further calls will be sent until two people, one of them an approver, type "
            "`/vod unfreeze`.",
            actor=mention(found.frozen.person),
        )
        frozen = f"{told} "
    if found.lost:
        lost = lang.say("*Held*: this record does not lead to the newest head in the audit channel.")
        frozen = f"{lost} {frozen}"
    if not found.newest:
        return said(f"{frozen}{lang.say('No proposals are open.')}")
    head = frozen + lang.say_n("*{n} open proposal*", "*{n} open proposals*", found.total)
    lines = [_line(lang, each, found.now_ms, workspace_url) for each in found.newest]
    if found.total > len(found.newest):
        rest = found.total - len(found.newest)
        lines.append(lang.say_n("… and {n} older one.", "… and {n} older ones.", rest))
    return Message(clip("\n".join([head, *lines]), 3900), tuple(map(section, [head, *lines])))


def _line(lang: Language, each: OpenProposal, now_ms: int, workspace_url: str) -> str:
    """Return number, count, size, title, age, state, proposer and reason of one proposal."""
    number = links.to_card(each.number, each.card, workspace_url)
    query = query_of(each.request)
    age = format_timedelta(timedelta(milliseconds=max(0, now_ms - each.created_ms)), locale=lang.locale)
    facts = [
        f"*{number}* {words.things(lang, each.request, each.count)}",
        *([lang.size(each.bytes_known) or ""] if each.bytes_known else []),
        *([_titles(lang, each)] if each.first_title else []),
        lang.say(words.STATES[each.state]),
        *([lang.say("its card is not posted yet")] if each.state is State.PENDING and each.card is None else []),
        lang.say("proposed by {proposer} {age} ago", proposer=mention(each.proposer), age=age),
        *([lang.say("expires {time}", time=lang.moment(each.expires_ms))] if _can_expire(each) else []),
        code(each.reason, 80),
        *([lang.say("query {query}", query=code(query.text(), 200))] if query else []),
    ]
    return " · ".join(facts)


def _titles(lang: Language, each: OpenProposal) -> str:
    first = lang.say("“{title}”", title=escape(words.title(lang, each.first_title, 80)))
    return words.more(lang, first, each.count - 1)


def _can_expire(each: OpenProposal) -> bool:
    return each.state in {State.COLLECTING, State.PENDING}


VERB = Verb[None](
    words=("list",),
    forms=(
        Form("list", "list", sentence("The open proposals, each with count, size, age and a link to its card.")),
    ),
    parse=partial(no_arguments, "list"),
    run=run,
    only_reads=True,
    turns_away=for_readers,
    hint="list",
)
