"""The certificate authorities that this machine trusts, read once: that takes longer than most requests."""

import ssl
from functools import cache


@cache
def trusted() -> ssl.SSLContext:
    """Return what httpx makes anew for each client unless it is given one."""
    return ssl.create_default_context()
