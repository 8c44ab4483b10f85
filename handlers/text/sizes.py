"""How much a plan would delete, in words: a minimum where VOD does not say everything."""

from deletion.plan.plan import Plan, Target, Warn
from deletion.terms.targets import Images, ImagesOf, ImageUrls, Mezzanines, Streams, Videos
from handlers.text.language import Language


def amount(lang: Language, plan: Plan) -> str:
    """Return the size of everything in a plan, or of sets of images their number: VOD tells no size of them."""
    if isinstance(plan.request, ImagesOf):
        return images(lang, sum(len(target.images) for target in plan.targets))
    is_whole = all(_is_whole(plan, target) for target in plan.targets)
    return _size(lang, plan.bytes_known, is_whole=is_whole) or lang.say("size unknown")


def of_target(lang: Language, plan: Plan, target: Target) -> str | None:
    """Return the size of one target; None when VOD tells nothing of it."""
    return _size(lang, plan.bytes_of(target), is_whole=_is_whole(plan, target))


def images(lang: Language, number: int) -> str:
    """Return a number of images."""
    return lang.say_n("{n} image", "{n} images", number)


def streams_unread(plan: Plan, target: Target) -> bool:
    """Say whether nothing is known of a video's streams.

    Of a video that this identity may not write to VOD shows neither source file nor streams.
    """
    return target.streams_unread or (not target.streams and Warn.NOT_WRITABLE in plan.warnings_of(target.id))


def _size(lang: Language, known: int, *, is_whole: bool) -> str | None:
    size = lang.size(known or None)
    return size if size is None or is_whole else lang.say("at least {size}", size=size)


def _is_whole(plan: Plan, target: Target) -> bool:
    """Say whether VOD told every size that a target's bytes are the sum of."""
    match plan.request:
        case Videos():
            itself = target.size is not None or (target.source is not None and target.source.size is not None)
            return itself and not streams_unread(plan, target) and _all_streams(target)
        case Streams():
            return _all_streams(target)
        case Mezzanines():
            return target.source is not None and target.source.size is not None
        case Images() | ImageUrls() | ImagesOf():
            return target.size is not None


def _all_streams(target: Target) -> bool:
    return all(stream.size is not None for stream in target.streams)
