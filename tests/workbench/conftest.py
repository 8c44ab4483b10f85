"""A workbench with a real bot behind it and a real browser before it, shared by all of its tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo import play
from demo.bot_process import BotProcess
from handlers.text.language import ENGLISH, Language
from sandbox.clock import Clock
from sandbox.slack import SlackSandbox
from sandbox.vod import VodSandbox
from sandbox.workbench import Workbench, build_page
from sandbox.workbench.build import NO_NODE
from tests.catalogues import CHINESE
from tests.workbench.visitor import Visitor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PAGE = Path("build/page")
READY_WITHIN_S = 30
PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def page_folder() -> Path:
    told: list[str] = []
    built = build_page(PAGE, say=told.append)
    if built is None and told == [NO_NODE]:
        pytest.skip("the page cannot be built here: there is no Node")
    assert built is not None, "\n".join(told)
    return built


@contextmanager
def opened(page: Path, folder: Path, **more: str) -> Iterator[Workbench]:
    """A workbench on a new record in ``folder``, its bot with these settings besides."""
    clock = Clock()
    with VodSandbox.start(clock=clock) as vod, SlackSandbox.start(clock=clock, environ={}) as slack:
        slack.rate.enabled = False
        settings = {
            **play.environment(slack, vod),
            "COUNTERSIGN_MESSAGE_SECONDS": "0",
            "COUNTERSIGN_LEASE_SECONDS": "3",
            "COUNTERSIGN_TYPED_FROM": "18",
            "COUNTERSIGN_MAX_ITEMS": "150",
            "DATABASE_URL": f"sqlite:///{folder}/countersign.db",
            **more,
        }
        bot = BotProcess(slack.connect, settings, folder / "bot.log", "-m", "demo.sandbox_clock", slack.url)
        try:
            bot.start()
            with Workbench.start(slack, vod, bot, page=page, outage_s=3) as running:
                yield running
            assert slack.unknown_calls == []
            assert vod.unknown_calls == ()
            bot.end()
        finally:
            bot.kill()


@pytest.fixture(scope="session")
def workbench(page_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with opened(page_folder, tmp_path_factory.mktemp("workbench")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    expect.set_options(timeout=PATIENCE_MS)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="UTC")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def visitor(tab: Page, workbench: Workbench) -> Visitor:
    return Visitor.arrive(tab, workbench)


@pytest.fixture(params=[ENGLISH, CHINESE], ids=lambda each: each.name)
def lang(request: pytest.FixtureRequest, visitor: Visitor) -> Iterator[Language]:
    """What everybody's Slack is set to; the channels stay English."""
    lang: Language = request.param
    if lang is CHINESE:
        visitor.speak("zh-CN")
    yield lang
    if lang is CHINESE:
        visitor.speak("en-US")
