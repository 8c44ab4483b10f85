"""How fast a countersigned deletion goes, next to VOD's quota and to the scripts one would write instead."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.http import protocol_type
from aliyunsdkvod.request.v20170321.DeleteVideoRequest import DeleteVideoRequest

from benchmarks.stand import Bot, Vod, local_vod, running_bot, wait_for
from deletion import views
from deletion.approval import proposing, voting
from deletion.approval.deletions import Deletions
from deletion.approval.proposal import SlackAction
from deletion.approval.proposing import ProposalDraft
from deletion.audit.audience import ReplyTo
from deletion.plan.quota import PER_SECOND
from deletion.terms.ids import Digest
from deletion.terms.people import Actor
from deletion.terms.states import State
from deletion.terms.targets import BATCH, Videos
from deletion.views import ProposalView
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from storage import Tx
from storage.tables import items, proposals

QUOTA = PER_SECOND["DeleteVideo"]

BACK_OFF_S = 0.05
"""How long a script waits when VOD says Throttling: the quota gives a call free every 33 ms."""


class RefusedError(Exception):
    """The bot would not have what is to be measured."""


@dataclass(frozen=True)
class Run:
    """What deleting ``videos`` videos took: seconds, and delete calls that VOD carried out or throttled."""

    videos: int
    seconds: float
    calls: int
    throttled: int

    @property
    def per_second(self) -> float:
        """Return the videos deleted in a second."""
        return self.videos / self.seconds


def by_script(vod: Vod, ids: list[str], *, at_once: int) -> Run:
    """Delete as a script would: one call after another, no countersigning, no re-reading, no proof of absence."""
    vod.calls()
    client = AcsClient(VodSandbox.access_key_id, VodSandbox.access_key_secret, "cn-shanghai", auto_retry=False)
    client.add_endpoint("cn-shanghai", "vod", vod.url.removeprefix("http://"))
    began = time.monotonic()
    for start in range(0, len(ids), at_once):
        while not _deleted(client, ids[start : start + at_once]):
            time.sleep(BACK_OFF_S)
    seconds = time.monotonic() - began
    made = vod.calls()
    return Run(len(ids), seconds, made["done"], made["throttled"])


def _deleted(client: AcsClient, ids: list[str]) -> bool:
    request = DeleteVideoRequest()
    request.set_protocol_type(protocol_type.HTTP)
    request.set_VideoIds(",".join(ids))
    try:
        json.loads(client.do_action_with_exception(request))
    except ServerException as exc:
        if exc.get_error_code() != "Throttling.User":
            raise
        return False
    return True


@dataclass(frozen=True)
class Countersigned:
    """A deletion by the bot; ``reading_s`` from proposing to the card, ``counting_s`` from vote to approval.

    ``run`` is the whole of it, ``full`` what was deleted after its slow beginning, at the whole quota.
    """

    run: Run
    full: Run
    reading_s: float
    counting_s: float


def by_bot(slack: SlackSandbox, vod: Vod, database_url: str, folder: Path, ids: list[str]) -> Countersigned:
    """Propose, countersign and delete with the bot's worker; every id ends as read back as gone, or this raises."""
    vod.calls()
    with running_bot(slack, vod, database_url, folder) as bot:
        began = time.monotonic()
        number = _propose(bot, slack, ids)
        _until(bot, number, State.PENDING, 600)
        reading_s = time.monotonic() - began
        wait_for(lambda: bot.database.read(_manifests_owed) == 0, "the list is posted", timeout_s=120)
        began = time.monotonic()
        _approve(bot, slack, number)
        _until(bot, number, State.EXECUTING, 600)
        counting_s = time.monotonic() - began
        _until(bot, number, State.FINISHED, 1200)
        view = _view(bot, number)
        if dict(view.tally) != {"deleted": len(ids)} or vod.left(ids):
            raise RuntimeError(f"not everything was deleted: {view.tally}")
        made = vod.calls()
        seconds = ((view.row.finished_ms or 0) - (view.row.started_ms or 0)) / 1000
        whole = Run(len(ids), seconds, made["done"], made["throttled"])
        return Countersigned(whole, _at_full_rate(bot, view, whole), reading_s, counting_s)


def _at_full_rate(bot: Bot, view: ProposalView, whole: Run) -> Run:
    """Return the part of a deletion that came after its slow beginning; of one without, the whole."""
    since_ms, finished_ms = view.row.ramp_since_ms, view.row.finished_ms
    if since_ms is None or finished_ms is None or view.row.ramp_below is not None:
        return whole
    count = bot.database.read(lambda tx: items.settled_since(tx, view.row.id, since_ms))
    return Run(count, (finished_ms - since_ms) / 1000, minimum(count), whole.throttled)


def _manifests_owed(tx: Tx) -> int:
    row = tx.one("SELECT count(*) AS n FROM outbox WHERE kind = 'manifest' AND state <> 'sent'")
    return int(row["n"]) if row else 0


def _propose(bot: Bot, slack: SlackSandbox, ids: list[str]) -> int:
    deed = SlackAction(_actor(bot, slack, "ana"), f"bench:{time.monotonic_ns()}")
    wish = ProposalDraft(Videos(tuple(ids)), "measured")
    made = bot.database.write(lambda tx: proposing.propose(tx, bot.config, deed, wish))
    if not isinstance(made, int):
        raise RefusedError(made)
    return made


def _approve(bot: Bot, slack: SlackSandbox, number: int) -> None:
    view, bo = _view(bot, number), slack.user("bo").id
    reply_to, count = ReplyTo(slack.channel("vod-deletions").id, bo), view.plan.count if view.plan else 0
    ballot = voting.Ballot(number, Digest(view.row.digest or ""), reply_to, typed=count)
    deed = SlackAction(_actor(bot, slack, "bo"), f"bench:{time.monotonic_ns()}")
    cast = bot.database.write(lambda tx: voting.cast(tx, bot.config, deed, ballot, Deletions()))
    if not isinstance(cast, int):
        raise RefusedError(cast)


def _actor(bot: Bot, slack: SlackSandbox, name: str) -> Actor:
    return Actor(bot.config.policy.home_team, slack.user(name).id)


def _view(bot: Bot, number: int) -> ProposalView:
    found = bot.database.read(lambda tx: views.proposal(tx, number))
    if found is None:
        raise RuntimeError(f"there is no #{number}")
    return found


def _until(bot: Bot, number: int, state: State, timeout_s: float) -> None:
    def stands(*states: State) -> bool:
        row = bot.database.read(lambda tx: proposals.get(tx, number))
        return row is not None and row.state in states

    after = {State.PENDING: (State.PENDING,), State.EXECUTING: (State.EXECUTING, State.FINISHED)}
    wait_for(lambda: stands(*after.get(state, (state,))), f"#{number} is {state}", timeout_s=timeout_s)


def minimum(videos: int) -> int:
    """Return the fewest delete calls that so many videos take."""
    return -(-videos // BATCH)


__all__ = ["QUOTA", "Countersigned", "Run", "by_bot", "by_script", "local_vod", "minimum"]
