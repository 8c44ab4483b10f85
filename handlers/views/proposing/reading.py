"""How the form that proposes a deletion is read, as Slack sends it back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deletion.terms import canonical
from deletion.terms.requests.targets import VideoImages
from handlers.text.escaping import clip
from handlers.views.proposing import filled, form, offers
from handlers.views.proposing.filled import Choice, FileNamed, Filled, Level

ERROR_MOST = 300


State = Mapping[str, Any]
"""What is in one field, as Slack says it."""


def parse(view: Mapping[str, Any]) -> Filled:
    """Read what is in the form; what it has no field for is as it was when the form was made."""
    values, before = view["state"]["values"], filled.from_json(view["private_metadata"])

    def state(block: str, name: str) -> State:
        found = values.get(block, {}).get(name)
        return found if isinstance(found, dict) else {}

    there = {name: read(state(block, name)) for block, name, read in FIELDS if block in values}
    level = _option(state(form.LEVEL_BLOCK, form.LEVEL_INPUT))
    return replace(
        before, level=Level(level) if level in list(Level) else None, file=_file(values, before), **there
    )


def _text(state: State) -> str:
    return canonical.clean(str(state.get("value") or ""))


def _option(state: State) -> str:
    return canonical.clean(str((state.get("selected_option") or {}).get("value") or ""))


def _choices(state: State) -> tuple[Choice, ...]:
    chosen = state.get("selected_options") or ()
    found = (Choice(str(each["value"]), canonical.clean(str(each["text"]["text"]))) for each in chosen)
    return tuple(each for each in found if each.value != offers.NOTHING)


def _values(state: State) -> tuple[str, ...]:
    return tuple(each.value for each in _choices(state))


def _images(state: State) -> tuple[VideoImages, ...]:
    chosen = _values(state)
    return tuple(each for each in VideoImages if each in chosen)


FIELDS: tuple[tuple[str, str, Callable[[State], Any]], ...] = (
    (form.FOUND_BLOCK, form.FOUND_INPUT, _choices),
    (form.PICTURES_BLOCK, form.PICTURES_INPUT, _choices),
    (form.IDS_BLOCK, form.IDS_INPUT, _text),
    (form.COLUMN_BLOCK, form.COLUMN_INPUT, lambda state: _text(state).strip()),
    (form.FORCE_BLOCK, form.FORCE_INPUT, lambda state: form.FORCED in _values(state)),
    (form.IMAGES_BLOCK, form.IMAGES_INPUT, _images),
    (form.STREAMS_BLOCK, form.STREAMS_INPUT, _values),
    (form.JOBS_BLOCK, form.JOBS_INPUT, _text),
    (form.CHOSEN_BLOCK, form.CHOSEN_INPUT, _option),
    (form.REASON_BLOCK, form.REASON_INPUT, _text),
)
"""Fields that a form may have or not, each with how it is read; the names are those of what it fills."""


def _file(values: Mapping[str, Any], before: Filled) -> FileNamed | None:
    """Return the file that is given or chosen now; the one from before where that is kept, or no field asks."""
    state = _begins(values, form.FILE_BLOCK, form.FILE_INPUT)
    if state is None:
        return before.file
    chosen = (state.get("selected_option") or {}).get("value")
    if chosen is not None:
        return next((each for each in before.files if each.id == chosen), None)
    given = [filled.file_of(each) for each in state.get("files") or ()]
    if given:
        return given[0] if len(given) == 1 else None
    return before.file if _values(_begins(values, form.KEPT_BLOCK, form.KEPT_INPUT) or {}) else None


def _begins(values: Mapping[str, Any], block: str, name: str) -> State | None:
    """Return what is in the field of the block whose id begins so; None where there is none."""
    fields = next((each for at, each in values.items() if at.partition(" ")[0] == block), None)
    return None if fields is None else fields.get(name) or {}


def errors(view: Mapping[str, Any], found: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return what is wrong, by field, as Slack shows it there (plain text).

    A field that the form does not have gives way to the one for what to delete, which every form has.
    """
    shown: dict[str, str] = {}
    for block, text in found:
        at = _at(view, block)
        told = text.replace("`", "")
        shown[at] = clip(f"{shown[at]} {told}" if at in shown else told, ERROR_MOST)
    return shown


def _at(view: Mapping[str, Any], block: str) -> str:
    ids = (str(each.get("block_id")) for each in view.get("blocks") or ())
    return next((each for each in ids if each.partition(" ")[0] == block), form.LEVEL_BLOCK)
