"""How often each operation may be called: VOD's documented calls per second, counted in a sliding second."""

import threading
from collections import defaultdict, deque
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=1)

# Help page "QPS limits on API operations" (342790) and the operations' own pages; ListSnapshots from an older page.
# BatchGetMediaInfos and GetImageInfo(s) are not named there: high-frequency queries have 100.
DOCUMENTED: dict[str, int | None] = {
    "BatchGetMediaInfos": 100,
    "DeleteImage": 50,
    "DeleteMezzanines": 50,
    "DeleteStream": 50,
    "DeleteVideo": 30,
    "DescribePlayVideoStatis": 30,
    "GetImageInfo": 100,
    "GetImageInfos": 100,
    "GetMezzanineInfo": 100,
    "GetPlayInfo": 360,
    "GetUploadDetails": 100,
    "GetVideoInfo": 100,
    "GetVideoInfos": 100,
    "ListSnapshots": 30,
    "SearchMedia": 50,
}


class Quotas:
    """Calls let through in the last second, per operation.

    `limits` (operation → calls per second, None for no limit) may be changed at any time.
    """

    def __init__(self) -> None:
        self.limits: dict[str, int | None] = dict(DOCUMENTED)
        self._lock = threading.Lock()
        self._let_through: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def admits(self, action: str, now: datetime) -> bool:
        """Whether one more call of `action` is within its quota; a call turned away does not count."""
        limit = self.limits.get(action)
        if limit is None:
            return True
        with self._lock:
            recent = self._let_through[action]
            while recent and recent[0] <= now - WINDOW:
                recent.popleft()
            if len(recent) >= limit:
                return False
            recent.append(now)
            return True
