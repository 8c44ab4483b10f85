"""Who and what there is in the sandbox's workspace before anybody says a word: people, channels, groups."""

from dataclasses import dataclass

TEAM_ID = "T0COUNTER01"
TEAM_DOMAIN = "countersign-sandbox"
ENTERPRISE_ID = "E0COUNTER01"
PARTNER_TEAM_ID = "T0PARTNER01"
APP_ID = "A0COUNTER01"
BOT_ID = "B0COUNTER01"
BOT_USER_ID = "U0COUNTER01"
BOT_NAME = "countersign"
BOT_TOKEN = "xoxb-sandbox"
APP_TOKEN = "xapp-sandbox"
SIGNING_SECRET = "sandbox-signing-secret"
VERIFICATION_TOKEN = "sandbox-verification-token"


@dataclass(frozen=True)
class Person:
    """An account. `key` is the first name tests use; the flags are those of Slack's user object.

    In an Enterprise Grid `enterprise_id` is the person's one id of it; `answers_as` is the id that users.info
    answers with instead of this account's.
    """

    key: str
    id: str
    real_name: str
    team_id: str = TEAM_ID
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    locale: str = "en-US"
    tz: str = "Etc/UTC"
    enterprise_id: str | None = None
    answers_as: str | None = None

    @property
    def label(self) -> str:
        """The name others see."""
        return self.real_name.split(maxsplit=1)[0]


@dataclass(frozen=True)
class Channel:
    """A conversation. `direct_to` is the person's id when it is a direct message with the bot."""

    id: str
    name: str
    members: frozenset[str]
    is_private: bool = False
    is_archived: bool = False
    direct_to: str | None = None

    @property
    def kind(self) -> str:
        """The word scopes are named with: `channels`, `groups` or `im`."""
        if self.direct_to:
            return "im"
        return "groups" if self.is_private else "channels"


@dataclass(frozen=True)
class UserGroup:
    """A user group; `members` are user ids in the order they were added."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


def people() -> list[Person]:
    """Everybody, the bot included."""
    return [
        Person("ana", "U0ANA4K2M7Q", "Ana Duarte", is_admin=True),
        Person("bo", "U0BO93LXT6W", "Bo Lindqvist"),
        Person("cy", "U0CY5R8ZN1D", "Cy Okafor"),
        Person("dee", "U0DEE7H4PVC", "Dee Castellanos"),
        Person("gus", "U0GUS2J6BYE", "Gus Moreau", is_restricted=True),
        Person("sol", "U0SOL8Q3FKA", "Sol Haddad", is_restricted=True, is_ultra_restricted=True),
        Person("eve", "U0EVE1W9GRM", "Eve Tanaka", team_id=PARTNER_TEAM_ID, is_stranger=True),
        Person("kim", "U0KIM6X0DSU", "Kim Novak", deleted=True),
        Person("ron", "U0RON3C7VTB", "Ron the build bot", is_bot=True),
        Person(BOT_NAME, BOT_USER_ID, "Countersign", is_bot=True),
    ]


def channels(everybody: list[Person]) -> list[Channel]:
    """The channels and one direct message with the bot for each person who is not a bot."""
    ids = frozenset(person.id for person in everybody)
    guests = frozenset(person.id for person in everybody if person.is_ultra_restricted or person.is_stranger)
    return [
        Channel("C0VODDELETE", "vod-deletions", ids),
        Channel("C0VODAUDIT1", "vod-audit", ids - guests),
        Channel("C0GENERAL01", "general", ids - guests - {BOT_USER_ID}),
        Channel("C0PAYLOAD01", "payload-alerts", ids - guests),
        *(
            Channel("D0" + person.id[2:], "directmessage", frozenset({person.id, BOT_USER_ID}), direct_to=person.id)
            for person in everybody
            if not person.is_bot
        ),
    ]


def user_groups(everybody: list[Person]) -> list[UserGroup]:
    """The one group there is: the people who may approve."""
    ids = {person.key: person.id for person in everybody}
    return [UserGroup("S0APPROVERS", "media-approvers", "Media approvers", (ids["bo"], ids["cy"]))]
