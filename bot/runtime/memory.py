"""Memory that threads gave back and the C library keeps: by default in a pool for each of many of them."""

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8

POOLS = 2


def share_pools() -> None:
    """Let all threads share a few pools, where the C library is glibc: others have no such thing."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, POOLS)
