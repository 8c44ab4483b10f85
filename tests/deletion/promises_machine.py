"""Everything that can happen to deletions, in any order, as a machine for hypothesis to drive."""

from collections import Counter
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from deletion.terms.people import Actor
from deletion.terms.requests.targets import Request
from deletion.terms.results.outcomes import Outcome
from tests.deletion import promises_trouble as trouble
from tests.deletion.promises_model import Rules
from tests.deletion.promises_stage import Manners, Stage
from tests.deletion.promises_strategies import (
    ANYBODY,
    DELETING,
    DELETIONS,
    INSTANCES,
    NAMES,
    NUMBERS,
    OFFSETS,
    PAUSES,
    PEOPLE,
    READING,
    READINGS,
    TEAM,
    TROUBLE,
    Lies,
    requests,
)


def deletion_rule(what: str) -> Any:
    """Return a rule: the usual case to its end, but for what comes between."""

    @rule(
        who=st.sampled_from(TEAM),
        request=requests(),
        instance=INSTANCES,
        nth=st.integers(1, 25),
        data=st.data(),
    )
    def disturbed(
        self: "Promises", who: Actor, request: Request, instance: int, nth: int, data: st.DataObject
    ) -> None:
        self._count()
        self._approve_another(who, request, instance)
        between = trouble.made_up(self.stage, instance, what, nth, data)
        for _ in range(4):
            self._wait_for_work()
            self.stage.instances[instance].be_interrupted(between)

    disturbed.__name__ = f"delete_another_disturbed_by_{what}"
    return disturbed


def vote_rule(how: str) -> Any:
    """Return a rule: something is proposed, and people vote: late, on what was never shown, or who may not."""

    @rule(
        who=st.sampled_from(TEAM),
        request=requests(),
        instance=INSTANCES,
        voters=st.lists(PEOPLE, min_size=1, max_size=3),
        offset_ms=OFFSETS,
        data=st.data(),
    )
    def voted(  # noqa: PLR0917 - hypothesis passes them by name
        self: "Promises",
        who: Actor,
        request: Request,
        instance: int,
        voters: list[Actor],
        offset_ms: int,
        data: st.DataObject,
    ) -> None:
        self._count()
        self.stage.propose(who, request)
        self.stage.settle(self.stage.instances[instance])
        self.stage.post()
        if how == "late":
            trouble.wait_until(self.stage, 0, "expiry", offset_ms)
        if how == "unfit":
            trouble.change_person(self.stage, voters[0], data)
        for voter in [who, *voters] if how == "proposer" else voters:
            trouble.vote(self.stage, voter, 0, "made up" if how == "made up" else "shown")
        self.stage.settle(self.stage.instances[instance])

    voted.__name__ = f"propose_and_vote_{how}".replace(" ", "_")
    return voted


