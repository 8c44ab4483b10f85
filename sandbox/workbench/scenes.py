"""The scenes of “Things to try”: each sets something up, lets it happen and checks that the promise held."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sandbox.slack import Message
from sandbox.slack.control.buttons import buttons
from sandbox.vod.model.media import Video
from sandbox.workbench.director import APPROVALS, AUDIT, Director, Scene

A_DAY_AND_AN_HOUR_S = 25 * 3600
LONGER_THAN_THE_BOT_LOOKS_S = 11 * 60
LONG_S = 120.0


def without_permission(on: Director) -> None:
    """Somebody who may not propose types the command."""
    (video,) = on.untouched(1)
    for who in ("dee", "gus"):
        since = on.slack.workspace.last_ts()
        on.does(f"{who.capitalize()} types /vod delete video for “{video.title}”")
        on.slack.say(who, f'/vod delete video {video.video_id} --reason "tidying up"', channel=APPROVALS)
        on.holds(
            f"{who.capitalize()} is told privately that they may not",
            partial(_was_refused, on, who, since),
        )
    on.holds("No card was posted for it", lambda: not on.slack.find(video.video_id))
    on.holds("VOD received no delete call for it", lambda: on.times_sent(video) == 0)


def own_proposal(on: Director) -> None:
    """The proposer approves her own proposal."""
    videos = on.untouched(1)
    number = on.propose(videos, "scene: my own")
    since = on.slack.workspace.last_ts()
    on.click("ana", "Approve", number)
    on.holds(
        "Ana is told privately that it takes somebody else", lambda: on.answered("ana", since, "somebody else")
    )
    on.holds("The card still waits for an approval", lambda: on.card_says(number, "Waiting for"))
    on.holds("VOD received no delete call for it", lambda: on.times_sent(videos[0]) == 0)


def many_clicks(on: Director) -> None:
    """Two approvers click at the same moment, and one of them clicks again and again."""
    (video,) = on.untouched(1)
    number = on.propose([video], "scene: many clicks")
    on.does("Bo clicks Approve five times and Cy three times, all at the same moment")
    clickers = ["bo"] * 5 + ["cy"] * 3
    together, since = threading.Barrier(len(clickers)), on.slack.workspace.last_ts()
    card = on.cards(number)[-1]
    action = _approve_button(card)

    def click(who: str) -> str | None:
        together.wait()
        return on.slack.click_message(who, APPROVALS, card.ts, action).error

    with ThreadPoolExecutor(len(clickers)) as pool:
        errors = list(pool.map(click, clickers))
    on.holds("Every click was answered within three seconds", lambda: not any(errors))
    on.holds("It was carried out", lambda: on.card_says(number, "Finished."))
    on.holds(
        "Both were told what their clicks did",
        lambda: all(any(each.ts > since for each in on.slack.ephemerals(who)) for who in ("bo", "cy")),
    )
    on.holds("VOD received exactly one delete call for it", lambda: on.times_sent(video) == 1)


def expiry(on: Director) -> None:
    """Nobody approves, a day passes, then somebody clicks after all."""
    (video,) = on.untouched(1)
    number = on.propose([video], "scene: too late")
    card = on.cards(number)[-1]
    action = _approve_button(card)
    on.does("25 hours pass (the sandbox's clock is moved; every other open proposal grows older as well)")
    on.pass_time(A_DAY_AND_AN_HOUR_S)
    on.holds("The card says that it expired", lambda: on.card_says(number, "Expired"), LONG_S)
    since = on.slack.workspace.last_ts()
    on.does("Bo, whose Slack still shows the old card, clicks Approve")
    on.slack.click_message("bo", APPROVALS, card.ts, action)
    on.holds("Bo is told that it has expired", lambda: on.answered("bo", since, "expired"))
    on.holds("The video is still there, and VOD received no delete call", lambda: _is_spared(on, video))


def freeze(on: Director) -> None:
    """A guest freezes everything, an approver stops one of two deletions, and two people thaw."""
    first, second = on.untouched(2)
    on.does("Gus, a guest, is alarmed and types /vod freeze")
    on.slack.say("gus", "/vod freeze is this the right season?", channel=APPROVALS)
    since = on.slack.workspace.last_ts()
    going, stopped = on.propose([first], "scene: frozen"), on.propose([second], "scene: stopped")
    for number in (going, stopped):
        on.click("bo", "Approve", number)
        on.holds(f"#{number} is approved, and frozen", lambda number=number: on.card_says(number, "Frozen by"))  # type: ignore[misc] # mypy cannot infer a lambda's default
    on.click("cy", "Stop the deletion", stopped)
    on.holds(f"#{stopped} is stopped for good", lambda: on.card_says(stopped, "before it began"))
    on.does("Ana types /vod thaw")
    on.slack.say("ana", "/vod thaw", channel=APPROVALS)
    on.holds("One person is not enough", lambda: _channel_says(on, since, "asked to thaw: 1 of 2"))
    on.holds("VOD received no delete call", lambda: on.times_sent(first) + on.times_sent(second) == 0)
    on.does("Bo types /vod thaw")
    on.slack.say("bo", "/vod thaw", channel=APPROVALS)
    on.holds("Two people have thawed it", lambda: _channel_says(on, since, "*Thawed*"))
    on.holds(f"#{going} is deleted", lambda: on.card_says(going, "1 video: 1 deleted"), LONG_S)
    on.holds(f"#{stopped} is not", lambda: _is_spared(on, second))


def kept_lie(on: Director) -> None:
    """VOD says 200 and keeps the video."""
    (video,) = on.untouched(1)
    on.does("VOD is told to lie: it will answer “deleted” and keep the video")
    on.vod.faults.set("kept", "DeleteVideo", ids=[video.video_id])
    number = on.propose([video], "scene: VOD lies")
    on.click("bo", "Approve", number)
    on.holds("VOD says that it deleted the video", lambda: on.times_sent(video) > 0)
    on.holds("The video is still there", lambda: on.is_there(video))
    # It counts from when it heard the answer: the clock must not be moved before.
    on.holds("The audit channel tells VOD's answer", lambda: _answer_is_told(on, number))
    on.does("The bot keeps looking for ten minutes (the clock is moved)")
    on.pass_time(LONGER_THAN_THE_BOT_LOOKS_S)
    on.holds("Then it gives up looking", lambda: on.card_says(number, "Finished."), LONG_S)
    on.holds("And the card does not claim that anything was deleted", lambda: not on.card_says(number, " deleted"))


def partial_lie(on: Director) -> None:
    """VOD says 200 for four videos and removes two."""
    videos = on.untouched(4)
    on.does("VOD is told to remove only half of what it confirms")
    on.vod.faults.set("partial", "DeleteVideo", times=1, ids=[video.video_id for video in videos])
    number = on.propose(videos, "scene: half done")
    on.click("bo", "Approve", number)
    on.holds("VOD says that it deleted all four", lambda: all(on.times_sent(video) for video in videos))
    on.holds("Two are still there", lambda: sum(map(on.is_there, videos)) == 2)
    # It counts from when it heard the answer: the clock must not be moved before.
    on.holds("The audit channel tells VOD's answer", lambda: _answer_is_told(on, number))
    on.does("The bot keeps looking for ten minutes (the clock is moved)")
    on.pass_time(LONGER_THAN_THE_BOT_LOOKS_S)
    on.holds("Then it gives up looking", lambda: on.card_says(number, "Finished."), LONG_S)
    on.holds("The card counts two as deleted, and not four", lambda: on.card_says(number, "2 deleted"))


def throttled(on: Director) -> None:
    """VOD is busy."""
    videos = on.untouched(2)
    on.does("VOD will refuse the next three delete calls: too many requests")
    on.vod.faults.set("throttle", "DeleteVideo", times=3)
    number = on.propose(videos, "scene: VOD is busy")
    on.click("bo", "Approve", number)
    on.holds("It is carried out in the end", lambda: on.card_says(number, "Finished."), LONG_S)
    on.holds("Both are gone, and the card says so", lambda: on.card_says(number, "2 deleted"))
    on.holds("Each was removed by one call", lambda: _each_removed_once(on, [video.video_id for video in videos]))


def outage(on: Director) -> None:
    """Slack's API is down for a while."""
    (video,) = on.untouched(1)
    on.does(f"Slack's API goes down for {on.outage_s:g} seconds; commands still arrive")
    on.slack.faults.add("down")
    number = on.ask([video], "scene: Slack is down")
    on.holds("Ana was answered at once, although nothing can be posted", lambda: not on.cards(number))
    threading.Event().wait(on.outage_s)
    on.slack.faults.clear()
    on.does("Slack is back")
    on.holds("The card appears", lambda: on.card_says(number, "Waiting for"), LONG_S)
    on.holds("Exactly once", lambda: len(on.cards(number)) == 1)


