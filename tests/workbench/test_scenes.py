import re

import pytest
from playwright.sync_api import expect

from sandbox.workbench.scenes import SCENES
from tests.workbench.visitor import Visitor

LONGEST_MS = 150_000

# Last the one that makes every open proposal expire.
ORDER = [*(key for key in SCENES if key != "expire"), "expire"]


@pytest.mark.parametrize("key", ORDER)
def test_a_scene_plays_and_says_that_it_held(visitor: Visitor, key: str) -> None:
    visitor.tab.get_by_role("button", name="Things to try").click()
    scene = visitor.tab.locator(f'[data-scene="{key}"]')
    scene.get_by_role("button", name="Play").click()
    expect(scene).to_have_attribute("data-outcome", re.compile("held|broken"), timeout=LONGEST_MS)
    assert scene.locator(".steps").inner_text() != ""
    expect(scene.locator(".verdict"), scene.locator(".steps").inner_text()).to_contain_text("It held")
    expect(scene.locator(".steps")).not_to_contain_text("not so")
