"""Links to messages in Slack, as far as the workspace's address is known."""

import re

from deletion.views import CardPlace

_WORKSPACE = re.compile(r"https?://[0-9A-Za-z.:-]+/?")


def permalink(workspace_url: str, place: CardPlace) -> str | None:
    """Return the address of a message; None when the workspace's is not known."""
    if not _WORKSPACE.fullmatch(workspace_url):
        return None
    return f"{workspace_url.rstrip('/')}/archives/{place.channel}/p{place.ts.replace('.', '')}"


def vod_console(video_id: str) -> str:
    """Return the address of a video in Alibaba Cloud's console."""
    return f"https://vod.console.aliyun.com/#/media/video/detail/{video_id}/video"


def to_card(number: int, place: CardPlace | None, workspace_url: str) -> str:
    """Name a proposal (mrkdwn): a link to its card when there is one, otherwise only its number."""
    address = permalink(workspace_url, place) if place else None
    return f"<{address}|#{number}>" if address else f"#{number}"
