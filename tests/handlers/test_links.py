"""Links to cards: the address Slack gives a message, or only the number."""

import pytest

from deletion.views import CardPlace
from handlers.text import links

PLACE = CardPlace("C0VODDELETE", "1767225600.000001")
ADDRESS = "https://example.slack.com/archives/C0VODDELETE/p1767225600000001"


@pytest.mark.parametrize("home", ["https://example.slack.com/", "https://example.slack.com"])
def test_a_card_is_linked_at_the_workspaces_address(home: str) -> None:
    assert links.permalink(home, PLACE) == ADDRESS
    assert links.to_card(4, PLACE, home) == f"<{ADDRESS}|#4>"


@pytest.mark.parametrize(
    "home", ["", "example.slack.com", "javascript:alert(1)//", "https://a|b>/", "https://a.example/x", "https://"]
)
def test_what_is_no_workspaces_address_is_no_link(home: str) -> None:
    assert links.permalink(home, PLACE) is None
    assert links.to_card(4, PLACE, home) == "#4"


def test_without_a_card_there_is_only_the_number() -> None:
    assert links.to_card(4, None, "https://example.slack.com/") == "#4"
