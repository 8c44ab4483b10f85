"""Values of the domain for hypothesis to make up."""

from hypothesis import settings
from hypothesis import strategies as st

from deletion.plan import plan
from deletion.plan.facts import SourceFact, StreamFact, Target, Warn
from deletion.terms.place import Place
from deletion.terms.requests.targets import (
    Images,
    ImagesOf,
    ImageUrls,
    Mezzanines,
    Request,
    Streams,
    VideoImages,
    Videos,
)
from deletion.terms.results.findings import LeftOut, LeftOutItem

unhurried = settings(deadline=None, max_examples=60)
"""A busy machine is no reason to fail."""

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
SIZE = st.none() | st.integers(0, 2**53 - 1)
WORD = st.text(max_size=12)
MAYBE = st.none() | WORD
WORDS = st.lists(WORD, max_size=3).map(tuple)

ALLOWED = st.recursive(
    st.none() | st.booleans() | WHOLE | st.text(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=6), inner, max_size=5)
    ),
    max_leaves=20,
)
"""Everything that has a canonical text."""

REQUESTS: st.SearchStrategy[Request] = st.one_of(
    st.builds(Videos, WORDS),
    st.builds(Streams, WORD, WORDS),
    st.builds(Mezzanines, WORDS, force=st.booleans()),
    st.builds(Images, WORDS),
    st.builds(ImageUrls, WORDS),
    st.builds(ImagesOf, WORD, st.lists(st.sampled_from(VideoImages), unique=True).map(tuple)),
)

TOLD = st.none() | st.lists(st.builds("{}={}".format, WORD, WORD), min_size=1, max_size=2).map("\n".join)
STREAMS = st.builds(StreamFact, WORD, WORD, WORD, SIZE, WORD, st.booleans(), TOLD)
TARGETS = st.builds(
    Target,
    id=WORD,
    title=WORD,
    video_id=MAYBE,
    status=MAYBE,
    size=SIZE,
    duration_ms=SIZE,
    created=MAYBE,
    category=MAYBE,
    tags=WORDS,
    storage_class=MAYBE,
    app_id=MAYBE,
    location=MAYBE,
    cover=MAYBE,
    url=MAYBE,
    source=st.none() | st.builds(SourceFact, MAYBE, SIZE, WORD, TOLD),
    streams=st.lists(STREAMS, max_size=2).map(tuple),
    streams_unread=st.booleans(),
    images=WORDS,
    told=TOLD,
)

WHOLES = st.builds(
    plan.whole,
    place=st.builds(Place, WORD, WORD, WORD),
    request=REQUESTS,
    targets=st.lists(TARGETS, max_size=3, unique_by=lambda target: target.id).map(tuple),
    left_out=st.lists(st.builds(LeftOutItem, WORD, st.sampled_from(LeftOut)), max_size=2).map(tuple),
    warnings=st.lists(st.tuples(st.sampled_from(Warn), WORD), max_size=2).map(tuple),
)
