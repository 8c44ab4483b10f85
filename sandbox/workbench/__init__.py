"""The workbench: a page in which one person plays a whole team in the local Slack, with the media beside it."""

from sandbox.workbench.build import build_page
from sandbox.workbench.handle import BotHandle
from sandbox.workbench.server import Workbench

__all__ = ["BotHandle", "Workbench", "build_page"]
