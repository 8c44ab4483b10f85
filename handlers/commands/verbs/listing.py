"""``/vod list``: proposals that are open, or have ended, with what there is to know before opening a card."""

from deletion.jobs.record import Tx
from deletion.listed import Listing, Reader
from handlers.cards.parts.fitting import ROOM, weight
from handlers.commands.syntax import since
from handlers.commands.syntax.since import Listed
from handlers.commands.verb import Form, Invocation, Verb, for_readers
from handlers.text.blocks import Message, said, section
from handlers.text.escaping import clip
from handlers.text.language import Language, plural, sentence
from handlers.text.proposals import listed

LISTED = 20
"""Proposals that are shown, the newest ones; a Slack message holds 50 blocks."""

COUNTED: dict[tuple[bool, bool], tuple[str, str]] = {
    (False, False): plural("*{n} open proposal*", "*{n} open proposals*"),
    (True, False): plural("*{n} open proposal of yours*", "*{n} open proposals of yours*"),
    (False, True): plural("*{n} proposal that has ended*", "*{n} proposals that have ended*"),
    (True, True): plural("*{n} proposal of yours that has ended*", "*{n} proposals of yours that have ended*"),
}
"""What a list is of, by whether it is of one's own, and of what has ended."""

NONE: dict[tuple[bool, bool], str] = {
    (False, False): sentence("No proposals are open."),
    (True, False): sentence("No proposals of yours are open."),
    (False, True): sentence("No proposals have ended."),
    (True, True): sentence("No proposals of yours have ended."),
}


def run(call: Invocation, asked: Listed) -> Message:
    """List what was asked for."""

    def read(tx: Tx) -> tuple[Listing, int | None]:
        reader = Reader(tx)
        since_ms = asked.since.moment_ms(reader.now_ms) if asked.since else None
        proposer = call.action.actor.user if asked.mine else None
        read_them = reader.ended if asked.done else reader.open
        return read_them(proposer=proposer, since_ms=since_ms, limit=LISTED), since_ms

    found, since_ms = call.read(read)
    return shown(call.lang, found, call.services.workspace_url, asked, since_ms=since_ms)


def shown(
    lang: Language, found: Listing, workspace_url: str, asked: Listed | None = None, *, since_ms: int | None = None
) -> Message:
    """Return the list, under the freeze that holds everything, if there is one."""
    asked = asked or Listed()
    of = (asked.mine, asked.done)
    held = listed.held(lang, found)
    time = lang.say("since {time}", time=lang.moment(since_ms)) if since_ms is not None else ""
    if not found.some:
        since_when = f" ({time})" if time else ""
        return said(lang.sentences(held, lang.say(NONE[of]) + since_when))
    counted = lang.say_n(*COUNTED[of], found.total)
    head = lang.sentences(held, f"{counted} · {time}" if time else counted)
    lines = [head]
    for each in found.some:
        told = listed.line(lang, each, workspace_url)
        if weight(map(section, [*lines, told])) > ROOM:
            break
        lines.append(told)
    rest = found.total - len(lines) + 1
    if rest > 0:
        lines.append(
            lang.say_n("… and {n} older one.", "… and {n} older ones.", rest) + f" {_narrower(lang, asked)}"
        )
    return Message(clip("\n".join(lines), 3900), tuple(map(section, lines)))


def _narrower(lang: Language, asked: Listed) -> str:
    """Say how to see fewer, or others."""
    if asked.mine and asked.since:
        return lang.say("See one with `/vod status 4`.")
    return lang.say("See fewer with `--mine` or `--since 7d`.")


VERB = Verb[Listed](
    words=("list",),
    forms=(
        Form(
            "list",
            "list [--mine] [--done] [--since 7d]",
            sentence(
                "The open proposals, or with --done those that have ended, each with count, size, age and a link "
                "to its card; --mine: only your own."
            ),
        ),
    ),
    parse=since.parse,
    run=run,
    only_reads=True,
    turns_away=for_readers,
    hint="list",
)
