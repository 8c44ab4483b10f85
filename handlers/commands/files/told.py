"""Words for lists that people gave as files: what was proposed, what is wrong, and the file of all problems."""

import csv
import io
from collections.abc import Iterable

from deletion.audit.notices import ListProblems, ListProposed, ListRead, ListRefused, ListUnread
from deletion.terms.requests.list_files import BadList, LineProblem, ListFacts, WrongList
from deletion.terms.requests.targets import Kind
from handlers.cards import asset_list
from handlers.commands import explanations
from handlers.commands.syntax.naming import Tidied
from handlers.commands.syntax.problems import Problem, Wrong
from handlers.text import words
from handlers.text.blocks import Message, in_paragraphs, plain_section, said, section
from handlers.text.escaping import clip, code, packed, plain, safe
from handlers.text.language import Language, plural, sentence

ListTold = ListProposed | ListRead | ListRefused | ListUnread

WRONG: dict[WrongList, str] = {
    WrongList.GONE: sentence(
        "It is gone, or Countersign cannot see it. If it is in a channel that Countersign is not in, invite it "
        "there, or give it the file with `/vod delete --file`."
    ),
    WrongList.SCOPE_MISSING: sentence(
        "The Slack app lacks the scope files:read, without which it can read no file. Tell the operator of "
        "Countersign: `python -m bot check` names what is missing."
    ),
    WrongList.ELSEWHERE: sentence(
        "It is a link to a file that is kept elsewhere. Download it there as CSV or XLSX and upload that to Slack."
    ),
    WrongList.UNREACHED: sentence("Slack did not hand it out within 15 minutes. Try again later."),
    WrongList.EMPTY: sentence("It is empty."),
    WrongList.TOO_LARGE: sentence("It has more than {most_size}. Split it, or leave out the columns without IDs."),
    WrongList.TOO_LARGE_INSIDE: sentence(
        "Unpacked it has more than {most_size}. Save the sheet with the IDs as CSV and use that."
    ),
    WrongList.TOO_MANY_ROWS: sentence("It has more than {most} rows. Split it."),
    WrongList.TOO_MANY_CELLS: sentence("It has more than {most} cells. Leave out the columns without IDs."),
    WrongList.TOO_MANY_NAMES: sentence("It names more than {most} items, which no proposal may. Split it."),
    WrongList.TOO_SLOW: sentence("Reading it took more than {most} seconds. Use CSV, or split it."),
    WrongList.NOT_A_LIST: sentence("It is not a list ({names}). Use CSV, TSV, XLSX or plain text."),
    WrongList.OLD_WORKBOOK: sentence(
        "It is an old workbook (.xls) or protected by a password. Save it as .xlsx without a password, or as CSV."
    ),
    WrongList.OTHER_TABLE: sentence("It is a file of another program ({names}). Save the table as .xlsx or CSV."),
    WrongList.WEB_PAGE: sentence("It is a web page, whatever its name says. Save the table as .xlsx or CSV."),
    WrongList.BROKEN: sentence("It is damaged, or not what its name says. Save it anew as .xlsx or CSV."),
    WrongList.QUOTES: sentence(
        "The quotes are wrong from line {n} on: one is not closed, or something stands behind the closing one. "
        "Save the file anew from a spreadsheet program."
    ),
    WrongList.NO_NAMES: sentence("There are no IDs in it."),
    WrongList.NO_SUCH_COLUMN: sentence("There is no column “{first}”. Columns: {rest}."),
    WrongList.SEVERAL_COLUMNS: sentence(
        "Several columns hold IDs: {names}. Say in the field Column of the form which one is meant."
    ),
    WrongList.HIDDEN_ROWS: sentence(
        "Rows of the sheet are hidden, by a filter or by hand; whether they are meant is not seen. Delete them, or "
        "copy the visible rows into a new file."
    ),
    WrongList.MIXED: sentence(
        "It names images by ID and by URL, {n} of {most} by URL; VOD deletes them by separate calls. Make two "
        "files of it."
    ),
    WrongList.INTERNAL: sentence(
        "Internal error (reference {names}). Give it to the operator of Countersign, or use another file."
    ),
}
"""What is wrong with a whole file, and what to do (plain text)."""

