import re
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.runtime import metrics
from bot.runtime.metrics import Metrics
from deletion.audit import events
from deletion.audit.messages.places import MessageKind
from deletion.jobs.config import JobKind
from deletion.terms.ids import VoteId, proposal_ref
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from sandbox.vod import seed
from storage.tables import rate_limits
from tests.bot.conftest import Logged
from tests.stage import Opener, Stage

DOCS = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
VIDEO = seed.SPRING_TEASER.video_id

Key = tuple[str, str]

CAST = events.VoteCast(about=proposal_ref(1), vote=VoteId(1))


class Ticks:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.ms = 0

    def __call__(self) -> int:
        return self.ms


class Page:
    """The metrics of a stage; every look is one of a moment later, so that the record is read again."""

    def __init__(self, stage: Stage) -> None:
        self.ticks = Ticks()
        self.metrics = Metrics(stage.database, idle_s=lambda: 2.5, monotonic_ms=self.ticks)

    def values(self) -> dict[Key, float]:
        """Return the value of every sample by its name, without `countersign_`, and its label's value."""
        self.ticks.ms += metrics.READ_EVERY_MS
        return self.values_now()

    def values_now(self) -> dict[Key, float]:
        return {
            (sample.name.removeprefix("countersign_"), next(iter(sample.labels.values()), "")): sample.value
            for family in text_string_to_metric_families(self.metrics.page().decode())
            for sample in family.samples
        }


@pytest.fixture
def page(stage: Stage) -> Page:
    return Page(stage)


def test_a_proposal_is_counted_in_the_state_it_is_in(stage: Stage, page: Page) -> None:
    before = page.values()
    assert {key for key in before if key[0] == "proposals"} == {("proposals", state) for state in State}
    number = stage.propose("ana", f"video {VIDEO}")
    assert page.values()["proposals", "pending"] == 1
    stage.click("bo", "Approve", number)
    after = page.values()

    assert (after["proposals", "pending"], after["proposals", "finished"]) == (0, 1)
    assert sum(value for (name, _), value in before.items() if name == "proposals") == 0


def test_items_are_counted_by_outcome_while_their_deletion_is_under_way(stage: Stage, page: Page) -> None:
    library = [video for video in stage.vod.library.videos() if video.status == "Normal" and not video.forbidden]
    videos = [video.video_id for video in library[:21]]
    stage.vod.faults.set("kept", "DeleteVideo", ids=videos[20:])
    number = stage.propose("ana", f"video {' '.join(videos)}")
    stage.click("bo", "Approve", number)
    during = page.values()

    assert stage.state(number) is State.EXECUTING
    assert {key[1] for key in during if key[0] == "open_items"} == {"waiting", *Outcome}
    assert (during["open_items", "waiting"], during["open_items", "deleted"]) == (1, 20)
    stage.vod.faults.clear()
    stage.advance(3600)
    assert stage.state(number) is State.FINISHED
    assert not any(value for (name, _), value in page.values().items() if name == "open_items")


def test_work_that_waits_is_counted_with_its_age(stage: Stage, page: Page) -> None:
    stage.slack.say("ana", f'/vod delete video {VIDEO} --reason "rights expired"')
    stage.clock.advance(90)
    waiting = page.values()

    assert {key[1] for key in waiting if key[0] == "jobs_due"} == set(JobKind)
    assert waiting["jobs_due", "collect"] == 1
    assert 90 <= waiting["jobs_due_oldest_seconds", ""] < 150
    stage.settle()
    done = page.values()
    assert (done["jobs_due", "collect"], done["jobs_due_oldest_seconds", ""]) == (0, 0)


def test_a_vote_that_nobody_counts_is_as_old_as_its_click(stage: Stage, page: Page) -> None:
    number = stage.propose("ana", f"video {VIDEO}")
    stage.slack.click("bo", "Approve", match=f"#{number}")
    stage.clock.advance(45)
    waiting = page.values()

    assert waiting["jobs_due", "count"] == 1
    assert 45 <= waiting["jobs_due_oldest_seconds", ""] < 100


def test_messages_that_slack_did_not_take_are_counted_with_their_age(stage: Stage, page: Page) -> None:
    stage.slack.faults.add("down")
    stage.slack.say("gus", "/vod freeze")
    stage.settle_messages()
    stage.clock.advance(60)
    owed = page.values()

    assert {key[1] for key in owed if key[0] == "unsent_messages"} == set(MessageKind)
    assert owed["unsent_messages", "channel"] == 1
    assert owed["unsent_messages_oldest_seconds", ""] >= 60
    stage.slack.faults.clear()
    stage.advance(60)
    sent = page.values()
    assert not any(value for (name, _), value in sent.items() if name.startswith("unsent_messages"))


def test_a_freeze_shows_until_it_is_ended(stage: Stage, page: Page) -> None:
    assert page.values()["frozen", ""] == 0
    stage.say("gus", "/vod freeze")
    assert page.values()["frozen", ""] == 1
    for who in ("ana", "bo"):
        stage.say(who, "/vod thaw")

    assert page.values()["frozen", ""] == 0


def test_the_audit_log_is_counted_and_what_of_it_nobody_was_told(stage: Stage, page: Page) -> None:
    stage.slack.say("ana", f'/vod delete video {VIDEO} --reason "rights expired"')
    told = page.values()
    assert told["audit_events", ""] == told["audit_events_unposted", ""] == 1
    stage.settle()
    settled = page.values()

    assert settled["audit_events", ""] > 1
    assert settled["audit_events_unposted", ""] == 0
    # No decision: it is shown at once, and a head follows within the minute.
    stage.say("bo", "/vod withdraw 1")
    refused = page.values()
    assert refused["audit_events", ""] > settled["audit_events", ""]
    assert refused["audit_events_unposted", ""] == 0


