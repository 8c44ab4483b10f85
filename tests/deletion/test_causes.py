import pytest

from deletion.terms import canonical
from deletion.terms.results.causes import Cause, Halt, Why
from deletion.terms.results.outcomes import Outcome

CAUSES = [
    Cause(why=Why.STOPPED_BY_PERSON),
    Cause(why=Why.STOPPING_OUTCOME, outcome=Outcome.FAILED),
    Cause(why=Why.OTHER_REGION, region="cn-shanghai", here="cn-beijing"),
    Cause(why=Why.ACCOUNT_REFUSED, vod_code="Forbidden.RAM"),
    Cause(why=Why.MEDIA_REFUSED, vod_code="Forbidden.OperateAppResource"),
]


@pytest.mark.parametrize("because", CAUSES)
@pytest.mark.parametrize("actor", [None, "UBO"])
def test_why_a_deletion_was_stopped_is_read_back_as_it_was_written(because: Cause, actor: str | None) -> None:
    halt = Halt(because, actor)

    assert Halt.parse(halt.text()) == halt


def test_a_stop_that_an_earlier_version_wrote_is_read_with_its_words() -> None:
    stored = canonical.dumps({"because": "a person stopped it", "actor": "UBO"})

    assert Halt.parse(stored) == Halt(Cause(why=Why.EARLIER_WORDS, words="a person stopped it"), "UBO")


@pytest.mark.parametrize(
    "value", [None, 7, [], {}, {"why": "no such reason"}, {"why": "closed", "outcome": "lost"}]
)
def test_what_is_no_reason_is_not_read_as_one(value: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Cause.from_json(value)
