"""The Home tab on real wires: opened, pressed, shown anew, in its reader's language; nothing for strangers."""

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from deletion.terms.states import State
from handlers.cards import ids
from handlers.views import home as home_view
from sandbox.slack.model.block_kit.blocks import texts
from sandbox.vod import seed
from tests.catalogues import CHINESE
from tests.stage import Opener, Stage

TEASER = seed.SPRING_TEASER.video_id
TOUR = seed.WAREHOUSE_TOUR.video_id


def opened(stage: Stage, who: str) -> str:
    """Let somebody open their tab; return all that it says."""
    delivery = stage.slack.open_home(who)
    assert (delivery.error, delivery.status) == (None, 200)
    stage.settle()
    return seen(stage, who)


def seen(stage: Stage, who: str) -> str:
    view = stage.slack.home(who)
    assert view is not None
    return "\n".join(texts(view.blocks))


def buttons(stage: Stage, who: str) -> list[str]:
    view = stage.slack.home(who)
    assert view is not None
    return [each["action_id"] for each in elements(view.blocks)]


def elements(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield from block.get("elements", ()) if block["type"] == "actions" else ()
        yield from [block["accessory"]] if "accessory" in block else ()


def press(stage: Stage, who: str, button: str, number: int | None = None) -> str:
    delivery = stage.slack.press_at_home(who, button, match=f"#{number}" if number else None)
    assert (delivery.error, delivery.status) == (None, 200)
    stage.settle()
    return seen(stage, who)


def test_a_proposal_waits_for_approvers_and_is_its_proposers(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    told = opened(stage, "bo")
    assert "Waiting for your approval · 1" in told
    assert f"|#{number}>* ⏳ Waiting · 1 video" in told
    assert buttons(stage, "bo") == [home_view.REFRESH, ids.PROPOSE, ids.OPEN_CARD]
    told = opened(stage, "ana")
    assert "Your proposals, not decided yet · 1" in told
    assert "Waiting for your approval" not in told
    assert buttons(stage, "ana") == [home_view.REFRESH, ids.PROPOSE, ids.WITHDRAW]
    stage.click("bo", "Approve", number)
    assert "Nothing waits for your approval." in press(stage, "bo", "Refresh")


def test_the_form_opens_from_home_or_says_there_why_it_does_not(stage: Stage) -> None:
    opened(stage, "ana")
    delivery = stage.slack.press_at_home("ana", "Propose")
    assert (delivery.status, delivery.modal is not None) == (200, True)
    forged = stage.slack.press_at_home("eve", "Propose", view=stage.slack.home("ana"))
    assert (forged.status, forged.modal) == (200, None)
    stage.settle()
    assert "*Just now*: You belong to another workspace" in seen(stage, "eve")
    stage.slack.faults.add("error", "views.open", error="expired_trigger_id")
    assert "*Just now*: Slack could not open the form in time" in press(stage, "ana", "Propose")


def test_the_card_is_one_press_away(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    opened(stage, "bo")
    view = stage.slack.home("bo")
    assert view is not None
    (link,) = (each for each in elements(view.blocks) if each["action_id"] == ids.OPEN_CARD)
    assert link["url"].endswith(f"/archives/C0VODDELETE/p{stage.card(number).ts.replace('.', '')}")
    assert press(stage, "bo", ids.OPEN_CARD)


def test_what_is_on_hold_is_stopped_from_home_and_answered_there(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS="600")
    number = stage.propose("ana", f"video {TEASER}")
    stage.click("bo", "Approve", number)
    before = stage.answers("cy")
    assert "On hold or being deleted · 1" in opened(stage, "cy")
    shown = stage.slack.press_at_home("cy", "Stop", match=f"#{number}", confirm=False)
    assert shown.dialog is not None
    assert stage.state(number) is State.APPROVED
    told = press(stage, "cy", "Stop", number)
    assert stage.state(number) is State.STOPPED
    assert f"*Just now*: You stopped #{number} before it started." in told
    assert "Nothing is on hold or being deleted." in told
    assert (stage.answers("cy"), stage.slack.dm("cy")) == (before, [])
    assert stage.view(number).ending.actor == stage.slack.user("cy").id


def test_a_stale_stop_and_one_of_somebody_who_may_not_are_refused_as_on_the_card(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS="600", COUNTERSIGN_READERS="members")
    number = stage.propose("ana", f"video {TEASER}")
    stage.click("bo", "Approve", number)
    opened(stage, "cy")
    opened(stage, "dee")
    assert ids.STOP not in buttons(stage, "dee")
    stale = stage.slack.home("cy")
    forged = stage.slack.press_at_home("dee", "Stop", view=stale)
    assert forged.status == 200
    stage.settle()
    assert f"*Just now*: Only the proposer of #{number} and approvers can stop it." in seen(stage, "dee")
    assert stage.state(number) is State.APPROVED
    press(stage, "cy", "Stop", number)
    again = stage.slack.press_at_home("cy", "Stop", view=stale)
    assert again.status == 200
    stage.settle()
    assert f"*Just now*: #{number} was stopped before anything was deleted; nothing changed." in seen(stage, "cy")
    assert len(stage.events("proposal.stopped")) == 1
    assert len(stage.events("stop.refused")) == 2


def test_a_proposal_is_withdrawn_from_home(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    opened(stage, "ana")
    told = press(stage, "ana", "Withdraw", number)
    assert stage.state(number) is State.WITHDRAWN
    assert f"*Just now*: You withdrew #{number}. Nothing will be deleted." in told
    assert "Ended lately" in told
    assert "*Just now*" not in press(stage, "ana", "Refresh")


def test_what_is_still_being_read_can_be_withdrawn_from_home(stage: Stage) -> None:
    stage.slack.say("ana", f'/vod delete video {TEASER} --reason "rights expired"')
    stage.slack.open_home("ana")
    while stage.program.homes.step():
        pass
    assert "🔎 Reading" in seen(stage, "ana")
    press(stage, "ana", "Withdraw", 1)
    assert stage.state(1) is State.WITHDRAWN


def test_a_button_with_garbage_decides_nothing_and_is_answered(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    opened(stage, "ana")
    view = stage.slack.home("ana")
    assert view is not None
    for element in elements(view.blocks):
        element.update({"value": "garbage"} if element["action_id"] == ids.WITHDRAW else {})
    assert stage.slack.press_at_home("ana", "Withdraw", view=view).status == 200
    stage.settle()
    assert "*Just now*: This button belongs to no plan that was ever shown." in seen(stage, "ana")
    assert stage.state(number) is State.PENDING


@pytest.mark.parametrize(
    ("who", "why"),
    [("gus", "Guests cannot take part"), ("sol", "Guests cannot"), ("eve", "You belong to another workspace")],
)
def test_who_has_no_standing_sees_why_and_nothing_else(stage: Stage, who: str, why: str) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    stage.say("bo", "/vod freeze wrong season")
    stage.slack.open_home(who, forged=True)
    stage.settle()
    told = seen(stage, who)
    assert why in told
    for hidden in (
        f"#{number}",
        "wrong season",
        "Frozen",
        stage.slack.user("ana").id,
        "approval",
        seed.SPRING_TEASER.title,
    ):
        assert hidden not in told
    assert buttons(stage, who) == [home_view.REFRESH]
    assert why in press(stage, who, "Refresh")


def test_who_may_not_read_sees_that_and_who_cannot_be_looked_up_sees_nothing(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_PROPOSERS="U0ANA4K2M7Q")
    stage.propose("ana", f"video {TEASER}")
    assert "Only those who may propose, approve or read can see what is proposed" in opened(stage, "dee")
    stage.slack.faults.add("error", "users.info", error="internal_error")
    assert "Slack could not confirm your account just now" in opened(stage, "bo")
    assert "Waiting for your approval · 1" in press(stage, "bo", "Refresh")


def test_a_freeze_is_told_with_its_reason_and_ones_own_vote(stage: Stage) -> None:
    stage.say("gus", "/vod freeze wrong season")
    assert "wrong season" in opened(stage, "bo")
    stage.say("bo", "/vod unfreeze")
    assert "You have voted to unfreeze." in press(stage, "bo", "Refresh")
    assert "You have voted to unfreeze." not in opened(stage, "ana")


def test_the_rules_are_those_for_the_reader(open_stage: Opener) -> None:
    stage = open_stage(
        COUNTERSIGN_MAX_ITEMS="5",
        COUNTERSIGN_MAX_DAILY="7",
        COUNTERSIGN_MAX_DAILY_TEAM="9",
        COUNTERSIGN_TYPED_FROM="5",
        COUNTERSIGN_RAMP="1 for 2s, 20 for 3s, 10% for 5s",
        COUNTERSIGN_PROPOSERS="U0ANA4K2M7Q",
        COUNTERSIGN_READERS="U0DEE7H4PVC",
    )
    stage.propose("ana", f"video {TEASER} {TOUR}")
    told = opened(stage, "ana")
    assert (
        "You may delete 5 more items today: one person 7 in 24 hours, all together 9, of which 7 are left." in told
    )
    assert "From 5 items on, approving takes typing their number." in told
    assert "Such a deletion begins slowly: 1 item, 20 items, 10 % of VOD's quota, then all of VOD's quota." in told
    told = opened(stage, "dee")
    assert "You may not propose deletions." in told
    assert "You may not approve." in told
    assert "You may approve and reject what others propose" in opened(stage, "bo")


def test_it_is_in_its_readers_language(stage: Stage) -> None:
    stage.slack.change_person("bo", locale="zh-CN")
    stage.propose("ana", f"video {TEASER}")
    told = opened(stage, "bo")
    assert CHINESE.say("The rules for you") in told
    assert "Waiting" not in told


def test_only_the_home_tab_is_published_and_only_once_for_many_openings(stage: Stage) -> None:
    stage.slack.open_home("ana", tab="messages")
    stage.settle()
    assert stage.slack.home("ana") is None
    for _ in range(5):
        stage.slack.open_home("ana")
    stage.settle()
    assert [call.method for call in stage.slack.calls].count("views.publish") == 1


def test_a_newer_view_than_the_one_pressed_is_not_overwritten_by_an_older_reading(stage: Stage) -> None:
    opened(stage, "ana")
    stale = stage.slack.home("ana")
    press(stage, "ana", "Refresh")
    stage.slack.press_at_home("ana", "Refresh", view=stale)
    stage.settle()
    answers = [call.answer for call in stage.slack.calls if call.method == "views.publish"]
    assert [answer.get("error") for answer in answers] == [None, None, "hash_conflict", None]


def test_a_tab_that_slack_does_not_take_breaks_nothing(open_stage: Opener) -> None:
    stage = open_stage(COUNTERSIGN_HOLD_SECONDS="600")
    number = stage.propose("ana", f"video {TEASER}")
    stage.click("bo", "Approve", number)
    opened(stage, "cy")
    stage.slack.state.has_home = False
    with capture_logs() as logs:
        assert stage.slack.press_at_home("cy", "Stop", match=f"#{number}").status == 200
        stage.settle()
    assert [each["event"] for each in logs if each["event"].startswith("home.")] == ["home.not_published"]
    assert stage.state(number) is State.STOPPED
    assert f"You stopped #{number} before it started." in stage.slack.dm("cy")[-1].text


def test_a_busy_slack_is_asked_again_and_the_answer_is_not_lost(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    opened(stage, "ana")
    stage.slack.faults.add("ratelimited", "views.publish", retry_after=1)
    assert stage.slack.press_at_home("ana", "Withdraw", match=f"#{number}").status == 200
    stage.settle()
    assert "*Just now*" not in seen(stage, "ana")
    stage.program.homes._not_before_s = 0
    stage.settle()
    assert f"*Just now*: You withdrew #{number}." in seen(stage, "ana")


def test_when_the_record_breaks_the_press_is_answered_in_the_tab(stage: Stage) -> None:
    number = stage.propose("ana", f"video {TEASER}")
    opened(stage, "ana")
    stage.database.write(lambda tx: tx.run("ALTER TABLE deliveries RENAME TO lost_deliveries"))
    with capture_logs():
        assert stage.slack.press_at_home("ana", "Withdraw", match=f"#{number}").status == 200
        stage.settle()
    assert "*Just now*: Internal error (reference `" in seen(stage, "ana")
