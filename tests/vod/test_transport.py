import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.vod.hostile import HostileServer, http_json
from vod import Advice
from vod.api.client import VodClient
from vod.sdk.errors import Ambiguous, NotSent, VodError
from vod.sdk.transport import Outcome, sort

IDS = ["93ab850b4f6f44eab54b6e91d24d81d4"]
ACCEPTED = http_json(200, {"RequestId": "R-1"})


def certificate(folder: Path, host: str) -> Path:
    """A self-signed certificate for one host name, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM),
    )
    return path


def encrypted(server: HostileServer, path: Path) -> str:
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(path)
    return f"https://localhost:{server.port}"


def test_an_https_address_is_spoken_to_in_tls_and_its_certificate_checked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    path = certificate(tmp_path, "localhost")
    server = hostile(ACCEPTED)
    monkeypatch.setenv("ALIBABA_CLOUD_CA_BUNDLE", str(path))
    client = client_of(encrypted(server, path))
    for _ in range(3):
        assert client.delete_videos(IDS).request_id == "R-1"
    assert server.connections == 1


def test_an_untrusted_certificate_stops_the_request_before_it_is_sent(
    tmp_path: Path,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(ACCEPTED)
    client = client_of(encrypted(server, certificate(tmp_path, "localhost")))
    with pytest.raises(NotSent) as info:
        client.delete_videos(IDS)
    assert info.value.code == "CertificateNotTrusted"
    assert info.value.advice is Advice.CHECK_CERTIFICATE
    assert server.requests == []


def test_a_certificate_for_another_host_stops_the_request_before_it_is_sent(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    path = certificate(tmp_path, "vod.example")
    server = hostile(ACCEPTED)
    monkeypatch.setenv("ALIBABA_CLOUD_CA_BUNDLE", str(path))
    with pytest.raises(NotSent) as info:
        client_of(encrypted(server, path)).delete_videos(IDS)
    assert info.value.code == "CertificateNotTrusted"
    assert server.requests == []


def test_a_server_that_speaks_no_tls_never_gets_the_request_in_the_clear(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(ACCEPTED)
    with pytest.raises(VodError) as info:
        client_of(f"https://localhost:{server.port}", read_timeout_s=0.3, connect_timeout_s=0.3).delete_videos(IDS)
    assert isinstance(info.value, NotSent | Ambiguous)
    assert server.requests == []


def test_a_host_without_an_address_proves_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
    client_of: Callable[..., VodClient],
) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent) as info:
        client_of("https://vod.example").delete_videos(IDS)
    assert info.value.code == "NotConnected"


def test_a_failure_that_refers_to_itself_is_sorted_all_the_same() -> None:
    error = OSError("round")
    error.args = (error,)
    assert sort(error) is Outcome.LOST
