"""Settings that are in order, and what may be wrong with each of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.settings import SettingsError, load

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-not-a-real-token",
    "SLACK_SIGNING_SECRET": "not-a-real-signing-secret",
    "VOD_ACCESS_KEY_ID": "LTAInotARealKey",
    "VOD_ACCESS_KEY_SECRET": "not-a-real-key-secret",
    "COUNTERSIGN_APPROVALS_CHANNEL": "C012AB3CD",
    "COUNTERSIGN_AUDIT_CHANNEL": "G012AB3CE",
    "COUNTERSIGN_APPROVERS": "U012AB3CD, U012AB3CE W012AB3CF",
}
"""The least that has to be set."""

NEEDED_ALONE = ("SLACK_BOT_TOKEN", *(name for name in GOOD if name.startswith("COUNTERSIGN_")))
"""What nothing else can stand in for."""


@dataclass(frozen=True)
class Sample:
    """Values of one setting: some that are taken, some that are not."""

    taken: tuple[str, ...]
    refused: tuple[str, ...] = ()


WORD = Sample(("xoxb-1", "a~!"), ("two words", "xoxb-1\nX-Header: 1", "„quoted“", "xoxb-…"))
CHANNEL = Sample(("C1", "G0Z"), ("#general", "general", "c012ab3cd", "D012AB3CD", "C", "C012 C013", "C0²"))
WHOLE = ("", "one", "1.5", "0x10", "-1", "0", "1e3")


def whole(*taken: str, above: str | None = None) -> Sample:
    """Return samples of a number that counts something; ``above`` is one too many."""
    return Sample(taken, (*WHOLE[1:], *([above] if above else [])))


SAMPLES: Mapping[str, Sample] = {
    "SLACK_BOT_TOKEN": WORD,
    "SLACK_SIGNING_SECRET": WORD,
    "SLACK_APP_TOKEN": WORD,
    "SLACK_API_URL": Sample(
        (
            "https://slack.com/api",
            "https://slack-gov.com/api/",
            "http://127.0.0.1:8710/api/",
            "http://localhost/api",
        ),
        (
            "slack.com/api",
            "ftp://slack.com/",
            "https://",
            "http://[half",
            "https://slack.com:99999/",
            "https://a:0/",
        ),
    ),
    "VOD_REGION": Sample(("cn-shanghai", "ap-southeast-1"), ("mars", "CN-SHANGHAI", "cn shanghai")),
    "VOD_ENDPOINT": Sample(
        ("https://vod.example.com", "http://127.0.0.1:8711"),
        (
            "vod.example.com",
            "http://vod.example.com",
            "https://a:b@vod.example.com",
            "https://vod.example.com/x",
            "//",
        ),
    ),
    "VOD_STS_ENDPOINT": Sample(
        ("https://sts-vpc.cn-shanghai.aliyuncs.com", "none", "None", "http://127.0.0.1:8711"),
        ("sts.aliyuncs.com", "http://sts.aliyuncs.com", "https://sts.aliyuncs.com/x", "https://1.2.3.4"),
    ),
    "VOD_ACCESS_KEY_ID": Sample(("LTAI1",)),
    "VOD_ACCESS_KEY_SECRET": WORD,
    "VOD_SECURITY_TOKEN": WORD,
    "VOD_ROLE_ARN": Sample(("acs:ram::1:role/deleter",)),
    "VOD_ECS_ROLE": Sample(("deleter",)),
    "COUNTERSIGN_APPROVALS_CHANNEL": CHANNEL,
    "COUNTERSIGN_AUDIT_CHANNEL": CHANNEL,
    "COUNTERSIGN_APPROVERS": Sample(
        ("U1 U2", "W1,U2", "U1,\tU2 ,, U3"),
        ("ana", "@U1 U2", "U1;U2", "u1 u2", "C012AB3CD U1", "U¹ U2", "members", ","),
    ),
    "COUNTERSIGN_PROPOSERS": Sample(("members", "U1", "U1 members"), ("everybody", "MEMBERS", "@U1")),
    "COUNTERSIGN_MENTION": Sample(
        ("approvers", "nobody", "S012AB3CD", "S012AB3CD, U012AB3CD W012AB3CF"),
        ("approvers nobody", "everybody", "@media", "C012AB3CD", "<!channel>", "here", "s012ab3cd", ","),
    ),
    "COUNTERSIGN_REMINDERS": Sample(("yes", "no", "Off", "1"), ("daily", "2")),
    "COUNTERSIGN_OPERATORS": Sample(("C012AB3CD", "G1", "U012AB3CD", "W1"), ("#ops", "@ana", "S012AB3CD", "C1 C2")),
    "COUNTERSIGN_READERS": Sample(("members", "U1", "U1 members"), ("everybody", "MEMBERS", "@U1")),
    "COUNTERSIGN_APPROVALS_NEEDED": whole("1", "2", above="21"),
    "COUNTERSIGN_EXPIRES_HOURS": Sample(("24", "0.5", "336"), ("0", "-1", "337", "nan", "inf", "a day")),
    "COUNTERSIGN_EXECUTE_HOURS": Sample(("24", "0.5", "336"), ("0", "-1", "337", "nan", "inf", "a day")),
    "COUNTERSIGN_HOLD_SECONDS": Sample(("0", "60", "1209600"), ("-1", "1209601", "0.5", "a minute")),
    "COUNTERSIGN_CANARY_FROM": Sample(("2", "50", "1000000"), ("1", "0", "-1", "2.5", "never")),
    "COUNTERSIGN_RAMP": Sample(
        ("none", "None", "1", "1 for 5s", "1, 20, 10% for 30s", "1 5s,20 for 10 s,5 % for 30 seconds,50% for 9s"),
        ("0", "20", "10% for 30s", "1, 1", "1, 10%", "1, 100% for 5s", "1, 10% for 5s, 20", "1, 2000", "all"),
    ),
    "COUNTERSIGN_MAX_DAILY": Sample(("100", "500", "1000000"), ("0", "-1", "2.5", "never")),
    "COUNTERSIGN_MAX_DAILY_TEAM": Sample(("100", "2000", "1000000"), ("0", "-1", "2.5", "never")),
    "COUNTERSIGN_TYPED_FROM": Sample(("1", "50", "1000000"), ("0", "-1", "2.5", "never")),
    "COUNTERSIGN_STOP_ON": Sample(
        ("none", "NONE", "failed", "failed, unknown", "already gone,refused,", "Accepted , changed"),
        ("deleted", "stopped", "protected", "failed unknown", "none, failed", "everything", "failed; unknown"),
    ),
    "COUNTERSIGN_MAX_ITEMS": whole("1", "100000", above="100001"),
    "COUNTERSIGN_MAX_OPEN": whole("1", "10000", above="10001"),
    "COUNTERSIGN_MAX_PER_HOUR": whole("1", "10000", above="10001"),
    "COUNTERSIGN_MAX_GIGABYTES": whole("1", "100000"),
    "COUNTERSIGN_IMAGE_DOMAINS": Sample(
        ("images.example.com", "a.example.com,127.0.0.1:8711"),
        ("https://images.example.com", "images.example.com/", "*.example.com", "a b_c"),
    ),
    "COUNTERSIGN_LEASE_SECONDS": Sample(("2", "30.5", "600"), ("1", "601", "nan", "inf", "soon")),
    "COUNTERSIGN_REASONS": Sample(
        ("Rights expired; Duplicate", "版权到期;重复", " ; "),
        ("x" * 76, ";".join(f"reason {n}" for n in range(51))),
    ),
    "COUNTERSIGN_LANGUAGE": Sample(("en", "zh_CN", "zh-CN", "zh"), ("fr", "klingon")),
    "COUNTERSIGN_MESSAGE_SECONDS": Sample(("0", "1", "60"), ("-1", "61", "nan", "often")),
    "COUNTERSIGN_WORKER_THREADS": whole("1", "64", above="65"),
    "DATABASE_URL": Sample(
        (
            "sqlite:///countersign.db",
            "sqlite:////var/lib/countersign.db",
            "postgresql://user:password@db.example.com:5432/countersign?sslmode=require",
            "postgres://user:p%40ss@db.example.com/countersign",
        ),
        (
            "countersign.db",
            "sqlite://countersign.db",
            "mysql://a:b@c/d",
            "sqlite:///",
            "sqlite:///:memory:",
            "postgresql://a:b@c",
            "postgresql://a:b@c:port/d",
            "postgresql://a:b@c@d/e",
            "postgresql+psycopg://a:b@c/d",
        ),
    ),
    "COUNTERSIGN_SQLITE_ON_VANISHING_DISK": Sample(
        ("yes", "no", "true", "1", "YES", "on", "Off", "'no'"), ("maybe", "2", "ja")
    ),
    "HOST": Sample(("127.0.0.1", "::1")),
    "PORT": Sample(("0", "8080", "65535"), ("http", "65536", "-1", "80.5")),
    "COUNTERSIGN_WORKER_PORT": Sample(("0", "9100", "65535"), ("http", "65536", "-1", "80.5")),
    "LOG_LEVEL": Sample(("DEBUG", "ERROR", "info", "Warning", " warn ", '"INFO"'), ("LOUD", "INFO WARNING", "10")),
}
"""Every setting, by the name of its variable."""


def problems(environ: Mapping[str, str]) -> list[str]:
    """Return what is wrong with these settings; nothing when they are taken."""
    try:
        load(environ)
    except SettingsError as exc:
        return exc.problems
    return []
