import itertools
import traceback
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vod
from bot import clients, wiring
from bot.settings import Settings, SettingsError, load
from tests.bot.samples import GOOD, problems

SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "VOD_ACCESS_KEY_SECRET",
    "VOD_SECURITY_TOKEN",
)
IDENTITY = ("VOD_ACCESS_KEY_ID", "VOD_ACCESS_KEY_SECRET", "VOD_SECURITY_TOKEN", "VOD_ROLE_ARN", "VOD_ECS_ROLE")
KEY = frozenset({"VOD_ACCESS_KEY_ID", "VOD_ACCESS_KEY_SECRET"})
KINDS: dict[frozenset[str], type[vod.Credentials]] = {
    KEY: vod.AccessKey,
    KEY | {"VOD_SECURITY_TOKEN"}: vod.StsToken,
    KEY | {"VOD_ROLE_ARN"}: vod.RamRole,
    frozenset({"VOD_ECS_ROLE"}): vod.EcsRole,
}
SUBSETS = [frozenset(found) for size in range(6) for found in itertools.combinations(IDENTITY, size)]
OTHERS = {name: value for name, value in GOOD.items() if name not in IDENTITY}


@pytest.mark.parametrize("names", SUBSETS, ids=lambda names: "+".join(sorted(names)))
def test_of_all_combinations_of_keys_and_roles_only_the_four_that_mean_something_are_taken(
    names: frozenset[str],
) -> None:
    found = problems({**OTHERS, **dict.fromkeys(names, "a-value")})

    assert (found == []) == (names in KINDS)
    assert all("VOD_" in text for text in found)


@pytest.mark.parametrize(("names", "kind"), KINDS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_each_combination_makes_its_own_kind_of_credentials(
    names: frozenset[str], kind: type[vod.Credentials]
) -> None:
    credentials = clients.credentials(load({**OTHERS, **dict.fromkeys(names, "a-value")}))

    assert type(credentials) is kind
    assert set(vars(credentials).values()) <= {"a-value", "countersign"}


@pytest.mark.parametrize("value", ["LTAI1", ""])
@pytest.mark.parametrize("names", KINDS, ids=lambda names: "+".join(sorted(names)))
def test_keys_the_alibaba_sdk_would_use_by_itself_are_refused_beside_a_role_or_token(
    names: frozenset[str], value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = {"ALIYUN_ACCESS_KEY_ID": value, "ALIYUN_ACCESS_KEY_SECRET": value}
    environ = {**OTHERS, **dict.fromkeys(names, "a-value"), **trap}
    found = problems(environ)

    if names == KEY:
        for name in trap:
            monkeypatch.setenv(name, value)
        assert found == []
        clients.vod_client(load(environ)).close()
    else:
        assert len(found) == 1
        assert "ALIYUN_ACCESS_KEY_ID" in found[0]


@pytest.mark.parametrize("value", ["123.456", ""])
def test_variables_that_make_bolt_ignore_the_bot_token_are_refused_even_when_empty(value: str) -> None:
    assert problems({**GOOD, "SLACK_CLIENT_ID": value}) == [], "one alone does nothing"
    found = problems({**GOOD, "SLACK_CLIENT_ID": value, "SLACK_CLIENT_SECRET": value})

    assert len(found) == 1
    assert "SLACK_CLIENT_ID" in found[0]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_shows_in_no_text_made_of_the_settings(name: str) -> None:
    settings = load({**GOOD, "SLACK_APP_TOKEN": "xapp-1", name: "hunter2-hunter2"})
    shown = [repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump())]

    assert not any("hunter2" in text for text in shown)


def test_the_databases_password_shows_in_no_text_made_of_the_settings() -> None:
    settings = load({**GOOD, "DATABASE_URL": "postgres://user:hunter2@db.example.com/vod"})
    with closing(wiring.open_database(settings)) as database:
        shown = [repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump())]
        shown += [repr(settings.database), repr(database), database.place]

    assert not any("hunter2" in text for text in shown)
    assert database.place == "PostgreSQL database vod at db.example.com"
    assert settings.database.target == "postgresql://user:hunter2@db.example.com/vod"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:hunter2@db.example.com",
        "postgresql://user:hunter2@db.example.com:port/vod",
        "postgresql://user:2@hunter2@db.example.com/vod",
        "postgresql://user:2/hunter2@db.example.com/vod",
        "postgresql://user:hunter2%@db.example.com/vod",
        "mysql://user:hunter2@db.example.com/vod",
        "postgres:user:hunter2@db.example.com/vod",
    ],
)
def test_a_database_address_that_is_no_good_is_told_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({**GOOD, "DATABASE_URL": url})
    shown = [str(caught.value), repr(caught.value), *traceback.format_exception(caught.value)]

    assert not any("hunter2" in text for text in shown)
    assert len(caught.value.problems) == 1
    assert "postgresql://user:password@host:5432/name" in str(caught.value)


@pytest.mark.parametrize("name", [*(name.upper() for name in Settings.model_fields), "COUNTERSIGN_ELSE"])
@pytest.mark.parametrize("token", ["xoxb-123456-hunter2", "xoxb-123456-hunter2\nsecond line", "„hunter2“"])
def test_a_token_put_into_any_variable_is_not_repeated_in_an_error(name: str, token: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({**GOOD, "PORT": "not a port", name: token})
    shown = [str(caught.value), repr(caught.value), *traceback.format_exception(caught.value)]

    assert not any("hunter2" in text for text in shown)


@pytest.mark.parametrize("name", ["SLACK_API_URL", "VOD_ENDPOINT"])
@pytest.mark.parametrize(
    "url",
    [
        "http://slack.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://localhost@example.com",
        "HTTP://EXAMPLE.COM",
    ],
)
def test_plain_http_is_refused_to_anything_but_this_machine(name: str, url: str) -> None:
    assert len(problems({**GOOD, name: url})) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_plain_http_is_taken_to_this_machine(host: str) -> None:
    address = f"http://{host}:8710"
    settings = load({**GOOD, "SLACK_API_URL": address, "VOD_ENDPOINT": address})

    assert (settings.slack_api_url, settings.vod_endpoint) == (f"{address}/", address)


@given(
    st.dictionaries(st.sampled_from(sorted({*GOOD, *IDENTITY, "PORT", "SLACK_API_URL", "DATABASE_URL"})), st.text())
)
def test_whatever_the_environment_holds_the_answer_is_settings_or_a_list_of_problems(
    environ: dict[str, str],
) -> None:
    assert all(problems({**GOOD, **environ}))
