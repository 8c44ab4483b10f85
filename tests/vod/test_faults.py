import traceback
from collections.abc import Callable

import pytest

from tests.vod.hostile import HostileServer, Script, Then, http, http_json, refusal
from vod import Advice
from vod.api.client import VodClient
from vod.sdk.errors import Ambiguous, Denied, IllegalStatus, NotFound, NotSent, Rejected, Throttled, VodError

IDS = ["93ab850b4f6f44eab54b6e91d24d81d4"]

ANSWERED: list[tuple[int, str, type[VodError]]] = [
    (404, "InvalidVideo.NotFound", NotFound),
    (400, "InvalidVideo.NotFound", NotFound),
    (404, "InvalidStream.NotFound", NotFound),
    (404, "InvalidFile.NotFound", NotFound),
    (404, "InvalidVideo.NoneStream", NotFound),
    (404, "NoSuchResource", NotFound),
    (404, "InvalidAction.NotFound", Rejected),
    (404, "InvalidImaginary.NotFound", Rejected),
    (404, "InvalidAccessKeyId.NotFound", Denied),
    (503, "InvalidVideo.NotFound", Ambiguous),
    (400, "Throttling", Throttled),
    (400, "Throttling.User", Throttled),
    (429, "Throttling.Api", Throttled),
    (503, "Throttling.System", Throttled),
    (400, "ThrottlingOfSomethingElse", Rejected),
    (403, "Forbidden", Denied),
    (403, "Forbidden.RAM", Denied),
    (403, "Forbidden.OperateAppResource", Denied),
    (403, "OperationDenied", Denied),
    (403, "OperationDenied.Suspended", Denied),
    (403, "SomethingNew", Denied),
    (401, "SomethingNew", Denied),
    (400, "InvalidTimeStamp.Expired", Denied),
    (400, "IncompleteSignature", Denied),
    (403, "InvalidSecurityToken.Expired", Denied),
    (403, "Forbidden.IllegalStatus", IllegalStatus),
    (400, "Forbidden.IllegalStatus", IllegalStatus),
    (403, "Forbidden.AliyunVoDEncryption", Rejected),
    (400, "VideoIdsExceededMax", Rejected),
    (400, "JobIdsExceededMax", Rejected),
    (400, "MissingParameter", Rejected),
    (400, "InvalidParameter", Rejected),
    (400, "SignatureNonceUsed", Ambiguous),
    (400, "InternalError", Ambiguous),
    (408, "RequestTimeout", Ambiguous),
    (500, "InternalError", Ambiguous),
    (503, "ServiceUnAvailable", Ambiguous),
    (503, "DeleteVideoFailed", Ambiguous),
    (503, "DeleteStreamFailed", Ambiguous),
    (400, "DeleteVideoFailed", Ambiguous),
    (500, "Forbidden", Ambiguous),
    (302, "Forbidden", Ambiguous),
]


def caught(client: VodClient) -> VodError:
    with pytest.raises(VodError) as info:
        client.delete_videos(IDS)
    return info.value