TIDIED: dict[Tidied, str] = {
    Tidied.MARKS: sentence("Separators, quotes and marks around names were left out."),
    Tidied.ADDRESS: sentence("IDs were read from web addresses: check them on the card."),
    Tidied.QUERY: sentence("What followed “?” or “#” in image addresses was left out; it does not name an image."),
}
"""What was done to names as somebody gave them."""

_OF: dict[Kind, tuple[str, str]] = {
    Kind.VIDEO: plural("{n} video", "{n} videos"),
    Kind.STREAM: plural("{n} stream", "{n} streams"),
    Kind.MEZZANINE: plural("{n} source file", "{n} source files"),
    Kind.IMAGE: plural("{n} image", "{n} images"),
}

SHOWN = 25
"""Problems of a file that a form tells one by one."""

PROBLEM_COLUMNS = ("sheet", "line", "value", "problem")


def message(lang: Language, told: ListTold, *, approvals: str) -> Message:
    """Render an answer to whoever gave a list; ``approvals`` is the mention of the channel with the cards."""
    match told:
        case ListRead(name=name):
            return said(
                lang.say(
                    "Reading {file}. What is in it, or what is wrong with it, follows here.", file=code(name, 80)
                )
            )
        case ListProposed():
            return in_paragraphs([_proposed(lang, told, approvals), *how_read(lang, told.facts)])
        case ListRefused():
            return _refused(lang, told)
        case ListUnread(bad=bad) if bad.why is WrongList.LINES:
            return _lines(lang, told)
        case ListUnread(bad=bad):
            opening = _nothing(lang, told.name)
            return Message(
                clip(f"{opening.replace('*', '')} {safe(wrong(lang, bad), 3000)}", 3900),
                (section(opening), plain_section(wrong(lang, bad))),
            )


def wrong(lang: Language, bad: BadList) -> str:
    """Say what is wrong with a whole file (plain text)."""
    names = [plain(name, 120) for name in bad.names]
    shown = lang.series(names[:20]) + (f" {words.and_more(lang, len(names) - 20)}" if len(names) > 20 else "")
    told = lang.say(
        WRONG[bad.why],
        names=shown or lang.say("unknown content"),
        first=names[0] if names else "",
        rest=lang.series(names[1:20]) or lang.say("none"),
        n=lang.number(bad.number),
        most=lang.number(bad.most),
        most_size=lang.size(bad.most),
    )
    return told.replace("`", "")


def _proposed(lang: Language, told: ListProposed, approvals: str) -> str:
    things = lang.say_n(*_OF[told.of], told.count)
    if not told.name:
        return lang.say(
            "Proposal #{number} is stored. Reading {what} from VOD now; if it can be proposed, the card then "
            "appears in {channel} for another person to approve. Nothing is deleted before that.",
            number=told.number,
            what=things,
            channel=approvals,
        )
    return lang.say(
        "Proposal #{number} is stored: {what} from {file}. They are read from VOD now; if they can be proposed, "
        "the card then appears in {channel} for another person to approve. Nothing is deleted before that.",
        number=told.number,
        what=things,
        file=code(told.name, 80),
        channel=approvals,
    )


def how_read(lang: Language, facts: ListFacts) -> Iterable[str]:
    """Say how names were read, where there is something to say (mrkdwn)."""
    found = [*_where(lang, facts)]
    if facts.repeated_count:
        named = lang.series(code(name, 80) for name in facts.repeated)
        rest = facts.repeated_count - len(facts.repeated)
        found.append(lang.say("Named several times, taken once: {names}.", names=words.more(lang, named, rest)))
    if facts.blank:
        rest = facts.blank - len(facts.blank_lines)
        lines = words.more(lang, lang.series(map(lang.number, facts.blank_lines)), rest)
        found.append(lang.say("Left out, because there is no ID in them: lines {lines}.", lines=lines))
    found += [lang.say(said_) for how, said_ in TIDIED.items() if how in facts.tidied]
    if facts.encoding:
        found.append(lang.say("The file was read as {encoding}.", encoding=facts.encoding))
    if found:
        yield lang.sentences(*found)


