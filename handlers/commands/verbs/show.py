"""``/vod show``: everything about one video or image, and the proposals about it."""

from collections.abc import Sequence

from deletion.terms.requests import addresses
from handlers.commands.syntax import naming
from handlers.commands.syntax.media import ID
from handlers.commands.syntax.problems import Problem, Problems, Wrong
from handlers.commands.verb import Form, Invocation, Verb, for_readers
from handlers.text.blocks import Message
from handlers.text.language import sentence


def parse(tokens: Sequence[str]) -> str | Problems:
    """Read one ID, an address of the console or a player that holds one, or the address of an image."""
    match naming.read_ids(tokens).names:
        case [name] if ID.fullmatch(name):
            return name
        case [name] if address := addresses.normal(name):
            return address
        case _:
            return Problems((Problem(Wrong.ASSET_WANTED),), "show")


def run(call: Invocation, name: str) -> Message | None:
    """Open what is known of it."""
    return call.show(name)


VERB = Verb[str](
    words=("show",),
    forms=(
        Form(
            "show",
            "show <id or address>",
            sentence(
                "Everything about one video or image: streams, source file, images, plays, upload, and the "
                "proposals about it. Its deletion, or that of a part, can be proposed there."
            ),
        ),
    ),
    parse=parse,
    run=run,
    only_reads=True,
    turns_away=for_readers,
    hint="show <id>",
)