@pytest.mark.parametrize(("status", "code", "kind"), ANSWERED)
def test_every_documented_answer_has_one_meaning(
    status: int,
    code: str,
    kind: type[VodError],
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(refusal(status, code))
    error = caught(client_of(server.url))
    assert type(error) is kind
    assert (error.action, error.code) == ("DeleteVideo", code)
    assert (error.http_status, error.request_id) == (status, "7B3A-11")
    assert error.advice in Advice
    assert len(server.requests) == 1


UNREADABLE: list[tuple[str, Script]] = [
    ("an error page in HTML", http(502, b"<html>Bad gateway</html>")),
    ("an error page in HTML that says not found", http(404, b"<html>Not found</html>")),
    ("a refusal without a code", http_json(403, {"RequestId": "R", "Message": "?"})),
    ("a refusal whose code is a number", refusal(404, 404)),
    ("a refusal whose code is prose", refusal(404, "See https://evil.example/?Signature=x")),
    ("a refusal that is a number", http(400, b"7")),
    ("a refusal that is a string", http(400, b'"Code"')),
    ("a refusal that is a list", http(400, b'["Code"]')),
    ("a redirect", Script(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")),
    ("an error body that is not UTF-8", http(500, b'{"Code":"\xff\xfe"}')),
    ("a signature error without a colon", refusal(400, "SignatureDoesNotMatch", "no")),
    ("no JSON", http(200, b"OK")),
    ("nothing", http(200, b"")),
    ("a list", http(200, b"[1]")),
    ("XML", http(200, b"<DeleteVideoResponse><RequestId>1</RequestId></DeleteVideoResponse>")),
    ("bytes that are no text", http(200, b"\xff\xfe\x00")),
    ("JSON nested beyond reason", http(200, b"[" * 100_000)),
    ("no request id", http_json(200, {"ForbiddenVideoIds": []})),
    ("a request id that is a number", http_json(200, {"RequestId": 7})),
    ("an error told as a success", http_json(200, {"RequestId": "R", "Code": "InternalError"})),
    ("refused ids in an unknown shape", http_json(200, {"RequestId": "R", "ForbiddenVideoIds": 7})),
    ("refused ids cut off", http_json(200, {"RequestId": "R", "ForbiddenVideoIds": '["a'})),
    ("a body that ends early", http(200, b'{"RequestId":"R"}', length=500, then=Then.CLOSE)),
    ("a body that is reset", http(200, b'{"RequestId"', length=500, then=Then.RESET)),
    ("a body that stalls", http(200, b'{"RequestId"', length=500, then=Then.STALL)),
    ("a reset", Script(b"", Then.RESET)),
    ("a closed connection", Script(b"", Then.CLOSE)),
    ("no answer in time", Script(b"", Then.STALL)),
    ("no HTTP", Script(b"220 smtp.example ESMTP\r\n", Then.CLOSE)),
]


@pytest.mark.parametrize("script", [script for _, script in UNREADABLE], ids=[name for name, _ in UNREADABLE])
def test_whatever_does_not_prove_that_nothing_happened_is_ambiguous(
    script: Script,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(script)
    error = caught(client_of(server.url, read_timeout_s=0.3))
    assert type(error) is Ambiguous
    assert error.code in {
        "UnreadableAnswer",
        "UnreadableCode",
        "SDK.UnknownServerError",
        "TimedOut",
        "ConnectionLost",
    }
    assert len(server.requests) == 1


def test_a_time_out_and_a_lost_connection_have_names_of_their_own(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    stalling, resetting = hostile(Script(b"", Then.STALL)), hostile(Script(b"", Then.RESET))
    assert caught(client_of(stalling.url, read_timeout_s=0.3)).code == "TimedOut"
    assert caught(client_of(resetting.url)).code == "ConnectionLost"


def test_a_refused_connection_proves_that_nothing_was_sent(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(http(200, b"{}"))
    server.stop()
    error = caught(client_of(server.url))
    assert type(error) is NotSent
    assert error.code == "NotConnected"


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("InvalidTimeStamp.Expired", Advice.SET_CLOCK),
        ("InvalidAccessKeyId.NotFound", Advice.CHECK_KEY_ID),
        ("SignatureDoesNotMatch", Advice.CHECK_KEY_PAIR),
        ("InvalidSecurityToken.Expired", Advice.CHECK_ROLE),
        ("OperationDenied.Suspended", Advice.PAY),
        ("OperationDenied", Advice.ACTIVATE),
        ("Forbidden", Advice.PERMIT),
        ("Forbidden.OperateApp", Advice.PERMIT_MEDIA),
        ("Forbidden.OperateAppResource", Advice.PERMIT_MEDIA),
        ("SomethingNew", Advice.CHECK_ACCESS),
    ],
)
def test_a_denial_says_what_to_look_at(
    code: str,
    advice: Advice,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(refusal(403, code, "server string to sign is:POST&something"))
    error = caught(client_of(server.url))
    assert type(error) is Denied
    assert error.advice is advice


@pytest.mark.parametrize(
    "script",
    [
        Script(b"", Then.RESET),
        Script(b"", Then.STALL),
        http(500, b"\xff"),
        refusal(403, "Forbidden"),
        http(200, b""),
    ],
)
def test_no_error_tells_the_signed_address_or_another_librarys_words(
    script: Script,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(script)
    error = caught(client_of(server.url, read_timeout_s=0.3))
    seen = "\n".join([str(error), repr(error), error.advice, *traceback.format_exception(error)])
    assert error.__cause__ is None
    assert error.__context__ is None
    sent = server.requests[0]
    for secret in (sent["Signature"], sent["AccessKeyId"], sent["SignatureNonce"], "Signature=", "urllib3", *IDS):
        assert secret not in seen


def test_the_text_of_an_error_says_action_code_status_and_request() -> None:
    error = NotFound(
        "DeleteVideo", "InvalidVideo.NotFound", advice=Advice.NOTHING, http_status=404, request_id="R-1"
    )
    assert str(error) == "DeleteVideo: InvalidVideo.NotFound (HTTP 404, request R-1)"
    assert str(NotSent("DeleteVideo", "NotConnected", advice=Advice.NOTHING)) == "DeleteVideo: NotConnected"


def test_a_request_id_that_could_carry_anything_is_left_out(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(http_json(404, {"RequestId": "<!channel> x", "Code": "InvalidVideo.NotFound", "Message": ""}))
    assert caught(client_of(server.url)).request_id is None
