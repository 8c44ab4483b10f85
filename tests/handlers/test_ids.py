"""What a button carries: three facts, written one way; everything else was not written by us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deletion.approval.shown import Shown
from deletion.terms.ids import (
    ANCHOR,
    FREEZE,
    NO_RECORD,
    PROPOSAL,
    Digest,
    RecordId,
    Ref,
    SubjectKind,
    proposal_ref,
)
from handlers.cards import ids
from tests.handlers.samples import patient

DIGEST = "0123456789abcdef" * 4
RECORD = "fedcba9876543210" * 2
GOOD = ids.button_value(Shown(RecordId(RECORD), proposal_ref(4), Digest(DIGEST)))
EARLIER = f'{{"digest":"{DIGEST}","proposal":4}}'
"""What the buttons of versions carried that gave records no ids."""

GARBAGE = [
    "",
    "4",
    "null",
    "true",
    "{}",
    "[4]",
    '"' + "x" * 1_990 + '"',
    "[" * 2_000,
    '{"a":' * 300,
    '{"proposal":4}',
    *(
        text.replace(last, new)
        for text, last in ((EARLIER, "4}"), (GOOD, '4"}'))
        for new in (
            *("-4}", "0}", "4.0}", "true}", '"4"}', "9" * 400 + "}", "1e400}", "\u0664}", '4,"approved":true}'),
            *('-4"}', '0"}', '4.0"}', '"}', "9" * 400 + '"}', '1e400"}', '\u0664"}', '4","approved":true}'),
        )
    ),
    *(
        text.replace(DIGEST, new)
        for text in (EARLIER, GOOD)
        for new in (
            "",
            DIGEST[:63],
            DIGEST.upper(),
            "<!here>" + DIGEST[7:],
            "\\ud800" + DIGEST[1:],
            "\\u0030" + DIGEST[1:],
        )
    ),
    GOOD.replace(RECORD, ""),
    GOOD.replace(RECORD, RECORD[:31]),
    GOOD.replace(RECORD, RECORD.upper()),
    GOOD.replace("proposal/", ""),
    GOOD.replace("proposal/", "/"),
    GOOD.replace("proposal/", "Proposal/"),
    GOOD + GOOD,
    GOOD + "\n",
    " " + GOOD,
]


HEX = "0123456789abcdef"


@patient
@given(
    st.text(HEX, min_size=32, max_size=32),
    st.sampled_from([PROPOSAL, FREEZE, ANCHOR]),
    st.integers(1, 10**15 - 1),
    st.text(HEX, min_size=64, max_size=64),
)
def test_a_button_reads_back_as_it_was_made(record: str, kind: SubjectKind, number: int, digest: str) -> None:
    made = Shown(RecordId(record), Ref(kind, number), Digest(digest))
    assert ids.read_button(ids.button_value(made)) == made


def test_a_button_of_an_earlier_version_names_no_record() -> None:
    assert ids.read_button(EARLIER) == Shown(NO_RECORD, proposal_ref(4), Digest(DIGEST))


@pytest.mark.parametrize("value", GARBAGE, ids=[value[:40] for value in GARBAGE])
def test_everything_else_is_nobodys_button(value: str) -> None:
    assert ids.read_button(value) is None


@patient
@given(st.text(max_size=200))
def test_reading_a_button_never_raises(value: str) -> None:
    found = ids.read_button(value)
    assert found is None or ids.button_value(found) == value
