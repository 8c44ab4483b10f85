"""What a person does on the page, carried out in the local Slack."""

from collections.abc import Callable

from sandbox.json_types import Json
from sandbox.slack import Delivery, SlackSandbox
from sandbox.slack.control.acting import NOT_HERE
from sandbox.slack.model.directory import Channel, Person
from sandbox.slack.model.messages import Draft
from sandbox.slack.model.modals import wire_view


def say(slack: SlackSandbox, asked: Json) -> Json:
    """Type into a channel, or into a thread (`thread_ts`), where Slack has no slash commands."""
    text = str(asked["text"])
    person, place = _place(slack, asked)
    if thread := asked.get("thread_ts"):
        if text.startswith("/"):
            raise ValueError("Slack has no slash commands in threads. Type it in the channel.")
        slack.workspace.post(place.id, Draft(user=person.id, text=text, thread_ts=thread))
        return _outcome(None)
    return _outcome(slack.say(person.id, text, channel=place.id))


def share(slack: SlackSandbox, asked: Json) -> Json:
    """Post a message with files that the person uploaded, by their ids, also into a thread."""
    person, place = _place(slack, asked)
    files = [slack.workspace.file(each) for each in asked["files"]]
    if any(file.user != person.id for file in files):
        raise ValueError("Only files of one's own are shared from here.")
    text, thread = str(asked.get("text", "")), asked.get("thread_ts")
    slack.share(person.id, *files, text=text, channel=place.id, thread_ts=thread)
    return _outcome(None)


def shortcut(slack: SlackSandbox, asked: Json) -> Json:
    """Choose a shortcut of the app in a message's menu; like commands, for the installing workspace only."""
    person, place = _place(slack, asked)
    if person.is_stranger:
        return {**_outcome(None), "error": NOT_HERE}
    message = slack.workspace.message(place.id, asked["ts"])
    return _outcome(slack.shortcut(person.id, asked["callback_id"], message))


def global_shortcut(slack: SlackSandbox, asked: Json) -> Json:
    """Choose a shortcut of the app that is offered everywhere."""
    if slack.user(asked["person"]).is_stranger:
        return {**_outcome(None), "error": NOT_HERE}
    return _outcome(slack.global_shortcut(asked["person"], asked["callback_id"]))


def press(slack: SlackSandbox, asked: Json) -> Json:
    """Press a button of one message; its confirm dialog has been confirmed on the page."""
    return _outcome(slack.click_message(asked["person"], asked["channel"], asked["ts"], asked["action_id"]))


def press_in_modal(slack: SlackSandbox, asked: Json) -> Json:
    """Press a button of the person's modal; `answers` are strings by block_id."""
    return _outcome(slack.press_in_modal(asked["person"], asked["action_id"], answers=asked.get("answers")))


def choose_in_modal(slack: SlackSandbox, asked: Json) -> Json:
    """Choose in a menu of the person's modal that tells the app at once; `answers` are strings by block_id."""
    return _outcome(slack.choose_in_modal(asked["person"], asked["field"], asked["answers"]))


def suggest(slack: SlackSandbox, asked: Json) -> Json:
    """Type into a menu of the person's modal whose options come from the app."""
    delivery = slack.suggest(asked["person"], asked["field"], asked["typed"])
    return {**_outcome(delivery), "options": list(delivery.options)}


def open_home(slack: SlackSandbox, asked: Json) -> Json:
    """Open the app's Home tab."""
    return _outcome(slack.open_home(asked["person"]))


def press_at_home(slack: SlackSandbox, asked: Json) -> Json:
    """Press a button of one block of the person's Home tab; its confirm dialog has been confirmed on the page."""
    return _outcome(slack.press_at_home(asked["person"], asked["action_id"], block=asked["block_id"]))


def submit(slack: SlackSandbox, asked: Json) -> Json:
    """Submit the person's modal; `answers` are strings by block_id."""
    return _outcome(slack.submit(asked["person"], asked["answers"]))


def close(slack: SlackSandbox, asked: Json) -> Json:
    """Close the person's modal."""
    return _outcome(slack.close_modal(asked["person"]))


ACTS: dict[str, Callable[[SlackSandbox, Json], Json]] = {
    "say": say,
    "share": share,
    "shortcut": shortcut,
    "global_shortcut": global_shortcut,
    "press": press,
    "press_in_modal": press_in_modal,
    "choose_in_modal": choose_in_modal,
    "suggest": suggest,
    "open_home": open_home,
    "press_at_home": press_at_home,
    "submit": submit,
    "close": close,
}


def _place(slack: SlackSandbox, asked: Json) -> tuple[Person, Channel]:
    """Who acts, and in which channel. Raises ValueError if they are not in it."""
    person, place = slack.user(asked["person"]), slack.channel(asked["channel"])
    if person.id not in place.members:
        raise ValueError(f"{person.label} is not in this channel")
    return person, place


def _outcome(delivery: Delivery | None) -> Json:
    """What the page shows at once; everything else comes with the news."""
    if delivery is None:
        return {"error": None, "field_errors": {}, "modal": None}
    return {
        "error": delivery.error,
        "field_errors": delivery.field_errors,
        "modal": wire_view(delivery.modal) if delivery.modal else None,
    }
