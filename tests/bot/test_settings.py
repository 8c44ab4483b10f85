import pytest

from bot.settings import Settings, load
from tests.bot.samples import GOOD, NEEDED_ALONE, SAMPLES, problems

TAKEN = [(name, value) for name, sample in SAMPLES.items() for value in sample.taken]
REFUSED = [(name, value) for name, sample in SAMPLES.items() for value in sample.refused]


def test_the_table_of_samples_names_every_setting() -> None:
    assert set(SAMPLES) == {name.upper() for name in Settings.model_fields}


def test_the_least_that_has_to_be_set_is_enough() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(("name", "value"), TAKEN)
def test_a_well_formed_value_is_taken(name: str, value: str) -> None:
    without = {"VOD_ACCESS_KEY_ID", "VOD_ACCESS_KEY_SECRET"} if name == "VOD_ECS_ROLE" else set()
    environ = {key: text for key, text in GOOD.items() if key not in without}

    assert problems({**environ, name: value}) == []
    assert problems({**environ, name: f"  {value}\n"}) == [], "blanks around a value do not matter"


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_malformed_value_is_told_by_the_name_of_its_setting_and_nothing_else(name: str, value: str) -> None:
    found = problems({**GOOD, name: value})

    assert len(found) == 1
    assert name in found[0]


@pytest.mark.parametrize("name", NEEDED_ALONE)
@pytest.mark.parametrize("blank", [None, "", "  \t"])
def test_a_required_setting_that_is_missing_or_blank_is_named_with_what_it_is_for(
    name: str, blank: str | None
) -> None:
    environ = {key: value for key, value in GOOD.items() if key != name}
    found = problems(environ if blank is None else {**environ, name: blank})

    assert found == [f"{name} is not set. {Settings.model_fields[name.lower()].description}"]


def test_with_nothing_set_everything_required_is_told_at_once() -> None:
    found = problems({})

    assert [text.partition(" ")[0] for text in found[: len(NEEDED_ALONE)]] == list(NEEDED_ALONE)
    assert found[len(NEEDED_ALONE) :] == [
        "Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP): neither is set.",
        "Set VOD_ACCESS_KEY_ID and VOD_ACCESS_KEY_SECRET, or VOD_ECS_ROLE on an ECS instance.",
    ]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong = {name: sample.refused[0] for name, sample in SAMPLES.items() if sample.refused}
    extra = {"COUNTERSIGN_MAX_ITEM": "1", "SLACK_CLIENT_ID": "1", "SLACK_CLIENT_SECRET": "2"}
    text = "\n".join(problems({**GOOD, **wrong, **extra}))

    assert [name for name in (*wrong, *extra) if name not in text] == []


def test_a_quorum_nobody_can_reach_is_told_together_with_what_is_malformed() -> None:
    found = problems({**GOOD, "COUNTERSIGN_APPROVERS": "U1", "PORT": "http", "SLACK_BOT_TOKEN": ""})

    assert len(found) == 3
    assert any("nobody could" in text for text in found)


def test_cards_and_the_audit_log_need_a_channel_each() -> None:
    (found,) = problems({**GOOD, "COUNTERSIGN_AUDIT_CHANNEL": GOOD["COUNTERSIGN_APPROVALS_CHANNEL"]})

    assert found.startswith("COUNTERSIGN_AUDIT_CHANNEL: cards and the audit log need a channel each.")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("COUNTERSIGN_APPROVER", "COUNTERSIGN_APPROVERS"),
        ("COUNTERSIGN_MAXITEMS", "COUNTERSIGN_MAX_ITEMS"),
        ("COUNTERSIGN_AUDIT_CHANEL", "COUNTERSIGN_AUDIT_CHANNEL"),
        ("COUNTERSIGN_PORT", "PORT"),
        ("countersign_max_items", "COUNTERSIGN_MAX_ITEMS"),
        ("COUNTERSIGN_XYZZY", None),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest_name(typed: str, meant: str | None) -> None:
    suggestion = f" Did you mean {meant}?" if meant else ""

    assert problems({**GOOD, typed: "5"}) == [f"{typed} is not a setting.{suggestion}"]


def test_variables_of_others_are_left_alone() -> None:
    others = {
        "PATH": "/bin",
        "host": "elsewhere",
        "Port": "x",
        "LOG_LEVELS": "?",
        "VOD_CHANNEL": "5",
        "SLACK_TEAM": "T",
    }
    settings = load({**GOOD, **others})

    assert (settings.host, settings.port) == ("0.0.0.0", 3000)  # noqa: S104 - the default in a container


@pytest.mark.parametrize(
    ("secrets", "socket_mode"),
    [
        ({"SLACK_SIGNING_SECRET"}, False),
        ({"SLACK_APP_TOKEN"}, True),
        ({"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"}, True),
    ],
)
def test_the_secrets_that_are_set_choose_between_http_and_socket_mode(
    secrets: set[str], *, socket_mode: bool
) -> None:
    environ = {name: value for name, value in GOOD.items() if name != "SLACK_SIGNING_SECRET"}

    assert load({**environ, **dict.fromkeys(secrets, "a-secret")}).socket_mode is socket_mode


@pytest.mark.parametrize(
    ("approvers", "proposers", "needed", "possible"),
    [
        ("U1 U2", "", 1, True),
        ("U1", "", 1, False),
        ("U1 U1 U1", "", 1, False),
        ("U1", "U1", 1, False),
        ("U1", "U2", 1, True),
        ("U1", "members", 1, True),
        ("U1", "members", 2, False),
        ("U1 U2", "", 2, False),
        ("U1 U2", "U1", 2, False),
        ("U1 U2", "U1 U2", 2, False),
        ("U1 U2", "U1 U3", 2, True),
        ("U1 U2", "members", 2, True),
        ("U1 U2 U3", "", 2, True),
        ("U1 U2 U3", "", 3, False),
        ("members U1 U2 U3", "", 1, False),
    ],
)
def test_approvers_that_could_never_make_a_quorum_are_refused(
    approvers: str, proposers: str, needed: int, *, possible: bool
) -> None:
    found = problems(
        {
            **GOOD,
            "COUNTERSIGN_APPROVERS": approvers,
            "COUNTERSIGN_PROPOSERS": proposers,
            "COUNTERSIGN_APPROVALS_NEEDED": str(needed),
        }
    )

    assert (found == []) is possible
    assert all("COUNTERSIGN_APPROVERS" in text for text in found)


def test_the_approvers_may_propose_unless_others_are_named() -> None:
    assert load(GOOD).proposers == {"U012AB3CD", "U012AB3CE", "W012AB3CF"}
    assert load({**GOOD, "COUNTERSIGN_PROPOSERS": "U1"}).proposers == {"U1"}


def test_image_domains_are_compared_in_lower_case() -> None:
    found = load({**GOOD, "COUNTERSIGN_IMAGE_DOMAINS": "Images.Example.COM"}).countersign_image_domains

    assert found == {"images.example.com"}
