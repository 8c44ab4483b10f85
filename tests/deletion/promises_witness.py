"""Shows the model what is committed, and holds every delete call and every final word against it."""

import json
from typing import Any

from storage import Database
from tests.deletion.memory_vod import Call, Client, Library
from tests.deletion.promises_facts import facts, thing_of
from tests.deletion.promises_instance import RESEND_AFTER_MS, Instance
from tests.deletion.promises_model import Model

ENDINGS = {
    "proposal.expired": "expired",
    "proposal.assets_gone": "gone",
    "proposal.plan_broken": "broken",
    "execution.stopped": "stopped",
    "execution.finished": "finished",
}


class Witness:
    """Sees everything; ``violations`` is what was done against the promises, ``tally`` how much was done at all."""

    def __init__(self, database: Database, library: Library, model: Model) -> None:
        self._database = database
        self._library = library
        self._model = model
        self._seen = 0
        self._open: dict[str, tuple[int, list[str]]] = {}
        self.instances: tuple[Instance, ...] = ()
        self.violations: list[str] = []
        self.tally = dict.fromkeys(("proposals", "approved", "finished", "calls", "things"), 0)

    def look(self) -> None:
        """Show the model what was committed since."""
        sql = "SELECT seq, actor, action, ref, payload FROM audit WHERE seq > :seen ORDER BY seq"
        for row in self._database.read(lambda tx: tx.rows(sql, seen=self._seen)):
            self._seen = row["seq"]
            kind, _, number = row["ref"].partition("/")
            if kind == "proposal" and number.isdigit():
                self._tell(int(number), row["action"], row["actor"], json.loads(row["payload"])["data"])
            elif row["action"] == "vote.counted":
                self._model.counted_thaw(row["actor"])
            elif row["action"] == "freeze.ended":
                self._model.thawed()

    def judge(self, client: Client, call: Call) -> None:
        """Hold a call against the promises, at the moment it arrives at VOD."""
        self.tally["calls"] += 1
        self.tally["things"] += len(call.things)
        instance = next(each for each in self.instances if each.client is client)
        number = self._intent_of(instance, call)
        if number is None:
            self.violations.append(f"a call whose intent is not in the record: {call}")
            return
        # What changes between an instance's last reading and its call, nobody can see: it answers for the reading.
        world = client.answers if instance.intruded else self._library
        found = self._model.objections(number, call, lambda thing: facts(thing, world))
        found += self._model.repeats(
            number, call, lambda thing: self._library.seen.get(thing, -1), patience_ms=RESEND_AFTER_MS
        )
        self.violations += [f"a call for proposal {number}: {problem}" for problem in found]

    def _intent_of(self, instance: Instance, call: Call) -> int | None:
        """Return the proposal for which an instance has written this very call down; an intent is good for one."""
        for name, (number, targets) in self._open.items():
            request = self._model.cases[number].request
            is_its_own = name.startswith(f"{instance.owner}-")
            if is_its_own and [thing_of(request, target) for target in targets] == list(call.things):
                del self._open[name]
                return number
        return None

    def _tell(self, number: int, action: str, actor: str, data: dict[str, Any]) -> None:
        match action:
            case "proposal.approved":
                self.tally["approved"] += 1
            case "proposal.made":
                self.tally["proposals"] += 1
                self._model.proposed(number, actor)
            case "plan.frozen" | "plan.changed":
                sql = "SELECT digest, plan, rows_id FROM plans WHERE proposal_id = :id ORDER BY revision DESC"
                row = self._database.read(lambda tx: tx.one(sql, id=number))
                assert row is not None
                sql = "SELECT fields FROM plan_rows WHERE set_id = :id AND part = 0 ORDER BY ord"
                rows = self._database.read(lambda tx: tx.rows(sql, id=row["rows_id"]))
                self._model.showed(number, row["digest"], row["plan"], [each["fields"] for each in rows])
            case "vote.counted":
                self._model.counted(int(data["vote"]))
            case "quorum.raised" | "quorum.lost":
                self._model.recounted(number, int(data["needed"]), is_lost=action == "quorum.lost")
            case "call.intent":
                self._open[data["call"]] = (number, data["targets"])
                self._model.meant(number, data["targets"])
            case "call.answered" | "call.adopted":
                self._open.pop(data["call"], None)
            case _ if action in ENDINGS:
                self._model.ended(number, ENDINGS[action])
            case _:
                return
        if action == "execution.finished":
            self._read_words(number)

    def _read_words(self, number: int) -> None:
        self.tally["finished"] += 1
        case = self._model.cases[number]
        sql = "SELECT target, outcome FROM items WHERE proposal_id = :id"
        rows = self._database.read(lambda tx: tx.rows(sql, id=number))
        words = {thing_of(case.request, row["target"]): row["outcome"] for row in rows}
        if words.keys() != case.shown.keys():
            self.violations.append(f"proposal {number} has words for other things than were shown")
        for thing, word in words.items():
            untrue = self._model.untrue(number, thing, word, is_there=self._library.is_there(thing))
            if untrue:
                self.violations.append(f"proposal {number}: {untrue}")
