"""The settings, read from the environment, every problem told at once."""

import difflib
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)

from deletion.policy import EVERY_MEMBER
from vod import Endpoint

PREFIX = "COUNTERSIGN_"

SQLITE = "sqlite:///"
DEFAULT_DATABASE = f"{SQLITE}countersign.db"


class SettingsError(Exception):
    """The settings are missing or wrong; ``problems`` says how, one line each, without any secret."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _split(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _user_ids(names: frozenset[str]) -> frozenset[str]:
    wrong = sorted(
        n for n in names if n != EVERY_MEMBER and not (n[:1] in {"U", "W"} and n.isalnum() and n.isupper())
    )
    if wrong:
        raise ValueError(
            f"{', '.join(wrong)}: not a Slack user id (those look like U012AB3CD; see a profile's menu)"
        )
    return names


def _channel_id(name: str) -> str:
    if not (name[:1] in {"C", "G"} and name.isalnum() and name.isupper()):
        raise ValueError(
            f"{name!r} is not a Slack channel id (those look like C012AB3CD; see the channel's details)"
        )
    return name


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a URL such as https://slack.com/api/")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise ValueError("must be https: plain http is accepted only to this machine itself")
    return url if url.endswith("/") else f"{url}/"


def _database(url: str) -> str:
    if not url.startswith(SQLITE):
        raise ValueError("must be sqlite:///path/to/file.db (PostgreSQL is not supported yet)")
    return url


People = Annotated[frozenset[str], BeforeValidator(_split), AfterValidator(_user_ids)]
Domains = Annotated[frozenset[str], BeforeValidator(_split)]
Channel = Annotated[str, AfterValidator(_channel_id)]


class Settings(BaseModel):
    """Every setting, with what it is for; the environment variable is the field's name in capitals."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    slack_bot_token: SecretStr = Field(description="The app's bot token (xoxb-…).")
    slack_signing_secret: SecretStr | None = Field(
        None, description="The app's signing secret: Slack then reaches the bot over HTTP."
    )
    slack_app_token: SecretStr | None = Field(
        None, description="An app-level token (xapp-…, connections:write): the bot then uses Socket Mode."
    )
    slack_api_url: Annotated[str, AfterValidator(_address)] = Field(
        "https://slack.com/api/", description="Where Slack's Web API is."
    )

    vod_region: str = Field("cn-shanghai", description="The VOD region; media of other regions look missing.")
    vod_endpoint: str | None = Field(None, description="VOD's address, https://host; by default the region's own.")
    vod_access_key_id: str | None = Field(None, description="The RAM user's AccessKey id.")
    vod_access_key_secret: SecretStr | None = Field(None, description="The AccessKey's secret.")
    vod_security_token: SecretStr | None = Field(None, description="The token of a temporary (STS) key.")
    vod_role_arn: str | None = Field(None, description="A RAM role to assume with the key.")
    vod_ecs_role: str | None = Field(None, description="The RAM role of the ECS instance, instead of a key.")

    countersign_approvals_channel: Channel = Field(description="Id of the channel where cards are posted.")
    countersign_audit_channel: Channel = Field(description="Id of the channel that shows the audit log.")
    countersign_approvers: People = Field(description="Slack user ids of those who may approve.")
    countersign_proposers: People = Field(
        frozenset(), description="Slack user ids of those who may propose, or: members. By default the approvers."
    )
    countersign_approvals_needed: int = Field(1, ge=1, le=20, description="Approvals needed besides the proposer.")
    countersign_expires_hours: float = Field(
        24, gt=0, le=24 * 14, description="Hours until an unapproved proposal expires."
    )
    countersign_execute_hours: float = Field(
        24, gt=0, le=24 * 14, description="Hours after approval within which deletions may be sent."
    )
    countersign_max_items: int = Field(100, ge=1, le=100_000, description="Items that one proposal may delete.")
    countersign_max_gigabytes: int = Field(1_000, ge=1, description="Gigabytes that one proposal may delete.")
    countersign_image_domains: Domains = Field(
        frozenset(), description="Domains whose image URLs may be deleted; without one, images go by id only."
    )
    countersign_lease_seconds: float = Field(
        30, ge=2, le=600, description="Seconds after which another instance takes over a crashed one's work."
    )
    countersign_message_seconds: float = Field(
        1, ge=0, le=60, description="Seconds between messages to one channel; Slack allows about one a second."
    )
    countersign_worker_threads: int = Field(4, ge=1, le=64, description="Jobs worked on at the same time.")

    database_url: Annotated[str, AfterValidator(_database)] = Field(
        DEFAULT_DATABASE, description="Where the record is kept: sqlite:///path."
    )
    host: str = Field("0.0.0.0", description="Address that the HTTP server listens on.")  # noqa: S104 - a container's only way to be reached
    port: int = Field(3000, ge=0, le=65535, description="Port that the HTTP server listens on.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level logged.")

    @property
    def socket_mode(self) -> bool:
        """Say whether the bot calls Slack (Socket Mode) or Slack calls the bot (HTTP)."""
        return self.slack_app_token is not None

    @property
    def proposers(self) -> frozenset[str]:
        """Return who may propose: the approvers, unless others are named."""
        return self.countersign_proposers or self.countersign_approvers

    @property
    def database_path(self) -> str:
        """Return the SQLite file's path."""
        return self.database_url.removeprefix(SQLITE)


