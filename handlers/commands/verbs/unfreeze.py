"""``/vod unfreeze``, or ``/vod thaw``: one person's vote to end a freeze."""

from functools import partial

from deletion.approval.holds import freezing
from deletion.terms.refusals import Refusal
from handlers.commands.syntax.problems import no_arguments
from handlers.commands.verb import Form, Invocation, Verb
from handlers.text import words
from handlers.text.blocks import Message, said
from handlers.text.language import sentence


def run(call: Invocation, _: None) -> Message:
    """Vote to unfreeze."""
    config = call.services.config
    done = call.write(lambda tx: freezing.thaw(tx, config, call.action, channel=call.channel))
    if isinstance(done, Refusal):
        return said(words.refusal(call.lang, done))
    return said(
        call.lang.say(
            "Your vote to unfreeze is recorded. It counts once Slack has confirmed who you are. It takes two "
            "people, one of them an approver; {channel} shows the votes that count, and what unfreezing releases.",
            channel=call.approvals,
        )
    )


VERB = Verb[None](
    words=("unfreeze", "thaw"),
    forms=(
        Form(
            "unfreeze",
            "unfreeze",
            sentence(
                "End a freeze; thaw is the same command. It takes two people who may propose or approve, "
                "one of them an approver."
            ),
        ),
    ),
    parse=partial(no_arguments, "unfreeze"),
    run=run,
    only_reads=False,
    hint="unfreeze",
)
