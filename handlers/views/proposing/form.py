"""The form that proposes a deletion: its ids and how it is made; which fields there are depends on the level."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    ContextBlock,
    ExternalDataMultiSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticMultiSelectElement,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.views import View

from deletion.terms.requests.targets import DEFINITIONS, VideoImages
from handlers.cards.parts.targets import IMAGE_SETS
from handlers.text.escaping import clip, plain
from handlers.text.language import Language, sentence
from handlers.views.proposing import filled
from handlers.views.proposing.filled import COLUMN_MOST, IDS_MOST, JOBS_MOST, REASON_MOST, FileNamed, Filled, Level

MESSAGE_SHORTCUT = "countersign_propose_from_message"
GLOBAL_SHORTCUT = "countersign_propose"
CALLBACK_ID = "countersign_propose_view"

LEVEL_BLOCK, LEVEL_INPUT = "countersign_propose_level", "level"
FOUND_BLOCK, FOUND_INPUT = "countersign_propose_found", "found"
PICTURES_BLOCK, PICTURES_INPUT = "countersign_propose_pictures", "pictures"
IDS_BLOCK, IDS_INPUT = "countersign_propose_ids", "ids"
FILE_BLOCK, FILE_INPUT = "countersign_propose_file", "file"
KEPT_BLOCK, KEPT_INPUT = "countersign_propose_kept", "kept"
COLUMN_BLOCK, COLUMN_INPUT = "countersign_propose_column", "column"
FORCE_BLOCK, FORCE_INPUT = "countersign_propose_force", "force"
IMAGES_BLOCK, IMAGES_INPUT = "countersign_propose_images", "images"
STREAMS_BLOCK, STREAMS_INPUT = "countersign_propose_streams", "streams"
JOBS_BLOCK, JOBS_INPUT = "countersign_propose_jobs", "jobs"
CHOSEN_BLOCK, CHOSEN_INPUT = "countersign_propose_chosen", "chosen"
REASON_BLOCK, REASON_INPUT = "countersign_propose_reason", "reason"

FOUND_MOST = 10
LEAST_TYPED = 2
"""Things that are chosen by title, and characters that are looked for: a Chinese word has two."""

FORCED = "force"

FILE_TYPES = ("csv", "tsv", "txt", "xlsx")
"""What Slack lets people choose; what is in a file is told from its content."""

LEVELS: dict[Level, str] = {
    Level.VIDEO: sentence("Whole videos"),
    Level.MEZZANINE: sentence("Source files (mezzanine)"),
    Level.IMAGE: sentence("Images, by ID or URL"),
    Level.IMAGES_OF: sentence("Images of one video"),
    Level.STREAM: sentence("Streams of one video"),
}


def build(lang: Language, form: Filled, reasons: Sequence[str]) -> View:
    """Return the form; ``reasons`` are those of the settings.

    Above it the view that shows what would go is pushed, so it may itself be pushed on one view, not on two.
    """
    if form.file and not form.files:
        form = replace(form, kept=form.kept + 1)
    # What is seen comes back from its field; this is for what the level at hand has no field for.
    hidden = Filled(
        channel=form.channel,
        files=form.files,
        file=form.file,
        kept=form.kept,
        has_ids_too=form.has_ids_too,
        found=form.found if form.level is Level.IMAGE else (),
        pictures=() if form.level is Level.IMAGE else form.pictures,
        column=form.column,
        force=form.force,
        images=form.images,
        offered=form.offered,
        streams=form.streams,
        jobs="" if form.offered else form.jobs,
        without_files=form.without_files,
    )
    return View(
        type="modal",
        callback_id=CALLBACK_ID,
        private_metadata=filled.kept(hidden),
        title=_plain(clip(lang.say("Propose a deletion"), 24)),
        submit=_plain(lang.say("Check")),
        close=_plain(lang.say("Cancel")),
        blocks=[
            _level(lang, form.level),
            *_assets(lang, form),
            *_options(lang, form),
            *_reason(lang, form, reasons),
        ],
    )


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)


def _level(lang: Language, chosen: Level | None) -> Block:
    options = [_option(level, lang.say(words)) for level, words in LEVELS.items()]
    return InputBlock(
        block_id=LEVEL_BLOCK,
        label=_plain(lang.say("What to delete")),
        dispatch_action=True,
        element=StaticSelectElement(
            action_id=LEVEL_INPUT,
            placeholder=_plain(lang.say("Choose…")),
            options=options,
            initial_option=next((each for each in options if each.value == chosen), None),
        ),
    )


def _option(value: str, text: str) -> Option:
    return Option(value=value, text=_plain(clip(text, 75)))


def _assets(lang: Language, form: Filled) -> Iterator[Block]:
    if form.files and not (form.level and form.level.is_of_one_video):
        yield from _file_of_message(lang, form)
        return
    yield _by_title(lang, form)
    yield _ids(lang, form)
    if not form.without_files and not (form.level and form.level.is_of_one_video):
        if form.file:
            yield _kept(lang, form, form.file)
        yield InputBlock(
            block_id=f"{FILE_BLOCK} {form.kept}" if form.kept else FILE_BLOCK,
            label=_plain(lang.say("Or another list in a file") if form.file else lang.say("Or a list in a file")),
            hint=_plain(lang.say("CSV, TSV, XLSX or text, up to 10 MB, with a column of IDs.")),
            optional=True,
            element=FileInputElement(action_id=FILE_INPUT, filetypes=list(FILE_TYPES), max_files=1),
        )
        yield _column(lang, form)


def _kept(lang: Language, form: Filled, file: FileNamed) -> Block:
    """Offer the file that was given before this view was made; one given in the field below takes its place."""
    option = Option(
        value=file.id,
        text=_plain(plain(file.name, 75)),
        description=_plain(clip(lang.say("Untick it to use no file, or give another one below."), 75)),
    )
    return InputBlock(
        block_id=f"{KEPT_BLOCK} {form.kept}",
        label=_plain(lang.say("The file that you gave")),
        optional=True,
        element=CheckboxesElement(action_id=KEPT_INPUT, options=[option], initial_options=[option]),
    )


def _by_title(lang: Language, form: Filled) -> Block:
    is_image = form.level is Level.IMAGE
    chosen = [_option(each.value, each.text) for each in form.by_title]
    return InputBlock(
        block_id=PICTURES_BLOCK if is_image else FOUND_BLOCK,
        label=_plain(lang.say("Images by title") if is_image else lang.say("Videos by title")),
        optional=True,
        element=ExternalDataMultiSelectElement(
            action_id=PICTURES_INPUT if is_image else FOUND_INPUT,
            placeholder=_plain(lang.say("Type two characters of the title or more")),
            min_query_length=LEAST_TYPED,
            max_selected_items=FOUND_MOST,
            initial_options=chosen or None,
        ),
    )


def _file_of_message(lang: Language, form: Filled) -> Iterator[Block]:
    options = [_option(each.id, each.name) for each in form.files]
    chosen = next((each for each in options if form.file and each.value == form.file.id), options[0])
    yield InputBlock(
        block_id=FILE_BLOCK,
        label=_plain(lang.say("File")),
        element=StaticSelectElement(action_id=FILE_INPUT, options=options, initial_option=chosen),
    )
    if form.has_ids_too:
        text = lang.say("The IDs in the text of the message are not read: only the file is.")
        yield ContextBlock(elements=[_plain(text)])
    yield _column(lang, form)


def _ids(lang: Language, form: Filled) -> Block:
    labels = {
        Level.IMAGE: lang.say("Or image IDs, or URLs"),
        Level.IMAGES_OF: lang.say("Or the video's ID or address"),
        Level.STREAM: lang.say("Or the video's ID or address"),
    }
    is_one = form.level is not None and form.level.is_of_one_video
    hint = (
        lang.say("Its ID, or the address of its page in the VOD console or of one of its streams.")
        if is_one
        else lang.say("In any shape: lists, tables, addresses of the VOD console or of players.")
    )
    return InputBlock(
        block_id=IDS_BLOCK,
        label=_plain(labels[form.level] if form.level in labels else lang.say("Or IDs and addresses")),
        hint=_plain(hint),
        optional=True,
        element=PlainTextInputElement(
            action_id=IDS_INPUT, multiline=True, max_length=IDS_MOST, initial_value=form.ids or None
        ),
    )


def _column(lang: Language, form: Filled) -> Block:
    return InputBlock(
        block_id=COLUMN_BLOCK,
        label=_plain(lang.say("Column")),
        hint=_plain(
            lang.say(
                "Only if several columns hold IDs: the heading or the letter of the right one, such as video_id, B "
                "or Sheet2!B."
            )
        ),
        optional=True,
        element=PlainTextInputElement(
            action_id=COLUMN_INPUT, max_length=COLUMN_MOST, initial_value=form.column or None
        ),
    )


def _options(lang: Language, form: Filled) -> Iterator[Block]:
    match form.level:
        case Level.MEZZANINE:
            yield _force(lang, form)
        case Level.IMAGES_OF:
            yield _images(lang, form)
        case Level.STREAM:
            yield from _streams(lang, form)
        case Level.VIDEO | Level.IMAGE | None:
            return


def _force(lang: Language, form: Filled) -> Block:
    forced = Option(
        value=FORCED,
        text=_plain(clip(lang.say("Also those that play (--force)"), 75)),
        description=_plain(clip(lang.say("They double as the original-quality stream: playback may stop."), 75)),
    )
    return InputBlock(
        block_id=FORCE_BLOCK,
        label=_plain(lang.say("Source files")),
        optional=True,
        element=CheckboxesElement(
            action_id=FORCE_INPUT, options=[forced], initial_options=[forced] if form.force else None
        ),
    )


def _images(lang: Language, form: Filled) -> Block:
    options = [_option(which, lang.say(IMAGE_SETS[which])) for which in VideoImages]
    return InputBlock(
        block_id=IMAGES_BLOCK,
        label=_plain(lang.say("Which images")),
        element=_several(lang, IMAGES_INPUT, options, form.images),
    )


def _streams(lang: Language, form: Filled) -> Iterator[Block]:
    offered = [_option(each.value, each.text) for each in form.offered]
    options = offered or [_option(name, name) for name in DEFINITIONS]
    yield InputBlock(
        block_id=STREAMS_BLOCK,
        label=_plain(lang.say("Streams")),
        optional=not offered,
        element=_several(lang, STREAMS_INPUT, options, form.streams),
    )
    if not offered:
        yield InputBlock(
            block_id=JOBS_BLOCK,
            label=_plain(lang.say("Job IDs of streams")),
            hint=_plain(lang.say("Where a definition is not enough to say which.")),
            optional=True,
            element=PlainTextInputElement(
                action_id=JOBS_INPUT, multiline=True, max_length=JOBS_MOST, initial_value=form.jobs or None
            ),
        )


def _several(
    lang: Language, action_id: str, options: Sequence[Option], chosen: Sequence[str]
) -> StaticMultiSelectElement:
    initial = [each for each in options if each.value in chosen]
    return StaticMultiSelectElement(
        action_id=action_id,
        placeholder=_plain(lang.say("Choose…")),
        options=options,
        initial_options=initial or None,
    )


def _reason(lang: Language, form: Filled, reasons: Sequence[str]) -> Iterator[Block]:
    if reasons:
        options = [_option(each, each) for each in reasons]
        yield InputBlock(
            block_id=CHOSEN_BLOCK,
            label=_plain(lang.say("Reason")),
            optional=True,
            element=StaticSelectElement(
                action_id=CHOSEN_INPUT,
                placeholder=_plain(lang.say("Choose…")),
                options=options,
                initial_option=next((each for each in options if each.value == form.chosen), None),
            ),
        )
    label = lang.say("Or the reason in your own words") if reasons else lang.say("Reason")
    alone = lang.say("The approver decides by it.")
    besides = lang.say("It can also add to the one above. The approver decides by it.")
    yield InputBlock(
        block_id=REASON_BLOCK,
        label=_plain(label),
        hint=_plain(besides if reasons else alone),
        optional=bool(reasons),
        element=PlainTextInputElement(
            action_id=REASON_INPUT, multiline=True, max_length=REASON_MOST, initial_value=form.reason or None
        ),
    )
