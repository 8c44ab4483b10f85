"""The sandbox's command line: act as people in a running demo, read the channels, look at the library."""

import shlex
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec

import click

from sandbox.clock import Clock
from sandbox.control_client import SLACK_URL, VOD_URL, NotRunningError, RefusedByControlError, ask, tell
from sandbox.guard import RealCredentialsError
from sandbox.interrupts import interruptible
from sandbox.slack import SlackSandbox
from sandbox.slack.control.mrkdwn import visible
from sandbox.vod import VodSandbox

# How long `say` and `click` wait for a private answer after the bot has acknowledged.
WAIT_S = 2.0
BOT_URL = "http://127.0.0.1:3000/slack/events"
_Args = ParamSpec("_Args")


@dataclass(frozen=True)
class Demo:
    """Where the running demo's two sandboxes are."""

    slack: str
    vod: str


def _spoken(command: Callable[Concatenate[Demo, _Args], None]) -> Callable[Concatenate[Demo, _Args], None]:
    """Turn the client's two errors into words and exit status 1."""

    def spoken(demo: Demo, /, *args: _Args.args, **kwargs: _Args.kwargs) -> None:
        try:
            command(demo, *args, **kwargs)
        except NotRunningError as exc:
            raise click.ClickException(f"No sandbox answers at {exc}. Start one with: make demo") from exc
        except RefusedByControlError as exc:
            raise click.ClickException(visible(str(exc))) from exc

    return update_wrapper(spoken, command)


@click.group(context_settings={"max_content_width": 110})
@click.option("--slack", envvar="SANDBOX_SLACK_URL", default=SLACK_URL, show_default=True)
@click.option("--vod", envvar="SANDBOX_VOD_URL", default=VOD_URL, show_default=True)
@click.pass_context
def main(context: click.Context, slack: str, vod: str) -> None:
    """Act as people in the sandbox's Slack, and look at what happened."""
    context.obj = Demo(slack, vod)


@main.command()
@click.option("--slack-port", default=8710, show_default=True)
@click.option("--vod-port", default=8711, show_default=True)
@click.option("--bot", "bot_url", default=BOT_URL, show_default=True, help="Where commands and clicks go.")
def serve(slack_port: int, vod_port: int, bot_url: str) -> None:
    """Run both sandboxes without a bot, and print the environment a bot needs, until Ctrl-C or SIGTERM."""
    try:
        with interruptible() as wait:
            _serve(slack_port, vod_port, bot_url, wait)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)


def _serve(slack_port: int, vod_port: int, bot_url: str, wait: Callable[[], None]) -> None:
    clock = Clock()
    with ExitStack() as running:
        try:
            slack = running.enter_context(SlackSandbox.start(port=slack_port, clock=clock))
            vod = running.enter_context(VodSandbox.start(port=vod_port, clock=clock))
            slack.connect(bot_url)
            _keep_to_ourselves(slack, "vod-deletions")
        except (RealCredentialsError, OSError, ValueError) as exc:
            raise click.ClickException(str(exc)) from exc
        # Whoever reads these lines may interrupt at once.
        for name, value in environment(slack, vod).items():
            click.echo(f"export {name}={shlex.quote(value)}")
        wait()


def _keep_to_ourselves(slack: SlackSandbox, name: str) -> None:
    """Take people of other organisations out of a channel: `python -m bot check` wants the approvals among us."""
    channel = slack.channel(name)
    strangers = {person.id for person in slack.people.values() if person.is_stranger}
    slack.change_channel(name, members=channel.members - strangers)


