"""The settings, read from the environment; every problem is reported at once."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
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

from bot import database_url, environment
from deletion.policy.asking import GROUP
from deletion.policy.decisions import APPROVERS, EVERY_MEMBER
from deletion.terms import ramp
from deletion.terms.results.outcomes import Outcome
from handlers.text.language import ENGLISH, Language, for_locale, languages
from storage import Address, StorageError, parse
from vod import STS, Endpoint

PREFIX = environment.PREFIX

QUORUM = ("countersign_approvers", "countersign_proposers", "countersign_approvals_needed")
STAND_INS = {
    "slack_bot_token": "-",
    "countersign_approvals_channel": "C0",
    "countersign_audit_channel": "C0",
}
"""In place of the other required settings when only the quorum is looked at."""

PERSON_TIMES, TEAM_TIMES = 5, 20
"""How many of the largest proposals a person, and all together, may delete in a day where nothing else is said."""

MOST_REASONS, LONGEST_REASON = 50, 75
"""Reasons that the form suggests, and their characters: what Slack takes in a menu."""

NO_STS = "none"
"""In place of the address of STS: it cannot be reached from here."""

STOPPING = tuple(sorted(set(Outcome) - {Outcome.DELETED, Outcome.STOPPED}))
"""Outcomes that may stop the rest of a deletion."""


class SettingsError(Exception):
    """The settings are missing or wrong; ``problems`` says how, one line each, without any secret."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _split(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _user_ids(names: list[str]) -> frozenset[str]:
    # What was typed is not repeated: it may be a token that was put into the wrong variable.
    wrong = [str(n) for n, name in enumerate(names, 1) if not re.fullmatch(f"[UW][A-Z0-9]+|{EVERY_MEMBER}", name)]
    if wrong:
        raise ValueError(
            f"entry {', '.join(wrong)} of {len(names)} is not a Slack user id "
            "(those look like U012AB3CD; see a profile's menu)"
        )
    return frozenset(names)


def _mention(names: list[str]) -> frozenset[str]:
    """Read whom to mention: ids, or one of two words alone."""
    if names in (["nobody"], [APPROVERS]):
        return frozenset(names) - {"nobody"}
    if not names or not all(re.fullmatch("[SUW][A-Z0-9]+", name) for name in names):
        raise ValueError(
            "must be approvers, or nobody, or ids of user groups (S012AB3CD; see the group's menu) or of approvers"
        )
    return frozenset(names)


def _channel_id(name: str) -> str:
    if name.startswith("#"):
        raise ValueError("a channel's name, where its id is needed (C012AB3CD; see the channel's details)")
    if not re.fullmatch("[CG][A-Z0-9]+", name):
        raise ValueError("not a Slack channel id (those look like C012AB3CD; see the channel's details)")
    return name


def _operators(to: str) -> str:
    if not re.fullmatch("[CGUW][A-Z0-9]+", to):
        raise ValueError("must be the id of a Slack channel (C012AB3CD) or of a person (U012AB3CD)")
    return to