def killed(on: Director) -> None:
    """The bot is killed in the middle of a delete call."""
    videos = on.untouched(2)
    ids = [video.video_id for video in videos]
    on.does("VOD will delete at once, but take five seconds to say so")
    on.vod.faults.set("timeout", "DeleteVideo", times=1, seconds=5)
    number = on.propose(videos, "scene: killed")
    on.click("bo", "Approve", number)
    on.holds("The delete call reaches VOD", lambda: all(on.times_sent(video) for video in videos))
    on.does("The bot is killed (kill -9) before it hears the answer")
    on.bot.kill()
    on.holds("It is dead", lambda: not on.bot.is_running())
    on.does("Ana asks how it stands, and sees the error that Slack shows when nobody answers")
    on.slack.say("ana", f"/vod status {number}", channel=APPROVALS)
    on.does("The bot is started again")
    on.bot.start()
    on.holds("It finds out what happened and finishes", lambda: on.card_says(number, "Finished."), LONG_S)
    on.holds("Both are gone, and the card says so", lambda: _says_all_gone(on, number, len(ids)))
    on.holds("Nothing was deleted blindly a second time", lambda: all(on.times_sent(one) == 1 for one in videos))


SCENES: Mapping[str, Scene] = {
    "permission": Scene(
        "Propose without permission",
        "Dee only audits and Gus is a guest. Both are refused in private, and nothing is stored.",
        without_permission,
        "dee",
    ),
    "own": Scene(
        "Approve your own proposal",
        "Ana cannot be the second person of her own proposal. Her click is refused, and the card keeps waiting.",
        own_proposal,
    ),
    "twice": Scene(
        "Click twice, and both at once",
        "Eight approvals arrive together. One counts, everybody is answered, VOD is called once.",
        many_clicks,
        "bo",
    ),
    "freeze": Scene(
        "Freeze everything, stop one, thaw",
        "A guest freezes everything. Approved deletions wait, one is stopped, and two people have to thaw.",
        freeze,
        "cy",
    ),
    "expire": Scene(
        "Let it expire",
        "25 hours pass. The card closes, and a late click deletes nothing.",
        expiry,
        "bo",
    ),
    "kept": Scene(
        "VOD lies: says yes, deletes nothing",
        "“Deleted” is said only after absence was read back. The card must not say it here.",
        kept_lie,
    ),
    "partial": Scene(
        "VOD lies: deletes half",
        "The answer says all four; two are gone. The card counts what is really gone.",
        partial_lie,
    ),
    "throttle": Scene(
        "VOD is too busy",
        "Three calls are refused for being too many. The bot waits and tries again; nothing is sent twice in vain.",
        throttled,
    ),
    "outage": Scene(
        "Take Slack down",
        "Nothing can be posted for a while. Afterwards the card appears, once.",
        outage,
    ),
    "kill": Scene(
        "Kill the bot in the middle, restart it",
        "The bot dies after VOD deleted but before it heard so. Restarted, it asks VOD what is left instead of "
        "deleting again.",
        killed,
        needs_bot=True,
    ),
}


def _was_refused(on: Director, who: str, since: str) -> bool:
    return on.answered(who, since, "may not") or on.answered(who, since, "Guests take no part")


def _answer_is_told(on: Director, number: int) -> bool:
    lines = [line for message in on.slack.messages(AUDIT) for line in message.text.splitlines()]
    return any(f" #{number}: " in line and "had an answer to call" in line for line in lines)


def _channel_says(on: Director, since: str, words: str) -> bool:
    return any(words in message.text for message in on.slack.messages(APPROVALS) if message.ts > since)


def _approve_button(card: Message) -> str:
    for button in buttons(card):
        if button.label.startswith("Approve"):
            return str(button.action["action_id"])
    raise LookupError("the card has no Approve button")


def _is_spared(on: Director, video: Video) -> bool:
    return on.is_there(video) and on.times_sent(video) == 0


def _each_removed_once(on: Director, ids: list[str]) -> bool:
    removed = [one for call in on.vod.ledger.calls("DeleteVideo") for one in call.removed]
    return all(removed.count(one) == 1 for one in ids)


def _says_all_gone(on: Director, number: int, count: int) -> bool:
    return any(on.card_says(number, f"{count} {word}") for word in ("deleted", "already gone"))
