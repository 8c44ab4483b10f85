import pytest

from deletion.approval.ending import NO_ENDING, Ending
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.results.causes import Cause, Why
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import LeftOut, LeftOutItem, Problem, ProblemFound

ENDINGS = [
    NO_ENDING,
    Ending(actor="UBO"),
    Ending(actor="UBO", why="still in use"),
    Ending(because=Cause(why=Why.NOT_THE_APPROVED_PLAN)),
    Ending(vod=VodFault(code="Forbidden.RAM", advice="grant it", request_id="7B")),
    Ending(refused=Refusal(Rule.TOO_MANY, Seen(asked=200, most=100))),
    Ending(problems=(ProblemFound(Problem.NO_SUCH_VIDEO, "v1"),)),
    Ending(left_out=(LeftOutItem("v1", LeftOut.MISSING),)),
]


@pytest.mark.parametrize("ending", ENDINGS)
def test_how_a_proposal_ended_is_read_back_as_it_was_written(ending: Ending) -> None:
    assert Ending.parse(ending.text()) == ending