def _where(lang: Language, facts: ListFacts) -> Iterable[str]:
    heading = code(facts.heading, 60)
    if facts.place and facts.heading:
        yield lang.say(
            "Read from column {column}, headed {heading}.", column=code(facts.place, 60), heading=heading
        )
    elif facts.place:
        yield lang.say("Read from column {column}.", column=code(facts.place, 60))
    elif facts.heading:
        yield lang.say("{heading} was taken for the heading.", heading=heading)
    if facts.above > 1:
        yield lang.say_n("{n} line was taken for a heading.", "{n} lines were taken for headings.", facts.above)


def _refused(lang: Language, told: ListRefused) -> Message:
    opening = _nothing(lang, told.name) if told.name else lang.say("*Nothing was stored or deleted.*")
    return in_paragraphs([opening, *(f"• {words.refusal(lang, each)}" for each in told.refusals)])


def _nothing(lang: Language, name: str) -> str:
    return lang.say("*Nothing was proposed* from {file}.", file=code(name, 80))


def _lines(lang: Language, told: ListUnread) -> Message:
    bad = told.bad
    opening = lang.say_n(
        "*Nothing was proposed* from {file}: {n} problem. Correct it and give the file once more.",
        "*Nothing was proposed* from {file}: {n} problems. Correct them and give the file once more.",
        bad.total,
        file=code(told.name, 80),
    )
    lines = [f"• {plain(line(lang, each), 400)}" for each in bad.problems]
    if bad.total > len(bad.problems):
        lines.append(words.and_more(lang, bad.total - len(bad.problems)))
        opening = lang.sentences(opening, lang.say("The whole list is in a direct message to you."))
    text = f"{opening.replace('*', '')} {safe(' '.join(lines), 2500)}"
    return Message(clip(text, 3900), (section(opening), *map(plain_section, packed(lines))))


def problems(lang: Language, bad: BadList) -> list[str]:
    """Say what is wrong with a file: as a whole, or with the first of its lines (plain text)."""
    if bad.why is not WrongList.LINES:
        return [wrong(lang, bad)]
    lines = [f"• {plain(line(lang, each), 400)}" for each in bad.problems[:SHOWN]]
    return [*lines, words.and_more(lang, bad.total - len(lines))] if bad.total > len(lines) else lines


def line(lang: Language, problem: LineProblem) -> str:
    """Say what is wrong in one line (plain text)."""
    where = f"{problem.sheet}!" if problem.sheet else ""
    return lang.say("line {line}: {problem}", line=f"{where}{problem.line}", problem=_explained(lang, problem))


def _explained(lang: Language, problem: LineProblem) -> str:
    found = Problem(Wrong(problem.code), problem.word, number=problem.number, most=problem.most)
    return explanations.explained(lang, found)


def problems_file(lang: Language, told: ListProblems) -> bytes:
    """Return all problems as a CSV file that opens in a spreadsheet without running anything."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(PROBLEM_COLUMNS)
    for each in told.problems:
        row = (each.sheet, each.line, each.word, _explained(lang, each))
        writer.writerow([asset_list.cell(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def problems_comment(lang: Language, told: ListProblems) -> str:
    """Return the message that the file of problems comes with."""
    kept = len(told.problems)
    whole = lang.say_n(
        "{n} problem with {file}.", "All {n} problems with {file}.", told.total, file=code(told.name, 80)
    )
    if kept == told.total:
        return whole
    return lang.say(
        "The first {n} of {total} problems with {file}.",
        n=lang.number(kept),
        total=lang.number(told.total),
        file=code(told.name, 80),
    )
