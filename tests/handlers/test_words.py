"""Every rule, outcome, warning and state has words; every no says what to do next."""

import dataclasses
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deletion.approval.ending import Ending
from deletion.plan.facts import SourceFact, StreamFact, Target, Warn
from deletion.terms.refusals import Refusal, Rule, Seen
from deletion.terms.requests.targets import Mezzanines, Request, Videos
from deletion.terms.results.faults import VodFault
from deletion.terms.results.findings import LeftOut, LeftOutItem, Problem, ProblemFound
from deletion.terms.results.outcomes import Outcome
from deletion.terms.states import State
from handlers.text import reasons, words
from handlers.text.facts import differences
from handlers.text.facts.vod_errors import ADVICE
from handlers.text.language import ENGLISH
from tests.handlers.samples import KINDS, Sample, patient, plan_of
from vod import Advice

SEEN: dict[Rule, Seen] = {
    Rule.TOO_MANY: Seen(asked=1_200, most=100),
    Rule.TOO_LARGE: Seen(asked=2 * 10**12, most=10**12),
    Rule.TOO_MANY_OPEN: Seen(asked=10, most=10),
    Rule.TOO_MANY_LATELY: Seen(asked=30, most=30),
    Rule.TOO_MANY_IN_A_DAY: Seen(asked=100, most=500, used=450, wait_s=3_700),
    Rule.TOO_MANY_OF_ALL: Seen(asked=100, most=2_000, used=1_950),
    Rule.NO_QUORUM_POSSIBLE: Seen(needed=2, others=1),
}
ABOUT_ONE = Seen(number=4, state=State.REJECTED)

NEXT_STEP = (
    "ask ",
    "type `/vod ",
    "see ",
    "look at ",
    "use the ",
    "split ",
    "try again",
    "propose it again",
    "propose it with",
    "a person has to",
    "can reject it instead",
)
"""How a sentence that says what to do next goes."""

NOTHING_TO_DO = {
    Rule.ALREADY_APPROVED: "Your approval stands",
    Rule.REPLAYED: "already handled",
    Rule.DEACTIVATED: "deactivated",
}
"""Refusals after which there is nothing for this person to do, and the words that say so."""


@pytest.mark.parametrize(
    ("table", "members"),
    [
        (words.REFUSALS, Rule),
        (words.OUTCOMES, Outcome),
        (words.WARNINGS, Warn),
        (words.LEFT_OUT, LeftOut),
        (words.PROBLEMS, Problem),
        (words.STATES, State),
        (ADVICE, Advice),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_member_has_words_of_its_own(table: dict[StrEnum, str], members: type[StrEnum]) -> None:
    assert set(table) == set(members)
    assert all(table.values())
    assert len(set(table.values())) == len(table)


def test_every_kind_of_request_has_a_noun() -> None:
    assert set(words.NOUNS) == {type(kind.request(1)) for kind in KINDS.values()}
    assert set(words.NOUNS) == set(Request.__args__)


@pytest.mark.parametrize("rule", Rule)
def test_every_refusal_says_what_to_do_next(rule: Rule) -> None:
    told = words.refusal(ENGLISH, Refusal(rule, SEEN.get(rule, ABOUT_ONE)))
    if rule in NOTHING_TO_DO:
        assert NOTHING_TO_DO[rule] in told
    else:
        assert any(step in told.lower() for step in NEXT_STEP), told
    assert told.endswith(".")
    assert "{" not in told
    assert "None" not in told


@pytest.mark.parametrize("rule", Rule)
def test_every_refusal_can_be_told_even_when_no_facts_came_along(rule: Rule) -> None:
    told = words.refusal(ENGLISH, Refusal(rule))
    assert "{" not in told
    assert "None" not in told


@pytest.mark.parametrize("rule", sorted(set(Rule) - set(SEEN)))
def test_refusals_about_a_proposal_name_it(rule: Rule) -> None:
    told = words.refusal(ENGLISH, Refusal(rule, ABOUT_ONE))
    assert ("#4" in told) == ("{number}" in words.REFUSALS[rule])


def test_caps_are_told_with_both_numbers() -> None:
    assert "1,200 items exceed the limit of 100 per proposal." in words.refusal(
        ENGLISH, Refusal(Rule.TOO_MANY, SEEN[Rule.TOO_MANY])
    )
    assert "2.0 TB exceed the limit of 1.0 TB per proposal." in words.refusal(
        ENGLISH, Refusal(Rule.TOO_LARGE, SEEN[Rule.TOO_LARGE])
    )


def test_of_many_foreign_addresses_the_rest_is_counted_and_the_advice_still_fits() -> None:
    urls = tuple(f"https://evil.example/{'&' * 300}{n}" for n in range(100))
    told = words.refusal(ENGLISH, Refusal(Rule.URL_OUTSIDE, Seen(urls=urls, allowed=("img.example",))))
    assert " and 94 more: not on an image domain of this account (allowed: `img.example`)" in told
    assert told.endswith("name the image by its ID.")
    assert len(told) <= 3_000
    few = words.refusal(ENGLISH, Refusal(Rule.URL_OUTSIDE, Seen(urls=("https://a.example/`x`",))))
    assert few.startswith(
        "`https://a.example/\u02cbx\u02cb`: not on an image domain of this account (allowed: none)."
    )


@pytest.mark.parametrize("state", State)
def test_whoever_comes_too_late_is_told_where_the_proposal_stands(state: State) -> None:
    told = words.refusal(ENGLISH, Refusal(Rule.NOT_OPEN, Seen(number=4, state=state)))
    assert told.startswith(f"#4 {words.STATES[state]}; nothing changed.")
    assert "`/vod status 4`" in told


@pytest.mark.parametrize("outcome", Outcome)
def test_the_word_deleted_alone_is_only_for_what_was_read_back(outcome: Outcome) -> None:
    told = words.OUTCOMES[outcome]
    claims = told.startswith("deleted")
    assert claims == (outcome is Outcome.DELETED)
    assert not claims or "absence verified" in told


@patient
@given(st.dictionaries(st.sampled_from([*Outcome, "waiting"]), st.integers(0, 10**6)))
def test_a_tally_names_every_outcome_that_happened_and_no_other(counts: dict[str, int]) -> None:
    told = words.tally(ENGLISH, counts, Videos(()))
    parts = told.partition(": ")[2].split(", ") if any(counts.values()) else []
    happened = {word for word, count in counts.items() if count}
    assert told.startswith(f"{sum(counts.values()):,} video")
    assert sorted(parts) == sorted(f"{counts[word]:,} {word}" for word in happened)


def test_a_failed_collection_names_each_problem() -> None:
    found = (ProblemFound(Problem.NO_SUCH_STREAM, "HD"), ProblemFound(Problem.NO_SUCH_STREAM, "<!channel>"))
    told = reasons.not_collected(ENGLISH, Ending(problems=found))
    assert "the video has no stream `HD` and the video has no stream `&lt;!channel&gt;`" in told
    assert told.endswith("Check the IDs and propose again.")


def test_a_failed_collection_names_what_is_not_there_and_how_much_more() -> None:
    left_out = tuple(LeftOutItem(f"id{n}", LeftOut.MISSING) for n in range(12))
    told = reasons.not_collected(ENGLISH, Ending(left_out=left_out))
    assert "`id0` (not found in VOD)" in told
    assert " and 2 more" in told
    assert "belong to this region" in told


def test_a_failed_collection_tells_the_rule_that_forbade_it() -> None:
    told = reasons.not_collected(ENGLISH, Ending(refused=Refusal(Rule.GUEST)))
    assert told == words.REFUSALS[Rule.GUEST]


def test_a_failed_collection_tells_what_vod_answered() -> None:
    fault = VodFault(code="Forbidden.RAM", advice="Grant vod:GetVideoInfos.")
    told = reasons.not_collected(ENGLISH, Ending(vod=fault))
    assert told == "VOD could not be read: `Forbidden.RAM`. Grant vod:GetVideoInfos."


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (VodFault(code="Forbidden.RAM", advice="Grant it."), "`Forbidden.RAM`. Grant it."),
        (VodFault(code="X", advice=Advice.SLOW_DOWN), f"`X`. {ADVICE[Advice.SLOW_DOWN]}"),
        (VodFault(code="X", request_id="7B-1"), "`X` (VOD request `7B-1`)."),
        (VodFault(code="<!here>`", advice="<b>"), "`&lt;!here&gt;\u02cb`. &lt;b&gt;"),
    ],
)
def test_what_vod_answered_is_told_with_its_advice(fault: VodFault, told: str) -> None:
    assert reasons.fault(ENGLISH, fault) == told


