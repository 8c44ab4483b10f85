"""``/vod find``: looks for videos by words of their titles and by conditions, to be ticked and proposed."""

from deletion.terms.requests.query import Field, Op, Query
from handlers.commands.syntax import finding
from handlers.commands.syntax.media import ID
from handlers.commands.verb import Form, Invocation, Verb, for_readers
from handlers.text.blocks import Message
from handlers.text.language import sentence


def run(call: Invocation, query: Query) -> Message | None:
    """Open the list of what is found; of an ID typed alone, what it names."""
    shown = _named(query)
    if shown:
        return call.show(shown)
    return call.find(query)


def _named(query: Query) -> str | None:
    """Return the ID that is all that was typed."""
    match query.conditions:
        case [only] if (only.field, only.op) == (Field.TITLE, Op.HAS) and ID.fullmatch(str(only.value)):
            return str(only.value)
        case _:
            return None


VERB = Verb[Query](
    words=("find",),
    forms=(
        Form(
            "find",
            "find <words> [category:Trailers tag:2019 status:Normal before:2024-01-01 larger:1GB]",
            sentence(
                "Videos whose title holds every word and that meet every condition, the newest first, with "
                "pictures: tick some and propose their deletion. Also after:, smaller:, storage:, and conditions "
                "as after --where."
            ),
        ),
    ),
    parse=finding.parse,
    run=run,
    only_reads=True,
    turns_away=for_readers,
    split=finding.split,
    hint="find <words>",
)
