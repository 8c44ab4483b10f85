"""The problems of a typed command, in sentences, and the answer that tells them all."""

from collections.abc import Sequence
from typing import Any

from handlers.commands.syntax.problems import Problem, Problems, Wrong
from handlers.commands.verb import PREFIX, Form
from handlers.text import words
from handlers.text.blocks import Message, plain_section, section
from handlers.text.escaping import clip, packed, plain, safe
from handlers.text.language import Language, plural, sentence

SHOWN = 25
"""Problems of one command that are told one by one."""

SENTENCES: dict[Wrong, str] = {
    Wrong.QUOTE_OPEN: sentence("The quote that begins with {word} is not closed."),
    Wrong.UNKNOWN_COMMAND: sentence("Unknown command “{word}”."),
    Wrong.NUMBER_WANTED: sentence("Name one proposal by its number, for example: /vod {word} 4"),
    Wrong.ARGUMENTS_UNWANTED: sentence("/vod {word} takes no arguments."),
    Wrong.UNKNOWN_OPTION: sentence("Unknown option “{word}”."),
    Wrong.OPTION_REPEATED: sentence("{word} is given {n} times; give it once."),
    Wrong.FORCE_MISPLACED: sentence("--force is only for mezzanine."),
    Wrong.OF_MISPLACED: sentence("--of is only for image."),
    Wrong.SINCE: sentence(
        "--since needs a time, and “{word}” is none: write a number of hours, days or weeks, such as 12h, 7d or "
        "2w, or a day such as 2024-01-31 (in UTC)."
    ),
    Wrong.UNKNOWN_LEVEL: sentence("Unknown kind of media “{word}”."),
    Wrong.REPEATED: sentence("“{word}” is named {n} times; name it once."),
    Wrong.VIDEO_ID_MISSING: sentence("Name at least one video ID."),
    Wrong.VIDEO_ID_CHARACTERS: sentence("“{word}” is not a video ID: IDs are made of digits and letters only."),
    Wrong.IMAGE_ID_MISSING: sentence("Name at least one image ID."),
    Wrong.IMAGE_ID_CHARACTERS: sentence("“{word}” is not an image ID: IDs are made of digits and letters only."),
    Wrong.STREAM_UNNAMED: sentence("Name the video, then its streams by definition (such as HD) or job ID."),
    Wrong.STREAMS_MISSING: sentence("Name at least one stream of the video, by definition (such as HD) or job ID."),
    Wrong.STREAM_UNKNOWN: sentence("“{word}” is neither a definition ({known}) nor a job ID (32 characters)."),
    Wrong.IDS_AND_URLS: sentence(
        "Name images by ID or by URL, not both in one proposal: VOD deletes them by separate calls."
    ),
    Wrong.URL_UNREADABLE: sentence(
        "“{word}” is not an image URL: those have a host name and no blanks. Copy it again, or name the image "
        "by its ID."
    ),
    Wrong.URL_TOO_LONG: sentence(
        "The URL “{word}” has more than {most} characters. Leave out what follows its “?”, or name the image "
        "by its ID."
    ),
    Wrong.OF_WITHOUT_VIDEO: sentence("--of needs a video ID."),
    Wrong.IMAGES_MISSING: sentence("The kind of images is missing: {known}."),
    Wrong.UNKNOWN_IMAGES: sentence("Unknown kind of image “{word}”."),
    Wrong.LEVEL_NOT_FROM_FILE: sentence("“{word}” cannot be proposed from a file: {known} can."),
    Wrong.NAMES_AND_FILE: sentence(
        "With --file the names are in the file: leave out the {n} typed here, or leave out --file."
    ),
    Wrong.MADE_A_NUMBER: sentence(
        "“{word}” was an ID before a spreadsheet made a number of it: format the column as text and paste the IDs "
        "again."
    ),
    Wrong.FORMULA_WITHOUT_RESULT: sentence(
        "The formula “{word}” has no result in the file: open it in a spreadsheet program, save it there and use "
        "the new file."
    ),
    Wrong.LEVEL_WITHOUT_QUERY: sentence("“{word}” cannot be proposed by a query: {known} can."),
    Wrong.NAMES_AND_WHERE: sentence(
        "With --where the query says what is meant: leave out the {n} named here, or leave out --where."
    ),
    Wrong.WHERE_EMPTY: sentence("--where needs a condition, such as category=Trailers or created<2024-01-01."),
    Wrong.WHERE_UNREADABLE: sentence(
        "“{word}” is not a condition: write field, operator and value, such as title~teaser. Put what has blanks "
        'in quotes: title~"old teaser".'
    ),
    Wrong.WHERE_CONDITION: sentence(
        "“{word}” stands where a value is wanted, and reads as a condition. If it is the value, put it in quotes: "
        'title="a=b". If not, the value before it is missing.'
    ),
    Wrong.WHERE_OR: sentence("“or” is not understood: all conditions hold at once. Make one proposal for each."),
    Wrong.WHERE_FIELD: sentence("There is no field “{word}” to search by."),
    Wrong.WHERE_PLAYS: sentence(
        "“{word}” cannot be searched by: VOD counts only what its own player played, and does not tell “never "
        "played” from “no data”. Leave it out and propose by IDs from your own statistics."
    ),
    Wrong.WHERE_OPERATOR: sentence("“{word}” cannot be compared so: use {known}."),
    Wrong.WHERE_VALUE: sentence("The value of {word} is blank or has more than {most} characters."),
    Wrong.WHERE_NUMBER: sentence("“{word}” is not a number; for a category's name write category=…"),
    Wrong.WHERE_WORD: sentence("“{word}” is not a value that VOD knows."),
    Wrong.WHERE_SIZE: sentence("“{word}” is not a size: write a number with B, kB, MB, GB or TB, such as 1.5GB."),
    Wrong.WHERE_DATE: sentence(
        "“{word}” is not a date: write 2024-01-31 (a day in UTC), 2024-01-31+08:00, or a time with its offset, "
        "such as 2024-01-31T12:00+08:00."
    ),
    Wrong.WHERE_SIZE_TOO_LARGE: sentence("“{word}” is more than anything in VOD has: write at most {most} TB."),
    Wrong.WHERE_TIME: sentence("“{word}” is out of range: write a time from 1970 to 9999."),
    Wrong.WHERE_MANY: sentence("{n} conditions are too many; at most {most} fit on the card."),
    Wrong.WHERE_LONG: sentence("The query has {n} characters; at most {most} fit on the card."),
    Wrong.WHERE_TWICE: sentence("{word} is given {n} values, and nothing can have two of them. Give it one."),
    Wrong.WHERE_NOT_IMAGE: sentence("VOD does not tell {word} of images when it searches; leave it out."),
    Wrong.WHERE_NOTHING: sentence("Nothing can meet all conditions on {word}: they exclude each other."),
    Wrong.SEARCH_LONG: sentence("The search has {n} characters; at most {most} are possible. Look for less."),
    Wrong.ASSET_WANTED: sentence(
        "Name one video or image by its ID or its address, for example: /vod show 93ab850b4f6f44eab54b6e91d24d81d4"
    ),
    Wrong.REASON_MISSING: sentence('The reason is missing: add --reason "…", so that the approver can decide.'),
    Wrong.REASON_TOO_LONG: sentence("The reason has {n} characters; at most {most} fit on the card."),
}
"""Plain text. What is unknown is followed by what was probably meant, or by all that there is."""

