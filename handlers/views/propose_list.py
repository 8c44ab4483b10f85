"""The form that proposes from a file, or from the IDs of a message: its ids, how it is made, and how it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.views import View

from deletion.terms import canonical
from deletion.terms.canonical import Json
from deletion.terms.targets import Kind
from handlers.text.escaping import clip, plain
from handlers.text.language import Language, sentence

SHORTCUT_ID = "countersign_propose_from_message"
CALLBACK_ID = "countersign_propose_list_view"

LEVEL_BLOCK, LEVEL_INPUT = "countersign_list_level", "level"
FILE_BLOCK, FILE_INPUT = "countersign_list_file", "file"
IDS_BLOCK, IDS_INPUT = "countersign_list_ids", "ids"
COLUMN_BLOCK, COLUMN_INPUT = "countersign_list_column", "column"
REASON_BLOCK, REASON_INPUT = "countersign_list_reason", "reason"

FILE_TYPES = ("csv", "tsv", "txt", "xlsx")
"""What Slack lets people choose; what is in a file is told from its content."""

REASON_MOST = 500
COLUMN_MOST = 100
IDS_MOST = 3_000
"""Characters that a field of a form takes."""

FILES_MOST = 20
"""Files of one message that a form names."""

NAME_MOST = 75

_LEVELS: dict[str, tuple[Kind, bool, str]] = {
    "video": (Kind.VIDEO, False, sentence("Whole videos")),
    "mezzanine": (Kind.MEZZANINE, False, sentence("Source files (mezzanine)")),
    "mezzanine force": (Kind.MEZZANINE, True, sentence("Source files, also those that play (--force)")),
    "image": (Kind.IMAGE, False, sentence("Images, by ID or URL")),
}
"""What names can stand for, by the value of the menu: what is deleted, whether by force, and the words for it."""


@dataclass(frozen=True)
class FileNamed:
    """A file in Slack: its id, what it is called, and its size in bytes (0: not known)."""

    id: str
    name: str
    size: int = 0


@dataclass(frozen=True)
class Submitted:
    """What was submitted. ``files`` are those that were chosen; ``ids`` is None without such a field."""

    level: Kind
    force: bool
    reason: str
    column: str
    channel: str
    files: tuple[FileNamed, ...]
    ids: str | None


def for_file(lang: Language, channel: str, *, level: str = "", reason: str = "") -> View:
    """Return the form that takes a file."""
    chosen = InputBlock(
        block_id=FILE_BLOCK,
        label=PlainTextObject(text=lang.say("File")),
        hint=PlainTextObject(text=lang.say("CSV, TSV, XLSX or text, up to 10 MB, with a column of IDs.")),
        element=FileInputElement(action_id=FILE_INPUT, filetypes=list(FILE_TYPES), max_files=1),
    )
    return _view(lang, channel, (), [chosen, _column(lang)], level=level, reason=reason)


def for_message(lang: Language, channel: str, files: Sequence[FileNamed], *, has_ids: bool) -> View:
    """Return the form for the files of a message; ``has_ids``: there are IDs in its text as well."""
    named = [FileNamed(each.id, plain(each.name, NAME_MOST), each.size) for each in files[:FILES_MOST]]
    options = [Option(value=each.id, text=PlainTextObject(text=each.name, emoji=False)) for each in named]
    chosen = InputBlock(
        block_id=FILE_BLOCK,
        label=PlainTextObject(text=lang.say("File")),
        element=StaticSelectElement(action_id=FILE_INPUT, options=options, initial_option=options[0]),
    )
    told: list[Block] = []
    if has_ids:
        text = lang.say("The IDs in the text of the message are not read: only the file is.")
        told.append(ContextBlock(elements=[PlainTextObject(text=text)]))
    return _view(lang, channel, named, [chosen, *told, _column(lang)])


def for_ids(lang: Language, channel: str, ids: Sequence[str]) -> View:
    """Return the form for IDs found in a message's text, which can be seen and changed there."""
    shown = InputBlock(
        block_id=IDS_BLOCK,
        label=PlainTextObject(text=lang.say_n("{n} ID in the message", "{n} IDs in the message", len(ids))),
        hint=PlainTextObject(text=lang.say("Take out what is to stay; nothing else of the message was read.")),
        element=PlainTextInputElement(
            action_id=IDS_INPUT, multiline=True, initial_value="\n".join(ids), max_length=IDS_MOST
        ),
    )
    return _view(lang, channel, (), [shown])