@pytest.mark.parametrize(
    ("request_", "both"),
    [(Videos(("v",)), False), (Mezzanines(("v",), force=False), True), (Mezzanines(("v",), force=True), False)],
)
def test_a_refusal_by_vod_is_explained_as_it_fits_what_was_asked_for(request_: Request, both: bool) -> None:  # noqa: FBT001 - a column of the table
    assert ("--force" in words.why_refused(ENGLISH, request_)) == both


def test_a_change_is_told_by_title_and_field_before_and_after() -> None:
    plan = plan_of(Sample())
    (line,) = words.drift(ENGLISH, [[plan.entries[0].target.id, "title", "Teaser 1", "Trailer"]], plan)
    assert line == f"Teaser 1 ({plan.entries[0].target.id}): title was Teaser 1, is Trailer"


@pytest.mark.parametrize(
    ("field", "before", "after", "told"),
    [
        ("exists", "yes", "no", "no longer in VOD"),
        ("exists", "no", "yes", "new in VOD"),
        ("warning", "none", "last stream", "new warning: last stream"),
        ("tags", "a, b", "nothing", "tags was a, b, is empty"),
        ("category", "", "News", "category was empty, is News"),
        ("unheard of", "1", "2", "unheard of was 1, is 2"),
        ("stream CodecName", "HD h264", "HD h265", "codec of a stream was HD h264, is HD h265"),
        ("stays", "LD mp4", "nothing", "no longer plays afterwards: LD mp4"),
        ("stays encrypted", "LD False", "LD True", "encrypted of a stream that stays was LD False, is LD True"),
        ("source Unheard", "1", "2", "Unheard of the source file was 1, is 2"),
        ("Description", "nothing", "x" * 90, f"description was empty, is {'x' * 69}…"),
    ],
)
def test_a_difference_is_said_in_words(field: str, before: str, after: str, told: str) -> None:
    assert differences.told(ENGLISH, field, before, after) == told


def test_every_field_of_a_target_has_a_name() -> None:
    every = {each.name for kind in (Target, StreamFact, SourceFact) for each in dataclasses.fields(kind)}
    assert every - {"id", "job_id", "told"} <= set(differences.FIELDS)


def test_of_many_changes_the_rest_is_counted() -> None:
    lines = words.drift(ENGLISH, [[f"id{n}", "title", "a", "b"] for n in range(11)])
    assert len(lines) == 9
    assert lines[-1] == "… and 3 more changes"


def test_people_are_named_as_mentions() -> None:
    assert words.who(ENGLISH, ["U1", "U2", "U3"]) == "<@U1>, <@U2> and <@U3>"
