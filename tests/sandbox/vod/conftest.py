import logging
from collections.abc import Iterator

import pytest

from sandbox.vod import VodSandbox
from tests.sandbox.vod.sdk import Sdk


@pytest.fixture(autouse=True)
def _quiet_sdk() -> Iterator[None]:
    """The SDK logs every failure with its signed URL; tests provoke many."""
    logger = logging.getLogger("aliyunsdkcore")
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(logging.NOTSET)


@pytest.fixture
def vod() -> Iterator[VodSandbox]:
    """An empty local VOD. Nothing unknown may be asked of it unless the test takes note of it."""
    with VodSandbox.start(seed_library=False) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def seeded() -> Iterator[VodSandbox]:
    """A full library, shared by tests that only read."""
    with VodSandbox.start() as sandbox:
        yield sandbox


@pytest.fixture
def sdk(vod: VodSandbox) -> Sdk:
    """The real SDK, speaking to `vod`."""
    return Sdk(vod)
