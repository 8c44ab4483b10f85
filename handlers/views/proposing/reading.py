"""How the form that proposes a deletion is read, as Slack sends it back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from deletion.terms import canonical
from deletion.terms.targets import VideoImages
from handlers.text.escaping import clip
from handlers.views.proposing import filled, form
from handlers.views.proposing.filled import FileNamed, Filled, Level

ERROR_MOST = 300


def parse(view: Mapping[str, Any]) -> Filled:
    """Read what is in the form; what it has no field for is as it was when the form was made."""
    values, before = view["state"]["values"], filled.from_json(view["private_metadata"])

    def state(block: str, name: str) -> Mapping[str, Any]:
        found = values.get(block, {}).get(name)
        return found if isinstance(found, dict) else {}

    def text(block: str, name: str) -> str:
        return canonical.clean(str(state(block, name).get("value") or ""))

    def option(block: str, name: str) -> str:
        return str((state(block, name).get("selected_option") or {}).get("value") or "")

    def options(block: str, name: str) -> tuple[str, ...]:
        return tuple(str(each["value"]) for each in state(block, name).get("selected_options") or ())

    level = option(form.LEVEL_BLOCK, form.LEVEL_INPUT)
    read = replace(
        before,
        level=Level(level) if level in list(Level) else None,
        ids=text(form.IDS_BLOCK, form.IDS_INPUT),
        file=_file(state(form.FILE_BLOCK, form.FILE_INPUT), before.files),
        chosen=canonical.clean(option(form.CHOSEN_BLOCK, form.CHOSEN_INPUT)),
        reason=text(form.REASON_BLOCK, form.REASON_INPUT),
    )
    if form.COLUMN_BLOCK in values:
        read = replace(read, column=text(form.COLUMN_BLOCK, form.COLUMN_INPUT).strip())
    if form.FORCE_BLOCK in values:
        read = replace(read, force=form.FORCED in options(form.FORCE_BLOCK, form.FORCE_INPUT))
    if form.IMAGES_BLOCK in values:
        named = options(form.IMAGES_BLOCK, form.IMAGES_INPUT)
        read = replace(read, images=tuple(each for each in VideoImages if each in named))
    if form.STREAMS_BLOCK in values:
        read = replace(read, streams=options(form.STREAMS_BLOCK, form.STREAMS_INPUT))
    if form.JOBS_BLOCK in values:
        read = replace(read, jobs=text(form.JOBS_BLOCK, form.JOBS_INPUT))
    return read


def _file(state: Mapping[str, Any], known: Sequence[FileNamed]) -> FileNamed | None:
    chosen = (state.get("selected_option") or {}).get("value")
    if chosen is not None:
        return next((each for each in known if each.id == chosen), None)
    given = [filled.file_of(each) for each in state.get("files") or ()]
    return given[0] if len(given) == 1 else None


def errors(view: Mapping[str, Any], found: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return what is wrong, by field, as Slack shows it there (plain text).

    A field that the form does not have gives way to the one for what to delete, which every form has.
    """
    shown: dict[str, str] = {}
    for block, text in found:
        at = block if _has(view, block) else form.LEVEL_BLOCK
        told = text.replace("`", "")
        shown[at] = clip(f"{shown[at]} {told}" if at in shown else told, ERROR_MOST)
    return shown


def _has(view: Mapping[str, Any], block: str) -> bool:
    return any(each.get("block_id") == block for each in view.get("blocks") or ())
