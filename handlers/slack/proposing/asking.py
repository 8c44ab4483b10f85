"""What the form asks for: read as if it were typed behind ``/vod delete``, or what is wrong, by field. Pure."""

from collections.abc import Iterator

from deletion.policy import decisions
from deletion.policy.decisions import Policy
from deletion.terms.blank import is_blank
from deletion.terms.requests.list_files import BadList, ListFacts, ListForm, WrongList
from handlers.commands import explanations
from handlers.commands.files import bounds, told
from handlers.commands.syntax import lexing, media, naming
from handlers.commands.syntax.lexing import Quoted
from handlers.commands.syntax.media import Deletion
from handlers.commands.syntax.naming import Tidied
from handlers.commands.syntax.problems import Problem, Problems, Wrong
from handlers.text import words
from handlers.text.language import Language
from handlers.views.proposing import filled, form, preview
from handlers.views.proposing.filled import FileNamed, Filled, Level
from handlers.views.proposing.preview import Asked

Errors = list[tuple[str, str]]
"""What is wrong, each with the block of the field it is about (plain text)."""

OTHER_PROGRAMS = {
    "xls": BadList(WrongList.OLD_WORKBOOK),
    "ods": BadList(WrongList.OTHER_TABLE, ("ODS",)),
    "numbers": BadList(WrongList.OTHER_TABLE, ("Numbers",)),
    "xlsb": BadList(WrongList.OTHER_TABLE, ("XLSB",)),
    "docx": BadList(WrongList.OTHER_TABLE, ("Word",)),
    "pdf": BadList(WrongList.NOT_A_LIST, ("PDF",)),
    "png": BadList(WrongList.NOT_A_LIST, ("PNG",)),
    "jpg": BadList(WrongList.NOT_A_LIST, ("JPEG",)),
    "jpeg": BadList(WrongList.NOT_A_LIST, ("JPEG",)),
    "mp4": BadList(WrongList.NOT_A_LIST, ("MP4",)),
    "zip": BadList(WrongList.OTHER_TABLE, ("ZIP",)),
}
"""What the name of a file says of it that is no list: it is said under the field, before anything is fetched."""

NAMED = 5
"""Names taken once that are named."""

FIELDS: dict[Wrong, str] = {
    Wrong.STREAMS_MISSING: form.STREAMS_BLOCK,
    Wrong.IMAGES_MISSING: form.IMAGES_BLOCK,
}
"""Where a problem is told that is not about the names themselves."""


def asked(lang: Language, policy: Policy, held: Filled) -> Asked | Errors:
    """Return what would be proposed, or everything that is wrong."""
    found: Errors = [*_reason(lang, held.why)]
    level = held.level
    if level is None:
        return [(form.LEVEL_BLOCK, lang.say("Choose what to delete.")), *found]
    is_of_file = held.file is not None and not level.is_of_one_video
    made = (_of_file if is_of_file else _of_names)(lang, policy, level, held, found)
    if found or made is None:
        return found
    if len(preview.held(made)) > filled.VIEW_MOST:
        return [
            (form.IDS_BLOCK, lang.say("This is more than the form takes. Put the IDs into a file and give that."))
        ]
    return made


def _reason(lang: Language, why: str) -> Iterator[tuple[str, str]]:
    if is_blank(why):
        yield form.REASON_BLOCK, lang.say("Say why, so that the approver can decide.")
    elif len(why) > media.REASON_MOST:
        problem = Problem(Wrong.REASON_TOO_LONG, number=len(why), most=media.REASON_MOST)
        yield form.REASON_BLOCK, explanations.explained(lang, problem)


def _of_file(lang: Language, _: Policy, level: Level, held: Filled, found: Errors) -> Asked | None:
    file = held.file
    if file is None:
        return None
    if held.ids.strip() or held.by_title:
        found.append((form.FILE_BLOCK, lang.say("Give names or a file, not both in one proposal.")))
    bad = _bad(file)
    if bad:
        found.append((form.FILE_BLOCK, told.wrong(lang, bad)))
    force = held.force and level is Level.MEZZANINE
    return Asked(ListForm(file.id, file.name, level.kind, force, "", held.column), held.channel)


def _bad(file: FileNamed) -> BadList | None:
    if file.size > bounds.LARGEST:
        return BadList(WrongList.TOO_LARGE, number=file.size, most=bounds.LARGEST)
    extension = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    return OTHER_PROGRAMS.get(extension)


def _of_names(lang: Language, policy: Policy, level: Level, held: Filled, found: Errors) -> Asked | None:
    if level.is_of_one_video:
        found += _one_video(lang, level, held)
    elif not held.ids.strip() and not held.by_title:
        found.append(
            (
                form.IDS_BLOCK,
                lang.say("Say which: by title, by ID or address, or by a list in a file."),
            )
        )
    if any(block != form.REASON_BLOCK for block, _ in found):
        return None
    wanted = media.parse_names([*_typed(level, held), "--reason", Quoted("of the form")])
    if isinstance(wanted, Problems):
        found += [_problem(lang, held, each) for each in wanted.found]
        return None
    refusals = decisions.unacceptable(policy, wanted.request)
    found += [(form.IDS_BLOCK, words.refusal(lang, each)) for each in refusals]
    return Asked(wanted.request, held.channel, facts=_facts(wanted))


def _one_video(lang: Language, level: Level, held: Filled) -> Iterator[tuple[str, str]]:
    """Say what is missing where parts of one video are meant."""
    named = [*(each.value for each in held.by_title), *naming.read_ids([lexing.unescape(held.ids)]).names]
    if len(dict.fromkeys(named)) != 1:
        yield form.IDS_BLOCK, lang.say("Name one video, and no more: by its title, its ID or its address.")
    if level is Level.STREAM and not held.streams and not held.jobs.strip():
        yield form.STREAMS_BLOCK, lang.say("Choose at least one stream.")
    if level is Level.IMAGES_OF and not held.images:
        yield form.IMAGES_BLOCK, lang.say("Choose at least one kind of images.")


def _typed(level: Level, held: Filled) -> list[str]:
    """Write what is in the form as words behind ``/vod delete``; no word that was typed there is an option."""
    typed = [*(Quoted(each.value) for each in held.by_title), *map(Quoted, lexing.unescape(held.ids).split())]
    match level:
        case Level.VIDEO | Level.IMAGE:
            return [level.value, *typed]
        case Level.MEZZANINE:
            return [level.value, *typed, *(["--force"] if held.force else [])]
        case Level.IMAGES_OF:
            return ["image", *(Quoted(each) for each in held.images), "--of", Quoted(" ".join(typed))]
        case Level.STREAM:
            return [level.value, *typed, *map(Quoted, held.streams), *map(Quoted, held.jobs.split())]


def _problem(lang: Language, held: Filled, problem: Problem) -> tuple[str, str]:
    at = FIELDS.get(problem.code, form.IDS_BLOCK)
    if problem.word and problem.word in held.jobs.split():
        at = form.JOBS_BLOCK
    return at, explanations.explained(lang, problem)


def _facts(wanted: Deletion) -> ListFacts:
    return ListFacts(
        repeated=wanted.repeated[:NAMED],
        repeated_count=len(wanted.repeated),
        tidied=tuple(sorted(how for how in wanted.tidied if how is not Tidied.REPEATED)),
    )
