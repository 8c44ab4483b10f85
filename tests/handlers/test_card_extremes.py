"""The card at its limits, and with outside text that would like to be more than text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient

from deletion.approval.ending import Ending
from deletion.audit.messages.audience import LISTED_ON_CARD
from deletion.plan.facts import Warn
from deletion.terms.results.findings import LeftOut
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from handlers.cards import ids, proposal_card
from handlers.cards.parts.fitting import MOST, ROOM, clip_to_weight, fitted, weight
from handlers.commands.verbs import status
from handlers.text.blocks import Message, plain_section
from handlers.text.escaping import escape
from handlers.text.language import ENGLISH
from sandbox.slack import SlackSandbox
from sandbox.slack.model.block_kit.blocks import message_problems, texts
from tests.handlers.samples import (
    APPROVER,
    BIDI,
    HOSTILE,
    KINDS,
    PROPOSER,
    WITHOUT_PLAN,
    Sample,
    hidden_characters,
    media_id,
    mrkdwn_texts,
    outside_code,
    patient,
    view,
)

COUNTS = (1, LISTED_ON_CARD, LISTED_ON_CARD + 1, 1_000)
TITLES = {
    "empty": "",
    "blank": "   ",
    "500 characters": "t" * 500,
    "500 ampersands": "&" * 500,
    "markup": HOSTILE,
    "bidirectional": BIDI,
    "Chinese": "春季发布会预告片" * 60,
    "formula": "=cmd|'/c calc'!A1",
    "long words": "\u200b" * 500,
}
LARGEST_FACTS = {
    "title": HOSTILE.ljust(500, "t"),
    "category": HOSTILE,
    "tags": tuple(f"tag {n} {HOSTILE}" for n in range(20)),
    "status": "x" * 300,
    "storage_class": "x" * 200,
    "cover": "https://img.example/" + "x" * 2_900,
}
LEFT_OUT = [(media_id(n), LeftOut.MISSING) for n in range(50)]
DRIFT = [(media_id(n), "title", HOSTILE * 5, BIDI * 20) for n in range(40)]
LEGITIMATE = {f"<@{PROPOSER}>", f"<@{APPROVER}>"}


def assert_slack_takes(message: Message) -> None:
    assert message_problems(list(message.blocks)) == []
    assert weight(message.blocks) <= ROOM
    assert len(message.text) <= 4_000
    assert hidden_characters(message) == []


def extreme(state: State, kind: str, count: int) -> Sample:
    return Sample(
        state,
        kind,
        count=min(count, KINDS[kind].most),
        reason=HOSTILE.ljust(500, "&"),
        facts=LARGEST_FACTS,
        left_out=LEFT_OUT,
        warnings=tuple(Warn),
        drift=DRIFT,
        ending=Ending(actor=APPROVER, why=HOSTILE.ljust(500, "<")),
        outcomes=(Outcome.REFUSED, Outcome.UNKNOWN),
    )


@pytest.mark.parametrize(
    ("kind", "count"), [*((kind, count) for kind in KINDS for count in COUNTS[:3]), ("videos", COUNTS[3])]
)
def test_slack_takes_a_card_with_everything_at_its_largest(kind: str, count: int) -> None:
    for state in State if count < LISTED_ON_CARD else (State.PENDING, State.FINISHED):
        made = view(extreme(state, kind, count))
        assert_slack_takes(proposal_card.card(ENGLISH, made))
        assert_slack_takes(status.shown(ENGLISH, made))


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("kind", KINDS)
def test_slack_takes_every_title(kind: str, title: str) -> None:
    assert_slack_takes(proposal_card.card(ENGLISH, view(Sample(kind=kind, count=3, facts={"title": title}))))


@settings(patient, max_examples=50)
@given(
    title=st.text(max_size=600),
    reason=st.text(min_size=1, max_size=500),
    tags=st.lists(st.text(max_size=60), max_size=20),
    kind=st.sampled_from(sorted(KINDS)),
    state=st.sampled_from(sorted(set(State) - WITHOUT_PLAN)),
)
def test_slack_takes_whatever_people_called_their_media(
    title: str, reason: str, tags: list[str], kind: str, state: State
) -> None:
    facts = {"title": title.encode("utf-8", "replace").decode(), "category": title[:64], "status": title[:20]}
    facts = {name: text.encode("utf-8", "replace").decode() for name, text in facts.items()}
    shown = tuple(tag.encode("utf-8", "replace").decode() for tag in tags)
    assert_slack_takes(
        proposal_card.card(ENGLISH, view(Sample(state, kind, reason=reason, facts={**facts, "tags": shown})))
    )


@pytest.mark.parametrize("title", ["t" * 128, "&" * 128, "春季发布会预告片" * 16])
def test_with_titles_as_long_as_vod_takes_them_every_item_is_still_named_and_can_be_decided_on(title: str) -> None:
    warnings = (Warn.RECENT, Warn.NOT_NORMAL, Warn.OTHER_APPLICATION)
    sample = Sample(count=LISTED_ON_CARD, facts={"title": title}, warnings=warnings, reason="r" * 500)
    message = proposal_card.card(ENGLISH, view(sample))
    assert_slack_takes(message)
    numbered = [text for text in texts(list(message.blocks)) if re.match(r"\d+\. ", text)]
    assert len(numbered) == LISTED_ON_CARD
    assert all(media_id(number) in text for number, text in enumerate(numbered, 1))
    assert all("recent" in text for text in numbered)
    assert any(block["type"] == "actions" for block in message.blocks)


@pytest.mark.parametrize("kind", KINDS)
def test_at_its_largest_a_card_shows_as_many_items_as_ever_and_keeps_its_buttons(kind: str) -> None:
    message = proposal_card.card(ENGLISH, view(extreme(State.PENDING, kind, LISTED_ON_CARD)))
    numbered = [text for text in texts(list(message.blocks)) if re.match(r"\d+\. ", text)]
    assert len(numbered) == min(LISTED_ON_CARD, KINDS[kind].most)
    assert any(block["type"] == "actions" for block in message.blocks)


def test_a_card_with_room_for_everything_says_everything() -> None:
    message = proposal_card.card(ENGLISH, view(Sample(count=LISTED_ON_CARD)))
    told = "\n".join(texts(list(message.blocks)))
    assert told.count("tags campaign, 2024") == LISTED_ON_CARD
    assert sum("accessory" in block for block in message.blocks) == LISTED_ON_CARD


@given(text=st.text(alphabet="a&<春", max_size=60), most=st.integers(1, 80))
def test_a_text_is_cut_to_its_weight_and_says_so(text: str, most: int) -> None:
    cut = clip_to_weight(text, most)
    assert len(escape(cut)) <= most
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))
    assert cut == text or len(escape(text)) > most


@pytest.mark.parametrize(("kind", "count"), [*((kind, 19) for kind in KINDS), ("videos", 1), ("videos", 1_000)])
def test_labels_and_dialogs_keep_to_their_limits_and_their_number(kind: str, count: int) -> None:
    made = view(extreme(State.PENDING, kind, count))
    found = [block for block in proposal_card.card(ENGLISH, made).blocks if block["type"] == "actions"]
    assert len(found) == (2 if count > LISTED_ON_CARD else 1)
    actions = found[-1]
    approve = actions["elements"][0]
    assert approve["action_id"] == ids.APPROVE
    assert f"{min(count, KINDS[kind].most):,} " in approve["text"]["text"]
    assert all(len(button["text"]["text"]) <= 75 for button in actions["elements"])
    dialog = approve["confirm"]
    assert len(dialog["text"]["text"]) <= 300
    assert len(dialog["title"]["text"]) <= 100
    assert dialog["text"]["text"].endswith("Every item is read again before your approval counts.")


def test_of_many_left_out_the_rest_is_counted() -> None:
    shown = "\n".join(texts(list(proposal_card.card(ENGLISH, view(Sample(left_out=LEFT_OUT))).blocks)))
    assert "*Not in this proposal* (50 of those asked for):" in shown
    assert f"{media_id(9)}: not found in VOD\n… and 40 more" in shown


def test_of_many_changes_the_rest_is_counted() -> None:
    shown = "\n".join(texts(list(proposal_card.card(ENGLISH, view(Sample(drift=DRIFT))).blocks)))
    assert "… and 32 more changes" in shown


@pytest.mark.parametrize("state", sorted(set(State) - WITHOUT_PLAN))
@pytest.mark.parametrize("kind", KINDS)
def test_outside_words_stand_in_plain_text_or_as_code(kind: str, state: State) -> None:
    message = proposal_card.card(ENGLISH, view(extreme(state, kind, 3)))
    assert [text for text in mrkdwn_texts(message) if "*bold*" in outside_code(text)] == []


def test_posted_to_slack_no_outside_word_mentions_or_links(local_slack: SlackSandbox) -> None:
    local_slack.rate.enabled = False
    client = WebClient(local_slack.bot_token, base_url=local_slack.api_url, retry_handlers=[])
    channel = local_slack.channel("vod-deletions").id
    messages = [proposal_card.card(ENGLISH, view(extreme(state, kind, 3))) for state in State for kind in KINDS]
    for message in messages:
        client.chat_postMessage(channel=channel, text=message.text, blocks=list(message.blocks))
    posted = local_slack.messages("vod-deletions")
    assert len(posted) == len(messages)
    assert {name for message in posted for name in message.broadcasts} <= LEGITIMATE
    formatted = [text for message in messages for text in (message.text, *mrkdwn_texts(message))]
    links = r"<https://vod\.console\.aliyun\.com/#/media/video/detail/[0-9a-f]{32}/video\|[^<>|]+>"
    assert not [text for text in formatted if re.search(r"<(?!@|!date\^)", re.sub(links, "", text))]


@pytest.mark.parametrize("text", ["w", "&"])
def test_a_message_that_is_too_heavy_is_cut_and_keeps_its_buttons(text: str) -> None:
    actions = {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Stop"}}]}
    message = Message("what it says", (*(plain_section(text * 3_000) for _ in range(48)), actions))
    cut = fitted(message)
    assert weight(cut.blocks) <= MOST
    assert cut.blocks[-1] == actions
    assert cut.text == message.text
    assert fitted(cut) is cut


@pytest.mark.parametrize("state", sorted(State))
@pytest.mark.parametrize("kind", KINDS)
def test_a_short_card_holds_no_item_and_every_button_of_the_whole_one(kind: str, state: State) -> None:
    made = view(extreme(state, kind, LISTED_ON_CARD))
    short, whole = proposal_card.short(ENGLISH, made), proposal_card.card(ENGLISH, made)
    assert_slack_takes(short)
    assert weight(short.blocks) < 5_000
    assert [block for block in short.blocks if block["type"] == "actions"] == [
        block for block in whole.blocks if block["type"] == "actions"
    ]
