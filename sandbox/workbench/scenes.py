"""The scenes of “Things to try”: each sets something up, lets it happen and checks that the promise held."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from sandbox.vod.model.faults import Fault
from sandbox.vod.model.media import Video
from sandbox.workbench.cards import APPROVE, APPROVED, EXPIRED, FINISHED, PENDING, STOP, STOPPED, number_in
from sandbox.workbench.director import APPROVALS, Director, Scene

A_DAY_AND_AN_HOUR_S = 25 * 3600
LONGER_THAN_THE_BOT_LOOKS_S = 11 * 60
LONG_S = 120.0


def without_permission(on: Director) -> None:
    """Somebody who may not propose types the command."""
    (video,) = on.untouched(1)
    for who in ("dee", "gus"):
        on.does(f"{who.capitalize()} types /vod delete video for “{video.title}”")
        typed = f'/vod delete video {video.video_id} --reason "tidying up"'
        reply = on.slack.say(who, typed, channel=APPROVALS).reply
        on.holds(
            f"{who.capitalize()} is answered privately, and no proposal is made",
            lambda reply=reply: reply is not None and bool(reply.ephemeral_to) and number_in(reply.text) is None,  # type: ignore[misc] # mypy cannot infer a lambda's default
        )
    on.holds("No card was posted for it", lambda: not on.slack.find(video.video_id))
    on.holds("VOD received no delete call for it", lambda: on.times_sent(video) == 0)


def own_proposal(on: Director) -> None:
    """The proposer approves her own proposal."""
    videos = on.untouched(1)
    number = on.propose(videos, "scene: my own")
    since = on.slack.workspace.last_ts()
    on.click("ana", APPROVE, number)
    on.holds("Ana is answered privately", lambda: bool(on.answers("ana", since)))
    on.stays("The card still waits for an approval", lambda: on.state(number) == PENDING)
    on.holds("VOD received no delete call for it", lambda: on.times_sent(videos[0]) == 0)


def many_clicks(on: Director) -> None:
    """Two approvers click at the same moment, and one of them clicks again and again."""
    (video,) = on.untouched(1)
    number = on.propose([video], "scene: many clicks")
    on.does("Bo clicks Approve five times and Cy three times, all at the same moment")
    clickers = ["bo"] * 5 + ["cy"] * 3
    together, since = threading.Barrier(len(clickers)), on.slack.workspace.last_ts()
    card = on.cards(number)[-1]

    def click(who: str) -> str | None:
        together.wait()
        return on.slack.click_message(who, APPROVALS, card.ts, APPROVE).error

    with ThreadPoolExecutor(len(clickers)) as pool:
        errors = list(pool.map(click, clickers))
    on.holds("Every click was answered within three seconds", lambda: not any(errors))
    on.holds("It was carried out", lambda: on.state(number) == FINISHED)
    on.holds(
        "Both were told what their clicks did",
        lambda: all(on.answers(who, since) for who in ("bo", "cy")),
    )
    on.holds("VOD received exactly one delete call for it", lambda: on.times_sent(video) == 1)


def expiry(on: Director) -> None:
    """Nobody approves, a day passes, then somebody clicks after all."""
    (video,) = on.untouched(1)
    number = on.propose([video], "scene: too late")
    card = on.cards(number)[-1]
    on.does("25 hours pass (the sandbox's clock is moved; every other open proposal grows older as well)")
    on.pass_time(A_DAY_AND_AN_HOUR_S)
    on.holds("The card says that it expired", lambda: on.state(number) == EXPIRED, LONG_S)
    since = on.slack.workspace.last_ts()
    on.does("Bo, whose Slack still shows the old card, clicks Approve")
    on.slack.click_message("bo", APPROVALS, card.ts, APPROVE)
    on.holds("Bo is answered privately", lambda: bool(on.answers("bo", since)))
    on.stays("It stays expired", lambda: on.state(number) == EXPIRED)
    on.holds("The video is still there, and VOD received no delete call", lambda: _is_spared(on, video))


def freeze(on: Director) -> None:
    """A guest freezes everything, an approver stops one of two deletions, and two people thaw."""
    first, second = on.untouched(2)
    on.does("Gus, a guest, is alarmed and types /vod freeze")
    on.slack.say("gus", "/vod freeze is this the right season?", channel=APPROVALS)
    going, stopped = on.propose([first], "scene: frozen"), on.propose([second], "scene: stopped")
    for number in (going, stopped):
        on.click("bo", APPROVE, number)
        on.holds(
            f"#{number} is approved, and frozen",
            lambda number=number: on.state(number) == APPROVED and on.is_frozen(number),  # type: ignore[misc] # mypy cannot infer a lambda's default
        )
    on.click("cy", STOP, stopped)
    on.holds(f"#{stopped} is stopped for good", lambda: on.state(stopped) == STOPPED)
    on.does("Ana types /vod thaw")
    since = on.slack.workspace.last_ts()
    on.slack.say("ana", "/vod thaw", channel=APPROVALS)
    on.holds("The channel is told of it", lambda: bool(on.announcements(since)))
    on.stays("One person is not enough", lambda: on.state(going) == APPROVED and on.is_frozen(going))
    on.holds("VOD received no delete call", lambda: on.times_sent(first) + on.times_sent(second) == 0)
    on.does("Bo types /vod thaw")
    since = on.slack.workspace.last_ts()
    on.slack.say("bo", "/vod thaw", channel=APPROVALS)
    on.holds("The channel is told that two people have thawed it", lambda: bool(on.announcements(since)))
    on.holds(f"#{going} is deleted", lambda: _ended(on, going, deleted=1), LONG_S)
    on.holds(f"#{stopped} is not", lambda: _is_spared(on, second))


def kept_lie(on: Director) -> None:
    """VOD says 200 and keeps the video."""
    (video,) = on.untouched(1)
    on.does("VOD is told to lie: it will answer “deleted” and keep the video")
    on.vod.faults.set("kept", "DeleteVideo", ids=[video.video_id])
    look = _next_look(on, [video])
    number = on.propose([video], "scene: VOD lies")
    on.click("bo", APPROVE, number)
    on.holds("VOD says that it deleted the video", lambda: on.times_sent(video) > 0)
    on.holds("The video is still there", lambda: on.is_there(video))
    # It counts from when it heard the answer: the clock must not be moved before.
    on.holds("The bot heard the answer, and looks for itself", lambda: look.times == 0)
    on.does("The bot keeps looking for ten minutes (the clock is moved)")
    on.pass_time(LONGER_THAN_THE_BOT_LOOKS_S)
    on.holds("Then it gives up looking", lambda: on.state(number) == FINISHED, LONG_S)
    on.holds("And the card does not claim that anything was deleted", lambda: "deleted" not in on.outcomes(number))


def partial_lie(on: Director) -> None:
    """VOD says 200 for four videos and removes two."""
    videos = on.untouched(4)
    on.does("VOD is told to remove only half of what it confirms")
    on.vod.faults.set("partial", "DeleteVideo", times=1, ids=[video.video_id for video in videos])
    look = _next_look(on, videos)
    number = on.propose(videos, "scene: half done")
    on.click("bo", APPROVE, number)
    on.holds("VOD says that it deleted all four", lambda: all(on.times_sent(video) for video in videos))
    on.holds("Two are still there", lambda: sum(map(on.is_there, videos)) == 2)
    # It counts from when it heard the answer: the clock must not be moved before.
    on.holds("The bot heard the answer, and looks for itself", lambda: look.times == 0)
    on.does("The bot keeps looking for ten minutes (the clock is moved)")
    on.pass_time(LONGER_THAN_THE_BOT_LOOKS_S)
    on.holds("Then it gives up looking", lambda: on.state(number) == FINISHED, LONG_S)
    on.holds("The card counts two as deleted, and not four", lambda: on.outcomes(number)["deleted"] == 2)


def throttled(on: Director) -> None:
    """VOD is busy."""
    videos = on.untouched(2)
    on.does("VOD will refuse the next three delete calls: too many requests")
    on.vod.faults.set("throttle", "DeleteVideo", times=3)
    number = on.propose(videos, "scene: VOD is busy")
    on.click("bo", APPROVE, number)
    on.holds("It is carried out in the end", lambda: on.state(number) == FINISHED, LONG_S)
    on.holds("Both are gone, and the card says so", lambda: _ended(on, number, deleted=2))
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
    on.holds("The card appears", lambda: on.state(number) == PENDING, LONG_S)
    on.holds("Exactly once", lambda: len(on.cards(number)) == 1)


def killed(on: Director) -> None:
    """The bot is killed in the middle of a delete call."""
    videos = on.untouched(2)
    on.does("VOD will delete at once, but take five seconds to say so")
    on.vod.faults.set("timeout", "DeleteVideo", times=1, seconds=5)
    number = on.propose(videos, "scene: killed")
    on.click("bo", APPROVE, number)
    on.holds("The delete call reaches VOD", lambda: all(on.times_sent(video) for video in videos))
    on.does("The bot is killed (kill -9) before it hears the answer")
    on.bot.kill()
    on.holds("It is dead", lambda: not on.bot.is_running())
    on.does("Ana asks how it stands, and sees the error that Slack shows when nobody answers")
    on.slack.say("ana", f"/vod status {number}", channel=APPROVALS)
    on.does("The bot is started again")
    on.bot.start()
    on.holds("It finds out what happened and finishes", lambda: on.state(number) == FINISHED, LONG_S)
    on.holds(
        "Both are gone, and the card says so",
        lambda: _ended(on, number, deleted=2) or _ended(on, number, **{"already gone": 2}),
    )
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


def _ended(on: Director, number: int, **outcomes: int) -> bool:
    """Whether a proposal is finished, and all of its items ended in these ways."""
    return on.state(number) == FINISHED and on.outcomes(number) == outcomes


def _next_look(on: Director, videos: list[Video]) -> Fault:
    """A fault that only notices (VOD answers no later than else): when the bot next reads videos after a delete."""
    ids = [video.video_id for video in videos]
    return on.vod.faults.set("timeout", "GetVideoInfos", times=1, seconds=0, after="DeleteVideo", ids=ids)


def _is_spared(on: Director, video: Video) -> bool:
    return on.is_there(video) and on.times_sent(video) == 0


def _each_removed_once(on: Director, ids: list[str]) -> bool:
    removed = [one for call in on.vod.ledger.calls("DeleteVideo") for one in call.removed]
    return all(removed.count(one) == 1 for one in ids)
