"""The four ways to identify the bot to Alibaba, and what the SDK is given for each."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aliyunsdkcore.auth import credentials as sdk

OVERRIDING = ("ALIYUN_ACCESS_KEY_ID", "ALIYUN_ACCESS_KEY_SECRET")


@dataclass(frozen=True)
class AccessKey:
    """A RAM user's long-lived key."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class StsToken:
    """A temporary key somebody else fetched; it is not renewed here."""

    id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True)
class RamRole:
    """A role assumed with a key: AssumeRole at sts.aliyuncs.com, for an hour, renewed by the SDK at 80 % of it."""

    role_arn: str
    session_name: str
    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class EcsRole:
    """The role of the ECS instance the bot runs on, from the instance's metadata service."""

    role_name: str


Credentials = AccessKey | StsToken | RamRole | EcsRole


_ROLE_ARN = re.compile(r"acs:ram::([0-9]{5,32}):role/.+")


def fingerprint(credentials: Credentials) -> str:
    """What stands for the account where STS does not tell it: the same for as long as the identity is.

    Of a role to be assumed its name tells the account itself; of everything else it is a digest, never a key.
    """
    match credentials:
        case RamRole(role_arn=arn):
            named = _ROLE_ARN.fullmatch(arn)
            return named[1] if named else f"role-{_digest(arn)}"
        case EcsRole(role_name=name):
            return f"role-{_digest(name)}"
        case AccessKey(id=key) | StsToken(id=key):
            return f"key-{_digest(key)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def for_sdk(credentials: Credentials, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The keyword arguments that make an `AcsClient` use exactly these credentials.

    Raises ValueError where the SDK would use others: with `ALIYUN_ACCESS_KEY_ID` and
    `ALIYUN_ACCESS_KEY_SECRET` in the environment it ignores every credential except a plain key. Also for an
    empty part.
    """
    _refuse_empty(credentials)
    if isinstance(credentials, AccessKey):
        return {"ak": credentials.id, "secret": credentials.secret}
    _refuse_override(credentials, os.environ if environ is None else environ)
    match credentials:
        case StsToken():
            credential = sdk.StsTokenCredential(credentials.id, credentials.secret, credentials.token)
        case RamRole():
            credential = sdk.RamRoleArnCredential(
                credentials.id,
                credentials.secret,
                credentials.role_arn,
                credentials.session_name,
            )
        case EcsRole():
            credential = sdk.EcsRamRoleCredential(credentials.role_name)
    return {"credential": credential}


def _refuse_empty(credentials: Credentials) -> None:
    for name, value in vars(credentials).items():
        if not value or value.strip() != value:
            raise ValueError(f"{type(credentials).__name__}: {name} is empty or has blanks around it")


def _refuse_override(credentials: Credentials, environ: Mapping[str, str]) -> None:
    if all(name in environ for name in OVERRIDING):
        raise ValueError(
            f"{' and '.join(OVERRIDING)} are set, and the Alibaba SDK would use them instead of the"
            f" {type(credentials).__name__} it was given. Unset them, or use them as a plain AccessKey.",
        )
