"""Where VOD is: a region, and the address that answers for it."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from aliyunsdkvod.endpoint import endpoint_data

# "VOD centers and endpoints": the regions with an endpoint of their own. Names the SDK maps elsewhere are in
# its own table.
CENTRES = frozenset(
    {
        "ap-northeast-1",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-5",
        "cn-beijing",
        "cn-shanghai",
        "cn-shenzhen",
        "eu-central-1",
        "us-west-1",
    },
)


@dataclass(frozen=True)
class Endpoint:
    """A region ("cn-shanghai") and, where it is not the region's own, an address ("https://host[:port]").

    Media of another region read as non-existent, so the region belongs on every preview. Raises ValueError
    for a region the SDK has no endpoint for (it would ask a location service instead), for plain http to
    anything but this host, for https to a bare IP address (no name to check a certificate against), and for
    more than scheme and host.
    """

    region: str
    address: str | None = None

    def __post_init__(self) -> None:
        if self.address is not None:
            _refuse_address(urlsplit(self.address))
            if not re.fullmatch(r"[a-z0-9-]{1,64}", self.region):
                raise ValueError("a region is made of lower-case letters, digits and hyphens")
        elif self.region not in CENTRES and self.region not in endpoint_data.getEndpointMap():
            known = ", ".join(sorted(CENTRES))
            raise ValueError(f"no VOD endpoint is known for this region; VOD has centres in {known}")

    @property
    def host(self) -> str:
        """`host` or `host:port`."""
        if self.address is not None:
            return urlsplit(self.address).netloc
        mapped: dict[str, str] = endpoint_data.getEndpointMap()
        return mapped.get(self.region, f"vod.{self.region}.aliyuncs.com")

    @property
    def tls(self) -> bool:
        """Whether requests are encrypted; only on the way to this very host they need not be."""
        return self.address is None or urlsplit(self.address).scheme == "https"

    @property
    def loopback(self) -> bool:
        """Whether the address is this very host."""
        return self.address is not None and _is_loopback(urlsplit(self.address).hostname or "")


def _refuse_address(url: SplitResult) -> None:
    host = url.hostname or ""
    if url.scheme not in {"http", "https"} or not host:
        raise ValueError("an endpoint address is https://host[:port]")
    if url.username is not None or url.path not in {"", "/"} or url.query or url.fragment:
        raise ValueError("an endpoint address has a scheme, a host and perhaps a port, nothing more")
    if url.port == 0:
        raise ValueError("an endpoint address cannot have port 0")
    if url.scheme == "http" and not _is_loopback(host):
        raise ValueError("plain http would send signed requests in the clear; it is for this host alone")
    if url.scheme == "https" and _is_ip(host):
        raise ValueError("https needs a host name: a certificate cannot be checked against a bare IP address here")


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_ip(host) and ip_address(host).is_loopback)