def environment(slack: SlackSandbox, vod: VodSandbox) -> dict[str, str]:
    """The settings with which a bot talks to these two and to nothing else."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "VOD_ACCESS_KEY_ID": vod.access_key_id,
        "VOD_ACCESS_KEY_SECRET": vod.access_key_secret,
        "VOD_ENDPOINT": vod.url,
        "VOD_STS_ENDPOINT": vod.url,
        "VOD_REGION": vod.region,
        "COUNTERSIGN_APPROVALS_CHANNEL": slack.channel("vod-deletions").id,
        "COUNTERSIGN_AUDIT_CHANNEL": slack.channel("vod-audit").id,
        "COUNTERSIGN_APPROVERS": ",".join(slack.user(name).id for name in ("ana", "bo", "cy")),
        "COUNTERSIGN_PROPOSERS": "members",
        "COUNTERSIGN_IMAGE_DOMAINS": vod.image_domain,
        "HOST": "127.0.0.1",
    }


@main.command()
@click.argument("person")
@click.argument("text", nargs=-1, required=True)
@click.option("--channel", default="vod-deletions", show_default=True, help="A channel, or dm.")
@click.pass_obj
@_spoken
def say(demo: Demo, person: str, text: tuple[str, ...], channel: str) -> None:
    """Type TEXT as PERSON: a command if it starts with a slash."""
    _tell_outcome(
        person, tell(demo.slack, "say", person=person, text=" ".join(text), channel=channel, wait_s=WAIT_S)
    )


@main.command(name="click")
@click.argument("person")
@click.argument("word")
@click.argument("number", required=False)
@click.option("--no-confirm", is_flag=True, help="Cancel the button's confirm dialog.")
@click.pass_obj
@_spoken
def click_button(demo: Demo, person: str, word: str, number: str | None, no_confirm: bool) -> None:  # noqa: FBT001 - click passes a flag
    """Press the button starting with WORD as PERSON, on the newest message about proposal NUMBER."""
    match = f"#{number.removeprefix('#')}" if number else None
    outcome = tell(
        demo.slack, "click", person=person, word=word, match=match, confirm=not no_confirm, wait_s=WAIT_S
    )
    if outcome["dialog"]:
        click.echo(visible(f"Dialog: {_dialog_words(outcome['dialog'])}"))
    if outcome["delivered"]:
        _tell_outcome(person, outcome)
    else:
        click.echo("Cancelled: nothing was sent.")


@main.command()
@click.argument("person")
@click.argument("word")
@click.pass_obj
@_spoken
def press(demo: Demo, person: str, word: str) -> None:
    """Press the button starting with WORD of PERSON's open form."""
    _tell_outcome(person, tell(demo.slack, "press_in_modal", person=person, word=word, wait_s=WAIT_S))


@main.command()
@click.argument("person")
@click.argument("fields", nargs=-1)
@click.pass_obj
@_spoken
def submit(demo: Demo, person: str, fields: tuple[str, ...]) -> None:
    """Fill in PERSON's open form with FIELD=VALUE pairs and submit it."""
    answers = dict(_pair(field) for field in fields)
    _tell_outcome(person, tell(demo.slack, "submit", person=person, answers=answers, wait_s=WAIT_S))


@main.command()
@click.argument("channel", default="vod-deletions")
@click.option("--as", "person", help="Show what this person sees, private answers included.")
@click.pass_obj
@_spoken
def read(demo: Demo, channel: str, person: str | None) -> None:
    """Print what was written in CHANNEL (dm, with --as, for the direct messages with the bot)."""
    found = ask(demo.slack, "messages", channel=channel, person=person)["messages"]
    click.echo("\n\n".join(message["rendered"] for message in found) or "Nothing was written here yet.")


@main.command()
@click.argument("text", required=False)
@click.pass_obj
@_spoken
def library(demo: Demo, text: str | None) -> None:
    """List the media library, or what of it has TEXT in its title or id."""
    found = ask(demo.vod, "library")
    wanted = (text or "").casefold()
    for kind in ("video", "image"):
        for asset in found[f"{kind}s"]:
            line = f"{kind}  {asset[f'{kind}_id']}  {asset['status']:<12}  {asset['title']}"
            if wanted in line.casefold():
                click.echo(visible(line.replace("\n", "\\n")))


@main.command()
@click.pass_obj
@_spoken
def ledger(demo: Demo) -> None:
    """List every delete call the VOD sandbox received, and what it really removed."""
    for call in ask(demo.vod, "ledger")["calls"]:
        answered = f"{call['status'] or 'no answer'} {call['code']}".strip()
        asked, removed = (", ".join(call[name]) or "nothing" for name in ("ids", "removed"))
        click.echo(visible(f"{call['at']}  {call['action']}  {answered}  asked: {asked}  removed: {removed}"))


def _pair(field: str) -> tuple[str, str]:
    name, found, value = field.partition("=")
    if not found:
        raise click.BadParameter(f"{field!r} is not FIELD=VALUE")
    return name, value


def _dialog_words(dialog: dict[str, Any]) -> str:
    return " / ".join(dialog[part]["text"] for part in ("title", "text", "confirm"))


def _tell_outcome(person: str, outcome: dict[str, Any]) -> None:
    for message in outcome["private"] or ([outcome["reply"]] if outcome["reply"] else []):
        click.echo(message["rendered"])
    for field, words in outcome["field_errors"].items():
        click.echo(visible(f"{field}: {words}"))
    if outcome["modal"]:
        click.echo(outcome["modal"]["rendered"])
    if outcome["error"]:
        raise click.ClickException(visible(f"{person} sees the error {outcome['error']}"))
    if not (outcome["private"] or outcome["reply"] or outcome["modal"]):
        click.echo("Delivered." if outcome["delivered"] else "Said.")


if __name__ == "__main__":
    main(prog_name="python -m sandbox")