def _domains(names: list[str]) -> frozenset[str]:
    lower = frozenset(name.lower() for name in names)
    if not all(re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?", name) for name in lower):
        raise ValueError("must be host names such as images.example.com, without https:// and without a path")
    return lower


def _outcomes(value: object) -> object:
    """Read outcomes separated by commas, as they have spaces in them; ``none`` for no outcome at all."""
    if not isinstance(value, str):
        return value
    names = [name.strip().lower() for name in value.split(",") if name.strip()]
    wrong = [name for name in names if name not in {*STOPPING, "none"}]
    if wrong or ("none" in names and len(names) > 1):
        raise ValueError(f"must be none, or some of these, separated by commas: {', '.join(STOPPING)}")
    return frozenset(Outcome(name) for name in names if name != "none")


def _ramp(text: str) -> str:
    """Read how a big deletion begins, and write it as it is always written."""
    return ramp.written(ramp.read(text))


def _language(value: object) -> object:
    """Read the name of a language as people write it: ``zh-CN``, ``zh``."""
    found = for_locale(str(value))
    if found is None:
        raise ValueError(f"must be one of: {', '.join(languages())}")
    return found.name


def _word(secret: SecretStr) -> SecretStr:
    # Anything else would break an HTTP header, and the library that says so repeats it.
    if not re.fullmatch("[!-~]+", secret.get_secret_value()):
        raise ValueError("must be one word of plain ASCII characters: copy it again, without quotes or line breaks")
    return secret


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("must be a URL such as https://slack.com/api/")
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise ValueError("must be https: plain http is accepted only to this machine itself")
    return url if url.endswith("/") else f"{url}/"


def _database(url: SecretStr) -> SecretStr:
    try:
        parse(url.get_secret_value())
    except StorageError as exc:
        raise ValueError(str(exc).removeprefix("DATABASE_URL ").removesuffix(".")) from None
    return url


def _reasons(value: object) -> object:
    """Read reasons separated by semicolons, also those of Chinese keyboards; each is taken once."""
    if not isinstance(value, str):
        return value
    found = tuple(dict.fromkeys(each.strip() for each in re.split("[;\uff1b\n]", value) if each.strip()))
    if len(found) > MOST_REASONS or any(len(each) > LONGEST_REASON for each in found):
        raise ValueError(f"must be at most {MOST_REASONS} reasons of at most {LONGEST_REASON} characters each")
    return found


People = Annotated[frozenset[str], BeforeValidator(_user_ids), BeforeValidator(_split)]


def _sts(address: str) -> str:
    if address.lower() == NO_STS:
        return NO_STS
    Endpoint("cn-shanghai", address)
    return address


Mention = Annotated[frozenset[str], BeforeValidator(_mention), BeforeValidator(_split)]
Domains = Annotated[frozenset[str], BeforeValidator(_domains), BeforeValidator(_split)]
Reasons = Annotated[tuple[str, ...], BeforeValidator(_reasons)]
Outcomes = Annotated[frozenset[Outcome], BeforeValidator(_outcomes)]
Channel = Annotated[str, AfterValidator(_channel_id)]
Secret = Annotated[SecretStr, AfterValidator(_word)]


class Settings(BaseModel):
    """Every setting, with what it is for; the environment variable is the field's name in capitals."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    slack_bot_token: Secret = Field(description="The app's bot token (xoxb-…).")
    slack_signing_secret: Secret | None = Field(
        None, description="The app's signing secret: Slack then reaches the bot over HTTP."
    )
    slack_app_token: Secret | None = Field(
        None,
        description="An app-level token (xapp-…, connections:write): the bot then uses Socket Mode in any case.",
    )
    slack_api_url: Annotated[str, AfterValidator(_address)] = Field(
        "https://slack.com/api/", description="Where Slack's Web API is."
    )

    vod_region: str = Field("cn-shanghai", description="The VOD region; media of other regions look missing.")
    vod_endpoint: str | None = Field(None, description="VOD's address, https://host; by default the region's own.")
    vod_sts_endpoint: Annotated[str, AfterValidator(_sts)] = Field(
        STS,
        description="STS's address, which tells the account; in a VPC https://sts-vpc.<region>.aliyuncs.com; none: "
        "the account is known by the key alone.",
    )
    vod_access_key_id: str | None = Field(None, description="The RAM user's AccessKey id.")
    vod_access_key_secret: Secret | None = Field(None, description="The AccessKey's secret.")
    vod_security_token: Secret | None = Field(None, description="The token of a temporary (STS) key.")
    vod_role_arn: str | None = Field(None, description="A RAM role to assume with the key.")
    vod_ecs_role: str | None = Field(None, description="The RAM role of the ECS instance, instead of a key.")

    countersign_approvals_channel: Channel = Field(description="Id of the channel where cards are posted.")
    countersign_audit_channel: Channel = Field(description="Id of the channel that shows the audit log.")
    countersign_approvers: People = Field(description="Slack user ids of those who may approve.")
    countersign_proposers: People = Field(
        frozenset(), description="Slack user ids of those who may propose, or: members. By default the approvers."
    )
    countersign_readers: People = Field(
        frozenset(),
        description="Slack user ids of those who may see what is proposed, and what there is in VOD, besides "
        "proposers and approvers, such as auditors, or: members.",
    )
    countersign_mention: Mention = Field(
        frozenset({APPROVERS}),
        description="Who is mentioned, once, when a card is posted: approvers, or ids of user groups or of some "
        "approvers, or: nobody. The proposer never is, as long as groups hold approvers alone.",
    )
    countersign_reminders: Annotated[Literal["yes", "no"], BeforeValidator(environment.yes_or_no)] = Field(
        "yes",
        description="yes: approvers get a direct message, in their working hours, about what still waits for them "
        "after a third and after five sixths of its time.",
    )
    countersign_operators: Annotated[str, AfterValidator(_operators)] | None = Field(
        None,
        description="Id of a channel or a person told, once, of what only an operator can mend: VOD refuses the "
        "account or an action, a channel is lost, the record is behind, nobody takes jobs.",
    )
    countersign_approvals_needed: int = Field(1, ge=1, le=20, description="Approvals needed besides the proposer.")
    countersign_expires_hours: float = Field(
        24, gt=0, le=24 * 14, description="Hours until an unapproved proposal expires."
    )
    countersign_execute_hours: float = Field(
        24, gt=0, le=24 * 14, description="Hours after approval within which deletions may be sent."
    )
    countersign_hold_seconds: int = Field(
        60,
        ge=0,
        le=14 * 86_400,
        description="Seconds between the card with the Stop button and the first deletion: time to stop.",
    )
    countersign_canary_from: int = Field(
        50, ge=2, description="From this many items on, one is deleted and verified alone before the rest."
    )
    countersign_ramp: Annotated[str, AfterValidator(_ramp)] = Field(
        ramp.DEFAULT,
        description="How a deletion with a canary begins: stages of so many items, then of a share of VOD's quota, "
        "each for at least so long; all of the quota after the last. none: all of it once the canary is verified.",
    )
    countersign_stop_on: Outcomes = Field(
        frozenset({Outcome.FAILED, Outcome.UNKNOWN}),
        description="Outcomes of which the first one stops the rest of a deletion: accepted, already gone, "
        "changed, failed, refused, unknown; none for never.",
    )
    countersign_typed_from: int = Field(
        50,
        ge=1,
        description="From this many items on, approving asks to type their number; to be never asked, a number "
        "above COUNTERSIGN_MAX_ITEMS.",
    )
    countersign_max_items: int = Field(100, ge=1, le=100_000, description="Items that one proposal may delete.")
    countersign_max_open: int = Field(
        10, ge=1, le=10_000, description="Proposals of one person that may be open at the same time."
    )
    countersign_max_per_hour: int = Field(
        30, ge=1, le=10_000, description="Proposals that one person may make in an hour."
    )
    countersign_max_daily: int | None = Field(
        None,
        ge=1,
        description="Items that one person may delete in 24 hours, open proposals counted; by default 5 times "
        "COUNTERSIGN_MAX_ITEMS.",
    )
    countersign_max_daily_team: int | None = Field(
        None,
        ge=1,
        description="Items that all together may delete in 24 hours, open proposals counted; by default 20 times "
        "COUNTERSIGN_MAX_ITEMS.",
    )
    countersign_max_gigabytes: int = Field(1_000, ge=1, description="Gigabytes that one proposal may delete.")
    countersign_image_domains: Domains = Field(
        frozenset(), description="Domains whose image URLs may be deleted; without one, images go by id only."
    )
    countersign_reasons: Reasons = Field(
        (),
        description="Reasons that the form of /vod delete suggests, separated by semicolons, each of at most 75 "
        "characters; people can always write their own.",
    )
    countersign_language: Annotated[str, BeforeValidator(_language)] = Field(
        ENGLISH.name,
        description="Language of the channels, such as en or zh_CN; private answers are in the reader's own.",
    )
    countersign_lease_seconds: float = Field(
        30, ge=2, le=600, description="Seconds after which another instance takes over a crashed one's work."
    )
    countersign_message_seconds: float = Field(
        1, ge=0, le=60, description="Seconds between messages to one channel; Slack allows about one a second."
    )
    countersign_worker_threads: int = Field(8, ge=1, le=64, description="Jobs worked on at the same time.")

    database_url: Annotated[SecretStr, AfterValidator(_database)] = Field(
        SecretStr(database_url.DEFAULT),
        description="Where the record is kept: sqlite:///path, or postgresql://user:password@host:5432/name.",
    )
    countersign_sqlite_on_vanishing_disk: Annotated[
        Literal["yes", "no"], BeforeValidator(environment.yes_or_no)
    ] = Field(
        "no",
        description="yes: the SQLite file is on a mounted disk that outlives the instance, although Heroku, App "
        "Engine or Cloud Run runs it.",
    )
    host: str = Field("0.0.0.0", description="Address that the HTTP server listens on.")  # noqa: S104 - a container's only way to be reached
    port: int = Field(3000, ge=0, le=65535, description="Port that the HTTP server listens on.")
    countersign_worker_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port on which `worker` alone answers for health and metrics; without it, it opens none.",
    )
    log_level: Annotated[str, BeforeValidator(environment.level)] = Field("INFO", description="Least level logged.")

    @property
    def socket_mode(self) -> bool:
        """Say whether the bot calls Slack (Socket Mode) or Slack calls the bot (HTTP)."""
        return self.slack_app_token is not None

    @property
    def proposers(self) -> frozenset[str]:
        """Return who may propose: the approvers, unless others are named."""
        return self.countersign_proposers or self.countersign_approvers

    @property
    def max_daily(self) -> int:
        """Return how many items one person may delete in a day."""
        return self.countersign_max_daily or PERSON_TIMES * self.countersign_max_items

    @property
    def max_daily_team(self) -> int:
        """Return how many items all together may delete in a day."""
        return self.countersign_max_daily_team or max(TEAM_TIMES * self.countersign_max_items, self.max_daily)

    @property
    def language(self) -> Language:
        """Return the language of the channels, and of people whose own is not known."""
        return languages()[self.countersign_language]

    @property
    def database(self) -> Address:
        """Return where the record is kept."""
        return parse(self.database_url.get_secret_value())


def markdown() -> str:
    """Return every setting as a Markdown table."""
    lines = ["| variable | default | what it is for |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        required = "required" if field.is_required() else ""
        default = (
            ", ".join(sorted(field.default)) if isinstance(field.default, frozenset | tuple) else field.default
        )
        # The one secret with a default has one that everybody may know.
        default = default.get_secret_value() if isinstance(default, SecretStr) else default
        shown = required or (f"`{default}`" if default not in (None, "") else "")
        lines.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings; SettingsError names everything that is missing or wrong at once."""
    given = environment.given(environ, Settings.model_fields)
    problems = [*_unknown(environ), *_across(given), *_traps(environ, given), *_too_few(given), *_lasting(environ)]
    try:
        settings = Settings.model_validate(given)
    except ValidationError as exc:
        raise SettingsError([*(_problem(error) for error in exc.errors(include_input=False)), *problems]) from None
    problems += [*_small_days(settings), *_idle_mentions(settings)]
    if problems:
        raise SettingsError(problems)
    return settings


def _small_days(settings: Settings) -> list[str]:
    """Find caps for a day that are smaller than that of one proposal, which nobody could then make."""
    caps = {
        "COUNTERSIGN_MAX_DAILY": settings.countersign_max_daily,
        "COUNTERSIGN_MAX_DAILY_TEAM": settings.countersign_max_daily_team,
    }
    most = settings.countersign_max_items
    return [
        f"{name} is {cap}, less than COUNTERSIGN_MAX_ITEMS ({most}): raise the one or lower the other."
        for name, cap in caps.items()
        if cap is not None and cap < most
    ]


def _idle_mentions(settings: Settings) -> list[str]:
    """Find people who would be pinged for what they cannot approve."""
    people = {each for each in settings.countersign_mention if not each.startswith((APPROVERS, GROUP))}
    idle = len(people - settings.countersign_approvers)
    return [f"COUNTERSIGN_MENTION names {idle} who are not in COUNTERSIGN_APPROVERS."] if idle else []


def _problem(error: Any) -> str:
    name = str(error["loc"][0]).upper()
    if error["type"] == "missing":
        return f"{name} is not set. {Settings.model_fields[name.lower()].description}"
    return f"{name}: {str(error['msg']).removeprefix('Value error, ')}"


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = {name.upper().removeprefix(PREFIX): name.upper() for name in Settings.model_fields}
    found = []
    for name in sorted(environ):
        ours = name.upper().startswith(PREFIX) and not environment.is_service_link(name, environ[name])
        if ours and name not in known.values():
            near = difflib.get_close_matches(name.upper().removeprefix(PREFIX), known, n=1)
            found.append(f"{name} is not a setting.{f' Did you mean {known[near[0]]}?' if near else ''}")
    return found


def _across(given: Mapping[str, str]) -> list[str]:
    """Find what is wrong between settings."""
    found = []
    if "slack_signing_secret" not in given and "slack_app_token" not in given:
        found.append("Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP): neither is set.")
    has_key = "vod_access_key_id" in given and "vod_access_key_secret" in given
    if not has_key and "vod_ecs_role" not in given:
        found.append("Set VOD_ACCESS_KEY_ID and VOD_ACCESS_KEY_SECRET, or VOD_ECS_ROLE on an ECS instance.")
    others = {"vod_access_key_id", "vod_access_key_secret", "vod_security_token", "vod_role_arn"}
    if "vod_ecs_role" in given and not others.isdisjoint(given):
        found.append("VOD_ECS_ROLE stands alone: unset the access key, its token and VOD_ROLE_ARN, or unset it.")
    if "vod_role_arn" in given and "vod_security_token" in given:
        found.append("Set VOD_ROLE_ARN or VOD_SECURITY_TOKEN, not both.")
    channel = given.get("countersign_audit_channel")
    if channel is not None and channel == given.get("countersign_approvals_channel"):
        found.append("COUNTERSIGN_AUDIT_CHANNEL: cards and the audit log need a channel each. Name another.")
    try:
        Endpoint(given.get("vod_region", "cn-shanghai"), given.get("vod_endpoint"))
    except ValueError as exc:
        found.append(f"VOD_REGION or VOD_ENDPOINT: {exc}.")
    return found


def _lasting(environ: Mapping[str, str]) -> list[str]:
    """Find a record that would be lost; an address that cannot be parsed is another problem."""
    try:
        database_url.address(environ)
    except database_url.VanishingError as exc:
        return [str(exc)]
    except StorageError:
        return []
    return []


def _traps(environ: Mapping[str, str], given: Mapping[str, str]) -> list[str]:
    """Find variables that libraries read behind our back, empty ones too."""
    found = []
    if "SLACK_CLIENT_ID" in environ and "SLACK_CLIENT_SECRET" in environ:
        found.append("Unset SLACK_CLIENT_ID and SLACK_CLIENT_SECRET: with both set, Bolt ignores the bot token.")
    bundle = environ.get("SSL_CERT_FILE", "")
    if bundle and not Path(bundle).is_file():
        found.append("SSL_CERT_FILE names no file: no certificate could be checked. Correct it or unset it.")
    plain_key = {"vod_security_token", "vod_role_arn", "vod_ecs_role"}.isdisjoint(given)
    if "ALIYUN_ACCESS_KEY_ID" in environ and not plain_key:
        found.append("Unset ALIYUN_ACCESS_KEY_ID: the Alibaba SDK would use it instead of the role or token.")
    return found


def _too_few(given: Mapping[str, str]) -> list[str]:
    """Find a quorum that nobody could reach; whatever else is wrong with the settings."""
    try:
        quorum = Settings.model_validate({**STAND_INS, **{n: given[n] for n in QUORUM if n in given}})
    except ValidationError:
        return []
    approvers, needed = quorum.countersign_approvers, quorum.countersign_approvals_needed
    if EVERY_MEMBER in approvers:
        return ["COUNTERSIGN_APPROVERS: name people; not every member may approve."]
    if len(approvers) < needed:
        return [f"COUNTERSIGN_APPROVERS names {len(approvers)}, but COUNTERSIGN_APPROVALS_NEEDED is {needed}."]
    proposers = quorum.proposers
    if EVERY_MEMBER not in proposers and all(len(approvers - {proposer}) < needed for proposer in proposers):
        nobody = f"COUNTERSIGN_APPROVERS names {len(approvers)}, and {needed} besides the proposer must approve"
        return [f"{nobody}: nobody could. Name another approver, or other people in COUNTERSIGN_PROPOSERS."]
    return []
