"""A client of VOD with whom somebody meddles: the only way to act while a delete call is under way."""

from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import replace

import vod
from bot import clients
from tests.stage import Stage

Meddling = Callable[[int], None]
"""What somebody does at a delete call; it is given the call's number, from 1."""


class Meddled(vod.VodClient):
    """The client of a stage's bot from now on: meddled with before the last look and after each DeleteVideo.

    Whoever meddles is somebody else: the gate that this thread has set is not theirs.
    """

    def __init__(self, stage: Stage, *, before: Meddling, after: Meddling) -> None:
        settings = stage.settings
        super().__init__(clients.credentials(settings), vod.Endpoint(settings.vod_region, settings.vod_endpoint))
        self._before, self._after = before, after
        self._calls = 0
        stage.program = replace(stage.program, context=replace(stage.program.context, client=self))

    def delete_videos(self, video_ids: Sequence[str]) -> vod.DeleteAnswer:
        self._calls += 1
        Context().run(self._before, self._calls)
        try:
            return super().delete_videos(video_ids)
        finally:
            Context().run(self._after, self._calls)


def nothing(_: int) -> None:
    """Meddle with nothing."""
