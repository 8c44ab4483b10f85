from hypothesis import given
from hypothesis import strategies as st

from sandbox.vod.wire.gate.signature import matches, sign, string_to_sign

# The sample of VOD's page "Signature method".
SAMPLE = {
    "AccessKeyId": "testAccessKeyId",
    "Action": "GetVideoPlayAuth",
    "Format": "JSON",
    "SignatureMethod": "HMAC-SHA1",
    "SignatureNonce": "8f8a035d-6496-4268-afd4-67c22837e38d",
    "SignatureVersion": "1.0",
    "Timestamp": "2017-10-10T12:02:54Z",
    "Version": "2017-03-21",
    "VideoId": "5aed81b74ba84920be578cdfe004af4b",
}
SIGNATURE = "Ibgh7y8Vp47LBuAsf5Xhi1SvDss="


def test_the_documented_sample_has_the_documented_signature() -> None:
    assert sign("GET", SAMPLE, "testAccessKeySecret") == SIGNATURE


def test_method_order_and_secret_matter_as_they_should() -> None:
    backwards = dict(reversed(SAMPLE.items()))
    assert sign("GET", backwards, "testAccessKeySecret") == SIGNATURE
    assert sign("POST", SAMPLE, "testAccessKeySecret") != SIGNATURE
    assert sign("GET", SAMPLE, "testAccessKeySecret2") != SIGNATURE


def test_the_string_to_sign_is_encoded_twice() -> None:
    assert (
        string_to_sign("POST", {"b": "1 *~/", "a": "中"}) == "POST&%2F&a%3D%25E4%25B8%25AD%26b%3D1%2520%252A~%252F"
    )


@given(name=st.sampled_from(sorted(SAMPLE)), value=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_a_signature_matches_only_what_was_signed(name: str, value: str) -> None:
    signed = {**SAMPLE, "Signature": SIGNATURE}
    changed = {**signed, name: value}
    assert matches("GET", changed, "testAccessKeySecret") == (changed == signed)


def test_a_missing_or_odd_signature_does_not_match() -> None:
    assert not matches("GET", SAMPLE, "testAccessKeySecret")
    assert not matches("GET", {**SAMPLE, "Signature": "ü"}, "testAccessKeySecret")