def markdown() -> str:
    """Return every setting as a Markdown table."""
    lines = ["| variable | default | what it is for |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        required = "required" if field.is_required() else ""
        default = " ".join(sorted(field.default)) if isinstance(field.default, frozenset) else field.default
        shown = required or (f"`{default}`" if default not in (None, "") else "")
        lines.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings; SettingsError names everything that is missing or wrong at once."""
    given = {name.lower(): value.strip() for name, value in environ.items() if value.strip()}
    problems = [*_unknown(environ), *_across(given), *_traps(environ)]
    try:
        settings = Settings.model_validate({n: v for n, v in given.items() if n in Settings.model_fields})
    except ValidationError as exc:
        raise SettingsError([*(_told(error) for error in exc.errors(include_input=False)), *problems]) from None
    problems += _too_few(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def _told(error: Any) -> str:
    name = str(error["loc"][0]).upper()
    if error["type"] == "missing":
        return f"{name} is not set. {Settings.model_fields[name.lower()].description}"
    return f"{name}: {str(error['msg']).removeprefix('Value error, ')}"


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = [name.upper() for name in Settings.model_fields]
    found = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            found.append(f"{name} is not a setting.{f' Did you mean {near[0]}?' if near else ''}")
    return found


def _across(given: Mapping[str, str]) -> list[str]:
    """Find what is wrong between settings."""
    found = []
    if "slack_signing_secret" not in given and "slack_app_token" not in given:
        found.append("Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP): neither is set.")
    has_key = "vod_access_key_id" in given and "vod_access_key_secret" in given
    if not has_key and "vod_ecs_role" not in given:
        found.append("Set VOD_ACCESS_KEY_ID and VOD_ACCESS_KEY_SECRET, or VOD_ECS_ROLE on an ECS instance.")
    if "vod_ecs_role" in given and ("vod_access_key_id" in given or "vod_role_arn" in given):
        found.append("VOD_ECS_ROLE stands alone: unset the access key and VOD_ROLE_ARN, or unset it.")
    if "vod_role_arn" in given and "vod_security_token" in given:
        found.append("Set VOD_ROLE_ARN or VOD_SECURITY_TOKEN, not both.")
    try:
        Endpoint(given.get("vod_region", "cn-shanghai"), given.get("vod_endpoint"))
    except ValueError as exc:
        found.append(f"VOD_REGION or VOD_ENDPOINT: {exc}.")
    return found


def _traps(environ: Mapping[str, str]) -> list[str]:
    """Find variables that libraries read behind our back."""
    found = []
    if environ.get("SLACK_CLIENT_ID") and environ.get("SLACK_CLIENT_SECRET"):
        found.append("Unset SLACK_CLIENT_ID and SLACK_CLIENT_SECRET: with both set, Bolt ignores the bot token.")
    plain_key = not (
        environ.get("VOD_SECURITY_TOKEN") or environ.get("VOD_ROLE_ARN") or environ.get("VOD_ECS_ROLE")
    )
    if environ.get("ALIYUN_ACCESS_KEY_ID") and not plain_key:
        found.append("Unset ALIYUN_ACCESS_KEY_ID: the Alibaba SDK would use it instead of the role or token.")
    return found


def _too_few(settings: Settings) -> list[str]:
    if EVERY_MEMBER in settings.countersign_approvers:
        return ["COUNTERSIGN_APPROVERS: name people; not every member may approve."]
    have, needed = len(settings.countersign_approvers), settings.countersign_approvals_needed
    if have < needed:
        return [f"COUNTERSIGN_APPROVERS names {have}, but COUNTERSIGN_APPROVALS_NEEDED is {needed}."]
    if settings.proposers == settings.countersign_approvers and have <= needed:
        nobody = (
            f"COUNTERSIGN_APPROVERS names {have}, and {needed} besides the proposer must approve: nobody could."
        )
        return [f"{nobody} Name another approver, or other people in COUNTERSIGN_PROPOSERS."]
    return []
