"""Who is calling: the one operation of STS that a caller of VOD needs, played at the same address."""

from sandbox.json_types import Json
from sandbox.vod.wire.call import Call, Read

ACCOUNT = "1234567890123456"


def _get_caller_identity(call: Call) -> Json:
    """The account, and the RAM user whose key signed the request; it needs no permission."""
    return {
        "IdentityType": "RAMUser",
        "AccountId": call.account,
        "PrincipalId": "216959339000654321",
        "UserId": "216959339000654321",
        "Arn": f"acs:ram::{call.account}:user/countersign",
    }


GET_CALLER_IDENTITY = Read(frozenset(), _get_caller_identity)
