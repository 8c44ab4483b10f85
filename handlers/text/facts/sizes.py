"""How much a plan would delete, in words: a minimum where VOD does not say everything."""

from deletion.plan.facts import Target, Warn, is_size_told
from deletion.plan.plan import Plan
from deletion.plan.totals import Totals
from deletion.terms.requests.targets import ImagesOf, Request
from handlers.text.language import Language


def amount(lang: Language, plan: Plan) -> str:
    """Return the size of everything in a plan, or of sets of images their number: VOD tells no size of them."""
    return total(lang, plan.request, plan.totals)


def total(lang: Language, request: Request, totals: Totals) -> str:
    """Return the same of what a plan amounts to."""
    if isinstance(request, ImagesOf):
        return images(lang, totals.images)
    return known(lang, totals.bytes, at_least=totals.sizes_untold > 0) or lang.say("size unknown")


def of_target(lang: Language, plan: Plan, target: Target) -> str | None:
    """Return the size of one target; None when VOD tells nothing of it."""
    is_whole = is_size_told(plan.kind, target, streams_unread=streams_unread(plan, target))
    return known(lang, plan.bytes_of(target), at_least=not is_whole)


def images(lang: Language, number: int) -> str:
    """Return a number of images."""
    return lang.say_n("{n} image", "{n} images", number)


def streams_unread(plan: Plan, target: Target) -> bool:
    """Say whether nothing is known of a video's streams.

    Of a video that this identity may not write to VOD shows neither source file nor streams.
    """
    return target.streams_unread or (not target.streams and Warn.NOT_WRITABLE in plan.warnings_of(target.id))


def known(lang: Language, size: int, *, at_least: bool) -> str | None:
    """Return a size in bytes, or a minimum; None for nothing that is known."""
    told = lang.size(size or None)
    return lang.say("at least {size}", size=told) if told and at_least else told
