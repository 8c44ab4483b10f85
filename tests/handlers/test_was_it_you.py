import pytest

from deletion.terms.states import State
from handlers.cards import was_it_you
from handlers.text.language import ENGLISH
from tests.handlers.samples import APPROVER, NOW_MS, Sample, freeze, view


@pytest.mark.parametrize("hold_until_ms", [None, NOW_MS - 1, NOW_MS + 60_000])
def test_no_deletion_is_said_to_start_while_everything_is_frozen(hold_until_ms: int | None) -> None:
    sample = Sample(State.APPROVED, hold_until_ms=hold_until_ms, hold_s=60, frozen=freeze())

    text = was_it_you.message(ENGLISH, [view(sample)], APPROVER).text

    assert "After the unfreeze it is on hold anew" in text
    assert "starts now" not in text
    assert "on hold until" not in text
