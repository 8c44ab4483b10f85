"""What there is to read in the sandbox's Slack: channels, threads, private answers. Oldest first, always."""

from sandbox.slack.control.buttons import says
from sandbox.slack.model.messages import Message
from sandbox.slack.model.notifications import Notification
from sandbox.slack.model.tickets import Origin
from sandbox.slack.model.workspace import Workspace, may_see


def messages(workspace: Workspace, channel: str) -> list[Message]:
    """What everybody sees at the top level of a channel."""
    found = workspace.history(workspace.channel(channel).id)
    return [each for each in found if not each.ephemeral_to and (not each.is_reply or each.broadcast)]


def thread(workspace: Workspace, channel: str, ts: str) -> list[Message]:
    """A thread, its first message included."""
    found = workspace.history(workspace.channel(channel).id)
    return [each for each in found if not each.ephemeral_to and ts in {each.ts, each.thread_ts}]


def visible_to(workspace: Workspace, name: str, channel: str) -> list[Message]:
    """Everything a person sees in a channel, threads and private answers included."""
    person, place = workspace.person(name), workspace.channel(channel)
    if person.id not in place.members:
        return []
    return [each for each in workspace.history(place.id) if may_see(each, person.id)]


def ephemerals(workspace: Workspace, name: str) -> list[Message]:
    """Every private answer a person got, Slackbot's errors included."""
    person = workspace.person(name)
    return [each for each in workspace.everything() if each.ephemeral_to == person.id]


def direct_messages(workspace: Workspace, name: str) -> list[Message]:
    """The direct messages between a person and the bot."""
    return messages(workspace, workspace.direct(workspace.person(name).id).id)


def answers(workspace: Workspace, origin: Origin) -> list[Message]:
    """Every message that came in answer to an action, also later through its response URL."""
    return [each for each in workspace.everything() if each.answers == origin.delivery]


def notified(workspace: Workspace, name: str) -> list[Notification]:
    """What Slack notified a person of, where they have changed nothing about that."""
    person = workspace.person(name)
    return [each for each in workspace.notified() if each.person == person.id]


def find(workspace: Workspace, text: str) -> list[Message]:
    """Every message that says `text` as a whole word, private ones included."""
    return [each for each in workspace.everything() if says(each, text)]