def fits(ids: Sequence[str]) -> bool:
    """Say whether IDs fit into the form's field."""
    return len("\n".join(ids)) <= IDS_MOST


def _view(
    lang: Language,
    channel: str,
    files: Sequence[FileNamed],
    source: Sequence[Block],
    *,
    level: str = "",
    reason: str = "",
) -> View:
    about: dict[str, Json] = {"channel": channel, "files": [[each.id, each.name, each.size] for each in files]}
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=canonical.dumps(about),
        title=PlainTextObject(text=clip(lang.say("Propose a deletion"), 24)),
        submit=PlainTextObject(text=lang.say("Propose")),
        close=PlainTextObject(text=lang.say("Cancel")),
        blocks=[*source, _level(lang, level), _reason(lang, reason)],
    )


def _level(lang: Language, chosen: str) -> Block:
    options = [
        Option(value=value, text=PlainTextObject(text=clip(lang.say(words), 75)))
        for value, (_, _, words) in _LEVELS.items()
    ]
    initial = next((option for option in options if option.value == chosen), None)
    return InputBlock(
        block_id=LEVEL_BLOCK,
        label=PlainTextObject(text=lang.say("What to delete")),
        element=StaticSelectElement(action_id=LEVEL_INPUT, options=options, initial_option=initial),
    )


def _column(lang: Language) -> Block:
    return InputBlock(
        block_id=COLUMN_BLOCK,
        label=PlainTextObject(text=lang.say("Column")),
        hint=PlainTextObject(
            text=lang.say(
                "Only if several columns hold IDs: the heading or the letter of the right one, such as video_id, B "
                "or Sheet2!B."
            )
        ),
        optional=True,
        element=PlainTextInputElement(action_id=COLUMN_INPUT, max_length=COLUMN_MOST),
    )


def _reason(lang: Language, initial: str) -> Block:
    return InputBlock(
        block_id=REASON_BLOCK,
        label=PlainTextObject(text=lang.say("Reason")),
        hint=PlainTextObject(text=lang.say("The approver decides by it.")),
        element=PlainTextInputElement(
            action_id=REASON_INPUT, multiline=True, max_length=REASON_MOST, initial_value=initial or None
        ),
    )


def parse(view: Mapping[str, Any]) -> Submitted:
    """Read a submitted form, as Slack sends it back."""
    about, values = canonical.loads(view["private_metadata"]), view["state"]["values"]
    level, force, _ = _LEVELS[values[LEVEL_BLOCK][LEVEL_INPUT]["selected_option"]["value"]]
    return Submitted(
        level=level,
        force=force,
        reason=_text(values, REASON_BLOCK, REASON_INPUT).strip(),
        column=_text(values, COLUMN_BLOCK, COLUMN_INPUT).strip(),
        channel=str(about["channel"]),
        files=_files(values.get(FILE_BLOCK, {}).get(FILE_INPUT, {}), about["files"]),
        ids=_text(values, IDS_BLOCK, IDS_INPUT) if IDS_BLOCK in values else None,
    )


def _text(values: Mapping[str, Any], block: str, name: str) -> str:
    return canonical.clean(str(values.get(block, {}).get(name, {}).get("value") or ""))


def _file(record: Mapping[str, Any]) -> FileNamed:
    name = str(record.get("name") or record.get("title") or "")
    return FileNamed(str(record["id"]), canonical.clean(name), int(record.get("size") or 0))


def _files(state: Mapping[str, Any], known: Sequence[Sequence[Any]]) -> tuple[FileNamed, ...]:
    chosen = (state.get("selected_option") or {}).get("value")
    if chosen is not None:
        return tuple(FileNamed(str(i), str(name), int(size)) for i, name, size in known if i == chosen)
    return tuple(map(_file, state.get("files") or ()))


def files_of(message: Mapping[str, Any]) -> tuple[FileNamed, ...]:
    """Return the files of a message, those that are gone left out."""
    return tuple(
        _file(each)
        for each in message.get("files") or ()
        if each.get("mode") not in {"tombstone", "hidden_by_limit"}
    )


def errors(view: Mapping[str, Any], block: str, text: str) -> dict[str, str]:
    """Return what is wrong with what was submitted, as Slack shows it under a field (plain text).

    A field that the form does not have gives way to the one for what to delete, which every form has.
    """
    has_it = any(each.get("block_id") == block for each in view.get("blocks") or ())
    return {block if has_it else LEVEL_BLOCK: clip(text.replace("`", ""), 300)}
