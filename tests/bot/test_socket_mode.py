"""The bot as a process that Slack cannot reach: it calls Slack, and does its whole job over that connection."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sandbox.slack import Message, SlackSandbox
from sandbox.vod import VodSandbox, seed
from tests.bot.process import watched
from tests.stage import environment

STARTS_WITHIN_S = 30
DONE_WITHIN_S = 30


@contextmanager
def connected_bot(slack: SlackSandbox, settings: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run ``python -m bot run`` until it has connected to Slack; end it with SIGTERM, which must go well."""
    with watched(settings, log) as bot:
        is_connected = slack.wait_until(lambda: slack.sockets.count == 1, STARTS_WITHIN_S)
        assert is_connected, log.read_text(encoding="utf-8")
        yield
        assert bot.end() == 0, log.read_text(encoding="utf-8")


def socket_mode(slack: SlackSandbox, vod: VodSandbox, folder: Path) -> dict[str, str]:
    """Return the settings of a bot with an app-level token and no signing secret."""
    settings = environment(slack, vod, folder / "countersign.db", SLACK_APP_TOKEN=slack.app_token)
    del settings["SLACK_SIGNING_SECRET"]
    return settings


def card(slack: SlackSandbox, words: str) -> Message | None:
    """Return the first message of the approvals channel that has these words."""
    return next((message for message in slack.messages("vod-deletions") if words in message.text), None)


def buttons(slack: SlackSandbox) -> bool:
    """Say whether the channel shows a button."""
    blocks = [block for message in slack.messages("vod-deletions") for block in message.blocks]
    return any(block["type"] == "actions" for block in blocks)


def test_a_proposal_is_carried_out_by_a_bot_that_slack_cannot_reach(
    local_slack: SlackSandbox, local_vod: VodSandbox, tmp_path: Path
) -> None:
    slack, video = local_slack, seed.SPRING_TEASER.video_id
    slack.connect_sockets()
    slack.rate.enabled = False
    with connected_bot(slack, socket_mode(slack, local_vod, tmp_path), tmp_path / "bot.log"):
        proposed = slack.say("ana", f'/vod delete video {video} --reason "payload rights expired"')
        assert (proposed.error, proposed.request and proposed.request.url[:3]) == (None, "ws:")
        assert proposed.reply is not None
        assert "#1" in proposed.reply.text
        assert slack.wait_until(lambda: buttons(slack), DONE_WITHIN_S)

        told = len(slack.ephemerals("ana"))
        own = slack.click("ana", "Approve", match="#1")
        assert own.error is None
        assert slack.wait_until(lambda: len(slack.ephemerals("ana")) > told, DONE_WITHIN_S)
        assert local_vod.ledger.calls() == ()

        old = slack.sockets.ids
        slack.sockets.refresh()
        assert slack.wait_until(lambda: slack.sockets.count == 1 and slack.sockets.ids != old, DONE_WITHIN_S)
        approved = slack.click("bo", "Approve", match="#1")
        assert approved.error is None
        assert slack.wait_until(lambda: card(slack, "1 deleted") is not None, DONE_WITHIN_S)
    assert local_vod.ledger.ids() == [video]
    assert local_vod.library.video(video) is None
    assert slack.sockets.strays == ()
    assert slack.sockets.count == 0
