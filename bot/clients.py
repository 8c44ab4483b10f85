"""The clients of Slack and VOD as the settings name them, with time-outs that fit into what they are called for."""

from collections.abc import Callable

import vod
from bot.bounded_slack import BoundedClient
from bot.settings import NO_STS, Settings

LISTENER_TIMEOUT_S = 2
"""A listener has three seconds to answer; what it asks Slack for has to fit."""

READER_TIMEOUT_S = 1
"""Who it is that wants to read is asked while they wait, and the record is read after that."""

WORKER_TIMEOUT_S = 10

START_TIMEOUT_S = 4
"""Who is told to end while Slack is asked who the bot is has to end before Docker's ten seconds are over."""

MESSAGE_LEASE_S = (30, 60)
"""For how long, at least and at most, a message that is being sent belongs to its sender; between, two leases."""

LOOKUP_TIMEOUTS_S = (2.0, 4.0)
"""For connecting to VOD and for reading from it, where somebody waits for the answer."""

CALLS_PER_MESSAGE = 6
"""How many time-outs of a call to Slack fit into that: a message takes four calls at the most."""


def slack_client(settings: Settings, *, timeout_s: int) -> BoundedClient:
    """Make a client of Slack's Web API that never repeats a call by itself: a repeated post is a second post."""
    return BoundedClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=timeout_s,
        retry_handlers=[],
    )


def message_lease_s(settings: Settings) -> int:
    """Return the seconds after which another instance looks for a message that was being sent, and sends it."""
    least, most = MESSAGE_LEASE_S
    return min(most, max(least, round(2 * settings.countersign_lease_seconds)))


def message_timeout_s(settings: Settings) -> int:
    """Return the time-out of a call to Slack that sends a message."""
    return message_lease_s(settings) // CALLS_PER_MESSAGE


def question_timeout_s(settings: Settings) -> int:
    """Return the time-out of a question to Slack in a job, which is leased for less long than a message."""
    return max(1, min(WORKER_TIMEOUT_S, int(settings.countersign_lease_seconds / 3)))


def vod_client(settings: Settings, heard: vod.Heard = lambda _action, _error: None) -> vod.VodClient:
    """Make the client of VOD; its time-outs together stay below half a lease. ``heard``: see VodClient."""
    half_lease_s = settings.countersign_lease_seconds / 2
    connect_s = min(3.0, half_lease_s / 4)
    read_s = min(10.0, half_lease_s - connect_s)
    return _vod_client(settings, connect_s=connect_s, read_s=read_s, heard=heard)


def lookup_client(settings: Settings) -> vod.VodClient:
    """Make the client of VOD for people who look: they wait for less long than a job does."""
    connect_s, read_s = LOOKUP_TIMEOUTS_S
    return _vod_client(settings, connect_s=connect_s, read_s=read_s)


def _vod_client(
    settings: Settings, *, connect_s: float, read_s: float, heard: vod.Heard = lambda _action, _error: None
) -> vod.VodClient:
    return vod.VodClient(
        credentials(settings),
        vod.Endpoint(settings.vod_region, settings.vod_endpoint),
        connect_timeout_s=connect_s,
        read_timeout_s=read_s,
        sts=None if settings.vod_sts_endpoint == NO_STS else settings.vod_sts_endpoint,
        heard=heard,
    )


def credentials(settings: Settings) -> vod.Credentials:
    """Return the identity that the settings name."""
    if settings.vod_ecs_role:
        return vod.EcsRole(settings.vod_ecs_role)
    key = settings.vod_access_key_id or ""
    secret = settings.vod_access_key_secret.get_secret_value() if settings.vod_access_key_secret else ""
    if settings.vod_role_arn:
        return vod.RamRole(settings.vod_role_arn, "countersign", key, secret)
    if settings.vod_security_token:
        return vod.StsToken(key, secret, settings.vod_security_token.get_secret_value())
    return vod.AccessKey(key, secret)


def image_check(settings: Settings) -> Callable[[str], bool | None]:
    """Return what asks an image's own address whether it is served; the question fits into half a lease."""
    domains = settings.countersign_image_domains
    timeout_s = min(5.0, settings.countersign_lease_seconds / 4)
    return lambda url: vod.image_is_served(url, allowed_domains=domains, timeout_s=timeout_s)
