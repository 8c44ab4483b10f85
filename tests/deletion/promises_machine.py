"""Everything that can happen to deletions, in any order, as a machine for hypothesis to drive."""

from collections import Counter
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from deletion.outcomes import Outcome
from deletion.people import Actor
from deletion.targets import Request
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
    PAUSES,
    PEOPLE,
    READING,
    READINGS,
    TEAM,
    Lies,
    persons,
    requests,
)


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

    @rule(who=PEOPLE, request=requests(), instance=INSTANCES)
    def propose_and_read(self, who: Actor, request: Request, instance: int) -> None:
        self._count()
        self.stage.propose(who, request)
        self.stage.settle(self.stage.instances[instance])

    @precondition(lambda self: self.stage.model.cases)
    @rule(
        who=PEOPLE, pick=NUMBERS, on=st.sampled_from(["shown", "shown", "first", "made up"]), posted=st.booleans()
    )
    def vote(self, who: Actor, pick: int, on: str, *, posted: bool) -> None:
        self._count()
        if posted:
            self.stage.post()
        trouble.vote(self.stage, who, pick, on)

    @precondition(lambda self: self.stage.model.cases)
    @rule(who=PEOPLE, other=PEOPLE, pick=NUMBERS)
    def two_vote(self, who: Actor, other: Actor, pick: int) -> None:
        self._count()
        trouble.vote_on_shown(self.stage, who, pick)
        trouble.vote_on_shown(self.stage, other, pick)

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
        what=st.sampled_from(["nothing", "kill", "kill", "other", "freeze", "stop", "wait", "change"]),
        nth=st.integers(1, 25),
        data=st.data(),
    )
    def delete_another(  # noqa: PLR0917 - hypothesis passes them by name
        self,
        who: Actor,
        request: Request,
        instance: int,
        deleting: Lies,
        reading: Lies,
        what: str,
        nth: int,
        data: st.DataObject,
    ) -> None:
        """The usual case to its end, however VOD behaves, and whatever comes between."""
        self._count()
        self._approve_another(who, request, instance)
        self._lie(DELETIONS, deleting)
        self._lie(READINGS, reading)
        between = trouble.made_up(self.stage, instance, what, nth, data)
        for _ in range(4):
            self._wait_for_work()
            if between:
                self.stage.instances[instance].be_interrupted(between)
            self.stage.settle(self.stage.instances[instance])

    def _approve_another(self, who: Actor, request: Request, instance: int) -> None:
        number = self.stage.propose(who, request)
        if number is not None:
            self.stage.settle(self.stage.instances[instance])
            others = [each for each in TEAM if each != who and str(each) in self.stage.model.rules.approvers]
            for other in others[: self.stage.model.rules.needed]:
                trouble.vote_on_shown(self.stage, other, 0)
            self.stage.instances[instance].step()

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
        approvers=st.lists(st.sampled_from(NAMES), min_size=2, unique=True),
        proposers=st.lists(st.sampled_from(NAMES), min_size=2, unique=True),
        hold=st.sampled_from([0, 60]),
        data=st.data(),
    )
    def rule_anew(self, approvers: list[str], proposers: list[str], hold: int, data: st.DataObject) -> None:
        self._count()
        needed = data.draw(self.needed)
        self.stage.rule(Rules(frozenset(approvers), frozenset(proposers), needed=needed, within_s=600, hold_s=hold))

    @rule(who=st.sampled_from(TEAM), data=st.data())
    def change_a_person(self, who: Actor, data: st.DataObject) -> None:
        self._count()
        said = persons(who)
        self.stage.say(who, said[data.draw(st.sampled_from(["member"] * 8 + [*said]))])

    @rule(instance=INSTANCES, steps=st.integers(1, 4))
    def work(self, instance: int, steps: int) -> None:
        self._count()
        self.stage.instances[instance].work(steps)

    @rule(instance=INSTANCES)
    def settle(self, instance: int) -> None:
        self._count()
        self.stage.settle(self.stage.instances[instance])

    @rule(
        instance=INSTANCES,
        what=st.sampled_from(["kill", "other", "freeze", "stop", "vote", "wait", "change"]),
        nth=st.integers(1, 25),
        data=st.data(),
    )
    def work_disturbed(self, instance: int, what: str, nth: int, data: st.DataObject) -> None:
        self._count()
        between = trouble.made_up(self.stage, instance, what, nth, data)
        if between:
            self.stage.instances[instance].be_interrupted(between)

    @rule(seconds=PAUSES)
    def wait(self, seconds: int) -> None:
        self._count()
        self.stage.advance(seconds)

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
