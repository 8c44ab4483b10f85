"""The form behind Reject: Slack takes it, and what comes back is read as it was asked."""

from typing import Any

import pytest

from deletion.approval.shown import Shown
from deletion.terms.ids import NO_RECORD, Digest, proposal_ref
from handlers.text.language import ENGLISH
from handlers.views import reject
from handlers.views.reject import Rejection
from sandbox.slack.model.block_kit.blocks import view_problems
from tests.handlers.samples import shown


def submitted(form: dict[str, Any], why: str | None) -> dict[str, Any]:
    """Return a form as Slack sends it back."""
    return {**form, "state": {"values": {reject.BLOCK_ID: {reject.INPUT_ID: {"value": why}}}}}


@pytest.mark.parametrize("number", [1, 10**9])
def test_the_form_is_one_that_slack_takes(number: int) -> None:
    form = reject.build(ENGLISH, shown(number), "C0VODDELETE").to_dict()
    assert view_problems(form) == []
    assert form["callback_id"] == reject.CALLBACK_ID
    (block,) = form["blocks"]
    assert (block["block_id"], block["element"]["action_id"]) == (reject.BLOCK_ID, reject.INPUT_ID)
    assert (block["element"]["min_length"], block["element"]["max_length"]) == (3, reject.REASON_MOST)


@pytest.mark.parametrize(
    ("typed", "why"), [("still in use", "still in use"), ("  still\nin use ", "still\nin use"), (None, "")]
)
def test_what_was_submitted_is_read_as_it_was_asked(typed: str | None, why: str) -> None:
    form = reject.build(ENGLISH, shown(4), "C0VODDELETE").to_dict()
    assert reject.parse(submitted(form, typed)) == Rejection(shown(4), "C0VODDELETE", why)


def test_a_form_that_an_earlier_version_opened_names_a_proposal_and_nothing_else() -> None:
    form = {**reject.build(ENGLISH, shown(4), "C1").to_dict(), "private_metadata": '{"channel":"C1","proposal":4}'}
    assert reject.parse(submitted(form, "no")).shown == Shown(NO_RECORD, proposal_ref(4), Digest(""))


def test_what_is_wrong_stands_under_the_field_as_plain_text() -> None:
    assert reject.errors("See `/vod status 4`.") == {reject.BLOCK_ID: "See /vod status 4."}
    assert len(reject.errors("x" * 1_000)[reject.BLOCK_ID]) == 300
