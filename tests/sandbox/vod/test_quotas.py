from datetime import UTC, datetime, timedelta

from sandbox.vod.model.quotas import DOCUMENTED, Quotas
from sandbox.vod.wire.deletes import DELETES
from sandbox.vod.wire.reads import READS

START = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_every_operation_has_its_documented_quota() -> None:
    assert set(DOCUMENTED) == {*READS, *DELETES, "SearchMedia"}
    assert (DOCUMENTED["DeleteVideo"], DOCUMENTED["DeleteStream"], DOCUMENTED["GetPlayInfo"]) == (30, 50, 360)


def test_the_window_slides_and_refused_calls_do_not_count() -> None:
    quotas = Quotas()
    quotas.limits["DeleteVideo"] = 2
    moments = (0.0, 0.6, 0.7, 0.99, 1.0, 1.1, 1.6)
    assert [quotas.admits("DeleteVideo", after(at)) for at in moments] == [
        True,
        True,
        False,
        False,
        True,
        False,
        True,
    ]


def test_operations_do_not_share_a_quota_and_none_is_no_limit() -> None:
    quotas = Quotas()
    quotas.limits |= {"DeleteVideo": 1, "DeleteImage": 1, "GetVideoInfos": None}
    assert quotas.admits("DeleteVideo", START)
    assert quotas.admits("DeleteImage", START)
    assert not quotas.admits("DeleteVideo", START)
    assert all(quotas.admits("GetVideoInfos", START) for _ in range(1000))
