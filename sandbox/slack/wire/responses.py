"""What an app answers a command or a click with, in the response itself or through its response URL."""

from sandbox.json_types import Json
from sandbox.slack.model.content import checked
from sandbox.slack.model.directory import BOT_USER_ID
from sandbox.slack.model.messages import Draft, Message
from sandbox.slack.model.refusals import RefusedError
from sandbox.slack.model.state import State
from sandbox.slack.model.tickets import Origin


def post_answer(state: State, origin: Origin, args: Json) -> Message:
    """A new message where the action came from: to that person, or to all with `in_channel`."""
    content = checked(args, state.workspace)
    draft = Draft(
        user=BOT_USER_ID,
        text=content.text,
        blocks=content.blocks,
        metadata=content.metadata,
        thread_ts=args.get("thread_ts"),
        ephemeral_to=None if args.get("response_type") == "in_channel" else origin.person,
        answers=origin.delivery,
    )
    return state.workspace.post(origin.channel or state.workspace.direct(origin.person).id, draft)


def respond(state: State, token: str, args: Json) -> None:
    """A POST to a response URL. Raises RefusedError, also when the URL is used up or expired."""
    origin = state.tickets.use_response(token)
    if args.get("delete_original"):
        state.workspace.remove(_original(state, origin))
    elif args.get("replace_original") and origin.message_ts:
        content = checked(args, state.workspace)
        state.workspace.edit(_original(state, origin), content.text, content.blocks, content.metadata)
    else:
        post_answer(state, origin, args)


def _original(state: State, origin: Origin) -> Message:
    try:
        return state.workspace.message(origin.channel or "", origin.message_ts or "")
    except LookupError:
        raise RefusedError("message_not_found") from None
