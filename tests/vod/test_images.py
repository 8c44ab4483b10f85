from collections.abc import Callable

import pytest

from tests.vod.hostile import HostileServer, Script, Then, http
from vod.api.images import image_is_served


def served(server: HostileServer, path: str = "/image/default/a.png") -> bool | None:
    domains = frozenset({f"127.0.0.1:{server.port}"})
    return image_is_served(server.url + path, allowed_domains=domains, timeout_s=0.5)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, True),
        (206, True),
        (404, False),
        (410, False),
        (304, None),
        (403, None),
        (400, None),
        (500, None),
        (503, None),
    ],
)
def test_only_404_and_410_prove_absence_and_only_2xx_presence(
    status: int,
    answer: bool | None,  # noqa: FBT001 - a table
    hostile: Callable[..., HostileServer],
) -> None:
    assert served(hostile(http(status, b""))) is answer


def test_a_redirect_is_not_followed_and_proves_nothing(hostile: Callable[..., HostileServer]) -> None:
    other = hostile(http(200, b""))
    moved = f"HTTP/1.1 302 Found\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n"
    assert served(hostile(Script(moved.encode()))) is None
    assert other.requests == []


@pytest.mark.parametrize(
    "script", [Script(b"", Then.RESET), Script(b"", Then.STALL), Script(b"nonsense\r\n", Then.CLOSE)]
)
def test_no_answer_proves_nothing(script: Script, hostile: Callable[..., HostileServer]) -> None:
    assert served(hostile(script)) is None


def test_nothing_but_the_head_is_read(hostile: Callable[..., HostileServer]) -> None:
    assert served(hostile(http(200, b"start", length=10**9, then=Then.STALL))) is True


def test_caches_are_asked_to_look_again_and_the_environments_proxy_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
    hostile: Callable[..., HostileServer],
) -> None:
    proxy, server = hostile(http(404, b"")), hostile(http(200, b""))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    assert served(server) is True
    assert "cache-control: no-cache" in server.heads[0].lower()
    assert proxy.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "http://user:password@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}@evil.example/",
        "http://localhost:{port}/",
        "http://127.0.0.1/",
        "http://127.0.0.1.:{port}/",
        "https://evil.example/?127.0.0.1:{port}",
        "ftp://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "/image/a.png",
        "http://[/",
        "http://127.0.0.1:{port}x/",
        "",
    ],
)
def test_an_address_outside_the_allowed_domains_is_never_asked(
    address: str,
    hostile: Callable[..., HostileServer],
) -> None:
    server = hostile(http(200, b""))
    domains = frozenset({f"127.0.0.1:{server.port}"})
    assert image_is_served(address.format(port=server.port), allowed_domains=domains, timeout_s=0.5) is None
    assert server.connections == 0


@pytest.mark.parametrize(
    ("address", "domains", "allowed"),
    [
        ("https://img.example/a", {"img.example"}, True),
        ("https://IMG.example:443/a", {"img.example"}, True),
        ("https://img.example/a", {"img.example:443"}, True),
        ("http://img.example/a", {"img.example"}, True),
        ("https://img.example:8443/a", {"img.example"}, False),
        ("https://img.example:8443/a", {"img.example:8443"}, True),
        ("https://evil-img.example/a", {"img.example"}, False),
        ("https://a.img.example/a", {"img.example"}, False),
        ("https://img.example/a", set(), False),
    ],
)
def test_a_domain_without_a_port_means_the_usual_ports(address: str, domains: set[str], allowed: bool) -> None:  # noqa: FBT001 - a table
    from vod.api.images import _allowed  # noqa: PLC0415 - asking the real thing would send traffic elsewhere

    assert (_allowed(address, frozenset(domains)) is not None) is allowed
