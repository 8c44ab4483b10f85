import pytest
from aliyunsdkcore.client import AcsClient

from vod.api.client import Endpoint, VodClient
from vod.sdk.credentials import AccessKey, Credentials, EcsRole, RamRole, StsToken, fingerprint, for_sdk

KEY = AccessKey("LTAIkey", "s3cret")
OTHERS: list[Credentials] = [
    StsToken("STS.key", "s3cret", "t0ken"),
    RamRole("acs:ram::1:role/vod", "countersign", "LTAIkey", "s3cret"),
    EcsRole("vod-role"),
]
OVERRIDE = {"ALIYUN_ACCESS_KEY_ID": "LTAIother", "ALIYUN_ACCESS_KEY_SECRET": "other"}


@pytest.mark.parametrize("credentials", [KEY, *OTHERS])
def test_no_secret_is_in_the_repr(credentials: Credentials) -> None:
    assert "s3cret" not in repr(credentials)
    assert "t0ken" not in repr(credentials)
    assert type(credentials).__name__ in repr(credentials)


@pytest.mark.parametrize("credentials", OTHERS)
def test_variables_that_would_override_a_credential_are_refused(credentials: Credentials) -> None:
    with pytest.raises(ValueError, match="ALIYUN_ACCESS_KEY_ID") as info:
        for_sdk(credentials, OVERRIDE)
    assert "other" not in str(info.value).replace("others", "")


def test_the_client_looks_at_the_environment_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OVERRIDE.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match="ALIYUN_ACCESS_KEY_ID"):
        VodClient(OTHERS[0], Endpoint("cn-shanghai"))


def test_a_plain_key_is_used_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OVERRIDE.items():
        monkeypatch.setenv(name, value)
    client = AcsClient(**for_sdk(KEY))
    assert (client.get_access_key(), client.get_access_secret()) == (KEY.id, KEY.secret)


def test_half_of_the_pair_overrides_nothing() -> None:
    assert "credential" in for_sdk(OTHERS[0], {"ALIYUN_ACCESS_KEY_ID": "LTAIother"})


@pytest.mark.parametrize(
    "credentials",
    [AccessKey("", "s"), AccessKey("a", ""), AccessKey("a", "s\n"), StsToken("a", "s", ""), EcsRole(" ")],
)
def test_an_empty_or_padded_part_is_refused(credentials: Credentials) -> None:
    with pytest.raises(ValueError, match="empty or has blanks"):
        for_sdk(credentials, {})


@pytest.mark.parametrize(
    ("credentials", "known_as"),
    [
        (AccessKey("LTAI1", "s"), "key-"),
        (StsToken("STS.1", "s", "t"), "key-"),
        (RamRole("acs:ram::1234567890123456:role/deleter", "countersign", "LTAI1", "s"), "1234567890123456"),
        (RamRole("deleter", "countersign", "LTAI1", "s"), "role-"),
        (EcsRole("deleter"), "role-"),
    ],
)
def test_an_identity_has_a_fingerprint_that_is_no_part_of_a_key(credentials: Credentials, known_as: str) -> None:
    found = fingerprint(credentials)
    assert found.startswith(known_as)
    assert found == fingerprint(credentials)
    assert "LTAI" not in found
    assert found != fingerprint(AccessKey("LTAI2", "s"))
