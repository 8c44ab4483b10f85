"""Keeps the sandbox and real accounts apart: it will not start where real secrets are set."""

from collections.abc import Mapping

SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "VOD_ACCESS_KEY_ID",
    "ALIYUN_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
)
# What the sandbox itself hands out starts with one of these; Slack's and Alibaba Cloud's own never do.
OURS = ("xoxb-sandbox", "xapp-sandbox", "sandbox")


class RealCredentialsError(RuntimeError):
    """The environment holds a secret that is not the sandbox's own."""


def refuse_real_credentials(environ: Mapping[str, str]) -> None:
    """Raises RealCredentialsError, naming the variables but never their values."""
    real = [name for name in SECRETS if (value := environ.get(name, "").strip()) and not value.startswith(OURS)]
    if real:
        raise RealCredentialsError(
            f"The sandbox will not start: {', '.join(real)} looks like a real credential. "
            "Unset it, or use a shell without it, and start again."
        )
