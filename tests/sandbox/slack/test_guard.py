import pytest

from sandbox.guard import SECRETS, RealCredentialsError, refuse_real_credentials
from sandbox.slack import SlackSandbox


@pytest.mark.parametrize("name", SECRETS)
def test_a_real_secret_is_refused_without_being_shown(name: str) -> None:
    with pytest.raises(RealCredentialsError, match=name) as caught:
        refuse_real_credentials({name: "LTAI-something-real"})
    assert "LTAI" not in str(caught.value)


@pytest.mark.parametrize("value", ["", "  ", "xoxb-sandbox", "xapp-sandbox", "sandbox-key-id"])
def test_the_sandboxs_own_secrets_are_fine(value: str) -> None:
    refuse_real_credentials(dict.fromkeys(SECRETS, value))


def test_the_sandbox_does_not_start_beside_real_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-123-real")
    with pytest.raises(RealCredentialsError, match="SLACK_BOT_TOKEN"):
        SlackSandbox.start()