class Promises(RuleBasedStateMachine):
    """Drives the program; each rule is a step, and after each the model is asked whether a promise was broken."""

    steps: ClassVar[int] = 0
    tally: ClassVar[Counter[str]] = Counter()

    needed: ClassVar[st.SearchStrategy[int]] = st.integers(1, 2)
    hold_s: ClassVar[st.SearchStrategy[int]] = st.sampled_from([0, 60])

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(Rules(ANYBODY, ANYBODY))

    @initialize(data=st.data(), lanes=st.integers(1, 2), canary=st.sampled_from([2, 50]), stops=st.booleans())
    def open_stage(self, data: st.DataObject, lanes: int, canary: int, *, stops: bool) -> None:
        self.stage.close()
        rules = Rules(
            ANYBODY,
            ANYBODY,
            needed=data.draw(self.needed),
            within_s=600,
            hold_s=data.draw(self.hold_s),
        )
        stop_on = frozenset({Outcome.CHANGED, Outcome.REFUSED}) if stops else frozenset[Outcome]()
        self.stage = Stage(rules, Manners(lanes, canary, stop_on))

    def teardown(self) -> None:
        try:
            if not self.stage.witness.violations:
                self.stage.rest()
            self.no_promise_is_broken()
        finally:
            Promises.tally.update(self.stage.witness.tally)
            Promises.tally["deaths"] += sum(instance.lives - 1 for instance in self.stage.instances)
            self.stage.close()

    @invariant()
    def no_promise_is_broken(self) -> None:
        assert not self.stage.witness.violations, "\n".join(self.stage.witness.violations)

    @rule(who=PEOPLE, request=requests())
    def propose(self, who: Actor, request: Request) -> None:
        self._count()
        self.stage.propose(who, request)

    voted_on = vote_rule("shown")
    voted_on_at_the_end = vote_rule("late")
    voted_on_unseen = vote_rule("made up")
    voted_on_by_unfit = vote_rule("unfit")
    voted_on_by_proposer = vote_rule("proposer")

    @precondition(lambda self: self.stage.model.cases)
    @rule(
        who=PEOPLE, pick=NUMBERS, on=st.sampled_from(["shown", "shown", "first", "made up"]), posted=st.booleans()
    )
    def vote(self, who: Actor, pick: int, on: str, *, posted: bool) -> None:
        self._count()
        if posted:
            self.stage.post()
        trouble.vote(self.stage, who, pick, on)

    @rule(who=st.sampled_from(TEAM), request=requests(), instance=INSTANCES)
    def approve_another(self, who: Actor, request: Request, instance: int) -> None:
        """The usual case, as far as it goes: somebody proposes, and enough others vote."""
        self._count()
        self._approve_another(who, request, instance)

    @rule(
        who=st.sampled_from(TEAM),
        request=requests(),
        instance=INSTANCES,
        deleting=DELETING,
        reading=READING,
    )
    def delete_another_while_vod_lies(
        self, who: Actor, request: Request, instance: int, deleting: Lies, reading: Lies
    ) -> None:
        """The usual case to its end, however VOD behaves."""
        self._count()
        self._approve_another(who, request, instance)
        self._lie(DELETIONS, deleting)
        self._lie(READINGS, reading)
        for _ in range(4):
            self._wait_for_work()
            self.stage.settle(self.stage.instances[instance])
        self.stage.library.tell_the_truth()

    killed = deletion_rule("kill")
    stopped = deletion_rule("stop")
    frozen = deletion_rule("freeze")
    changed = deletion_rule("change")
    joined = deletion_rule("other")
    delayed = deletion_rule("wait")

    def _approve_another(self, who: Actor, request: Request, instance: int) -> None:
        number = self.stage.propose(who, request)
        if number is not None:
            self.stage.settle(self.stage.instances[instance])
            others = [each for each in TEAM if each != who and str(each) in self.stage.model.rules.approvers]
            for other in others[: self.stage.model.rules.needed]:
                trouble.vote_on_shown(self.stage, other, 0)
            self.stage.instances[instance].step()
            # The card that lets people stop it is in the channel.
            self.stage.post()

    @precondition(lambda self: self.stage.model.cases)
    @rule(who=PEOPLE, pick=NUMBERS, how=st.sampled_from(["withdraw", "reject", "stop"]))
    def end(self, who: Actor, pick: int, how: str) -> None:
        self._count()
        trouble.end(self.stage, who, pick, how)

    @rule(who=PEOPLE)
    def freeze(self, who: Actor) -> None:
        self._count()
        self.stage.freeze(who)

    @precondition(lambda self: self.stage.model.frozen)
    @rule(who=PEOPLE, other=PEOPLE)
    def thaw(self, who: Actor, other: Actor) -> None:
        self._count()
        self.stage.thaw(who)
        self.stage.thaw(other)
        self.stage.settle(self.stage.instances[0])

    @rule(
        approvers=st.just(NAMES) | st.lists(st.sampled_from(NAMES), min_size=2, unique=True),
        proposers=st.just(NAMES) | st.lists(st.sampled_from(NAMES), min_size=2, unique=True),
        hold=st.sampled_from([0, 60]),
        data=st.data(),
    )
    def rule_anew(self, approvers: list[str], proposers: list[str], hold: int, data: st.DataObject) -> None:
        self._count()
        needed = data.draw(self.needed)
        self.stage.rule(Rules(frozenset(approvers), frozenset(proposers), needed=needed, within_s=600, hold_s=hold))

    @rule(who=st.sampled_from(TEAM), data=st.data())
    def change_a_person(self, who: Actor, data: st.DataObject) -> None:
        trouble.change_person(self.stage, who, data)

    @rule(instance=INSTANCES, steps=st.integers(1, 4))
    def work(self, instance: int, steps: int) -> None:
        self._count()
        self.stage.instances[instance].work(steps)

    @rule(
        instance=INSTANCES,
        what=TROUBLE,
        nth=st.integers(1, 25),
        data=st.data(),
    )
    def work_disturbed(self, instance: int, what: str, nth: int, data: st.DataObject) -> None:
        self._count()
        self.stage.instances[instance].be_interrupted(trouble.made_up(self.stage, instance, what, nth, data))

    @rule()
    def post(self) -> None:
        self._count()
        self.stage.post()

    @rule(seconds=PAUSES)
    def wait(self, seconds: int) -> None:
        self._count()
        self.stage.advance(seconds)

    @rule(instance=INSTANCES, pick=NUMBERS, edge=st.sampled_from(["expiry", "hold", "window"]), offset_ms=OFFSETS)
    def work_at_the_edge(self, instance: int, pick: int, edge: str, offset_ms: int) -> None:
        self._count()
        trouble.wait_until(self.stage, pick, edge, offset_ms)
        self.stage.settle(self.stage.instances[instance])

    @rule(instance=INSTANCES)
    def wait_for_work(self, instance: int) -> None:
        self._count()
        self._wait_for_work()
        self.stage.settle(self.stage.instances[instance])

    def _wait_for_work(self) -> None:
        due = self.stage.next_due()
        # Not as far as a proposal's expiry: that is what plain waiting is for.
        if due is not None and due - self.stage.ms < 700_000:
            self.stage.ms = max(self.stage.ms, due)

    @rule(data=st.data())
    def change_something(self, data: st.DataObject) -> None:
        self._count()
        trouble.change(self.stage, data)()

    @rule(number=st.integers(0, 9), image=st.booleans())
    def remove_something(self, number: int, *, image: bool) -> None:
        self._count()
        thing = ("image", f"image{number}", "") if image else ("video", f"video{number}", "")
        self.stage.library.remove([thing])

    @rule(lies=DELETING)
    def lie_about_deleting(self, lies: Lies) -> None:
        self._count()
        self._lie(DELETIONS, lies)

    @rule(lies=READING)
    def lie_about_reading(self, lies: Lies) -> None:
        self._count()
        self._lie(READINGS, lies)

    def _count(self) -> None:
        Promises.steps += 1

    def _lie(self, actions: tuple[str, ...], lies: Lies) -> None:
        for action in actions:
            self.stage.library.lies[action] = list(lies)