def test_a_rate_that_vod_made_lower_shows(stage: Stage, page: Page) -> None:
    stage.database.write(lambda tx: rate_limits.slow_down(tx, "DeleteVideo", quiet_ms=1))
    stage.database.write(lambda tx: tx.run("UPDATE quotas SET percent = 40 WHERE name = 'DeleteVideo'"))

    assert page.values()["vod_rate_percent", "DeleteVideo"] == 40


def test_a_call_without_an_answer_is_in_time_and_then_overdue(open_stage: Opener) -> None:
    stage = open_stage()
    page, seen = Page(stage), []
    send = stage.program.context.client.delete_videos

    def watched(ids: list[str]) -> object:
        seen.append(page.values())
        stage.clock.advance(600)
        seen.append(page.values())
        return send(ids)

    stage.program.context.client.delete_videos = watched  # type: ignore[method-assign, assignment] # the moment of a call
    number = stage.propose("ana", f"video {VIDEO}")
    stage.click("bo", "Approve", number)

    assert [(one["open_delete_calls", "in time"], one["open_delete_calls", "overdue"]) for one in seen[:2]] == [
        (1, 0),
        (0, 1),
    ]
    assert page.values()["open_delete_calls", "overdue"] == 0


def test_events_are_counted_by_action(page: Page) -> None:
    for event in (CAST, CAST, events.VoteCounted(about=proposal_ref(1), counted=1, needed=1), "something else"):
        page.metrics.observe(event)
    values = page.values()

    assert values["events_total", "vote.cast"] == 2
    assert values["events_total", "vote.counted"] == 1


def test_the_whole_journey_of_a_deletion_is_logged_and_counted_by_its_number(stage: Stage, logged: Logged) -> None:
    number = stage.propose("ana", f"video {VIDEO}")
    stage.click("bo", "Approve", number)
    stage.settle()

    journey = (
        *("proposal.made", "plan.frozen", "vote.cast", "vote.counted", "proposal.approved", "execution.started"),
        *("call.intent", "call.answered", "items.settled", "execution.finished"),
    )
    text = served_text(stage)
    for action in journey:
        assert [line["proposal"] for line in logged.named(action)] == [number], action
        assert f'events_total{{action="{action}"}} 1.0' in text


def test_however_often_somebody_asks_the_record_is_read_now_and_then(stage: Stage, page: Page) -> None:
    assert page.values()["frozen", ""] == 0
    stage.say("gus", "/vod freeze")
    page.ticks.ms += metrics.READ_EVERY_MS - 1
    assert page.values_now()["frozen", ""] == 0
    page.ticks.ms += 1

    assert page.values_now()["frozen", ""] == 1


def test_a_record_that_cannot_be_read_is_told_beside_what_the_process_knows(
    stage: Stage, page: Page, logged: Logged
) -> None:
    page.metrics.observe(CAST)
    stage.database.write(lambda tx: tx.run("ALTER TABLE outbox RENAME TO outbox_away"))
    values = page.values()
    stage.database.write(lambda tx: tx.run("ALTER TABLE outbox_away RENAME TO outbox"))

    assert values["record_readable", ""] == 0
    assert values["worker_idle_seconds", ""] == 2.5
    assert values["events_total", "vote.cast"] == 1
    assert ("proposals", "pending") not in values
    assert logged.named("metrics.record_unreadable")
    assert page.values()["record_readable", ""] == 1


def served_text(stage: Stage) -> str:
    answer = httpx.get(f"http://127.0.0.1:{stage.port}/metrics", trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return answer.text


def test_the_page_tells_neither_people_nor_titles_nor_reasons_nor_secrets(stage: Stage) -> None:
    number = stage.propose("ana", f"video {VIDEO}", reason="a very private reason")
    stage.click("bo", "Approve", number)
    stage.program.metrics.observe(CAST)
    text = served_text(stage)

    hidden = [
        VIDEO,
        seed.SPRING_TEASER.title,
        "private reason",
        *(person.id for person in stage.slack.people.values()),
    ]
    hidden += [stage.slack.bot_token, stage.slack.signing_secret, stage.vod.access_key_id]
    assert [word for word in hidden if word in text] == []


ROW = re.compile(r"^\| `(\w+)(?:\{\w+\})?` \| \w+ \| (.+?) \|$", re.MULTILINE)
"""A metric in the table of the documentation: its name and meaning."""


def test_the_documentation_lists_what_is_served_and_nothing_else(stage: Stage) -> None:
    stage.program.metrics.observe(CAST)
    served = [
        (family.name + ("_total" if family.type == "counter" else ""), family.documentation)
        for family in text_string_to_metric_families(served_text(stage))
        if not family.name.endswith("_created")
    ]

    assert sorted(ROW.findall(DOCS.read_text("utf-8"))) == sorted(served)
    labels = re.findall(r"^\| `(\w+)\{(\w+)\}`", DOCS.read_text("utf-8"), re.MULTILINE)
    shown = re.findall(r'^(\w+)\{(\w+)="', served_text(stage), re.MULTILINE)
    assert {pair for pair in shown if not pair[0].endswith("_created")} <= set(labels)