COUNTS: dict[Wrong, tuple[str, str]] = {
    Wrong.VIDEO_ID_LENGTH: plural(
        "“{word}” is not a video ID: it has {n} character, IDs have {most}.",
        "“{word}” is not a video ID: it has {n} characters, IDs have {most}.",
    ),
    Wrong.IMAGE_ID_LENGTH: plural(
        "“{word}” is not an image ID: it has {n} character, IDs have {most}.",
        "“{word}” is not an image ID: it has {n} characters, IDs have {most}.",
    ),
}
"""Sentences that depend on a number."""

_UNKNOWN = frozenset({Wrong.UNKNOWN_COMMAND, Wrong.UNKNOWN_OPTION, Wrong.UNKNOWN_LEVEL, Wrong.UNKNOWN_IMAGES}) | {
    Wrong.WHERE_FIELD,
    Wrong.WHERE_WORD,
}


def explained(lang: Language, problem: Problem) -> str:
    """Return the sentence for a problem (plain text)."""
    facts: dict[str, Any] = {
        "word": clip(problem.word, 60),
        "most": lang.number(problem.most),
        "known": lang.series(problem.known),
    }
    if problem.code in COUNTS:
        return lang.say_n(*COUNTS[problem.code], problem.number, **facts)
    told = lang.say(SENTENCES[problem.code], n=lang.number(problem.number), **facts)
    if problem.code not in _UNKNOWN:
        return told
    if problem.nearest:
        return lang.say("{problem} Did you mean {word}?", problem=told, word=problem.nearest)
    return lang.say("{problem} Available: {known}.", problem=told, known=facts["known"])


def page(lang: Language, problems: Problems, forms: Sequence[Form]) -> Message:
    """List everything that is wrong with a command, and how it is written."""
    opening = lang.say_n(
        "*Nothing was stored or deleted:* {n} problem with this command.",
        "*Nothing was stored or deleted:* {n} problems with this command.",
        len(problems.found),
    )
    lines = [f"• {plain(explained(lang, problem), 400)}" for problem in problems.found[:SHOWN]]
    if len(problems.found) > SHOWN:
        lines.append(words.and_more(lang, len(problems.found) - SHOWN))
    told = [*packed(lines), f"{lang.say('Usage:')}\n{usage(problems.topic, forms)}"]
    text = f"{opening.replace('*', '')} {safe(' '.join(lines), 2500)}"
    return Message(clip(text, 3900), (section(opening), *map(plain_section, told)))


def usage(topic: str | None, forms: Sequence[Form]) -> str:
    """Return how a form of a command is written; of ``delete`` alone, every form of it."""
    meant = [form for form in forms if topic and (form.topic == topic or form.topic.startswith(f"{topic} "))]
    return "\n".join(f"{PREFIX}{form.usage}" for form in meant) or f"{PREFIX}help"
