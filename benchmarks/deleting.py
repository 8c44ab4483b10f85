"""How fast videos are deleted by the scripts that one would write instead of this bot."""

import json
import time
from dataclasses import dataclass

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.http import protocol_type
from aliyunsdkvod.request.v20170321.DeleteVideoRequest import DeleteVideoRequest

from benchmarks.stand import Vod
from deletion.plan.library.quota import PER_SECOND
from deletion.terms.requests.targets import BATCH
from sandbox.vod import VodSandbox

QUOTA = PER_SECOND["DeleteVideo"]

BACK_OFF_S = 0.05
"""How long a script waits when VOD says Throttling: the quota gives a call free every 33 ms."""


@dataclass(frozen=True)
class Run:
    """What deleting ``videos`` videos took: seconds, and delete calls that VOD carried out or throttled."""

    videos: int
    seconds: float
    calls: int
    throttled: int

    @property
    def per_second(self) -> float:
        """Return the videos deleted in a second."""
        return self.videos / self.seconds


def by_script(vod: Vod, ids: list[str], *, at_once: int) -> Run:
    """Delete as a script would: one call after another, no countersigning, no re-reading, no proof of absence."""
    vod.calls()
    client = AcsClient(VodSandbox.access_key_id, VodSandbox.access_key_secret, "cn-shanghai", auto_retry=False)
    client.add_endpoint("cn-shanghai", "vod", vod.url.removeprefix("http://"))
    began = time.monotonic()
    for start in range(0, len(ids), at_once):
        while not _deleted(client, ids[start : start + at_once]):
            time.sleep(BACK_OFF_S)
    seconds = time.monotonic() - began
    made = vod.calls()
    return Run(len(ids), seconds, made["done"], made["throttled"])


def _deleted(client: AcsClient, ids: list[str]) -> bool:
    request = DeleteVideoRequest()
    request.set_protocol_type(protocol_type.HTTP)
    request.set_VideoIds(",".join(ids))
    try:
        json.loads(client.do_action_with_exception(request))
    except ServerException as exc:
        if exc.get_error_code() != "Throttling.User":
            raise
        return False
    return True


def minimum(videos: int) -> int:
    """Return the fewest delete calls that so many videos take."""
    return -(-videos // BATCH)
