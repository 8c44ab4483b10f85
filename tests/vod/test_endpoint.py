import pytest
from aliyunsdkcore.endpoint.endpoint_resolver_rules import EndpointResolverRules
from aliyunsdkcore.endpoint.resolver_endpoint_request import ResolveEndpointRequest
from aliyunsdkvod.endpoint import endpoint_data

from vod.sdk.endpoint import CENTRES, Endpoint


@pytest.mark.parametrize("region", sorted(CENTRES | endpoint_data.getEndpointMap().keys()))
def test_every_known_region_gets_the_address_the_sdk_would_resolve(region: str) -> None:
    request = ResolveEndpointRequest(region, "vod", "vod", "openAPI")
    request.endpoint_map = endpoint_data.getEndpointMap()
    request.endpoint_regional = endpoint_data.getEndpointRegional()
    request.request_network, request.product_suffix = "public", ""
    assert Endpoint(region).host == EndpointResolverRules().resolve(request)
    assert Endpoint(region).tls
    assert not Endpoint(region).loopback


@pytest.mark.parametrize("region", ["", "cn-atlantis", "CN-SHANGHAI", "cn-shanghai\n", "xx"])
def test_a_region_nobody_knows_is_refused_with_those_that_exist(region: str) -> None:
    with pytest.raises(ValueError, match="cn-shanghai"):
        Endpoint(region)


@pytest.mark.parametrize("region", ["", "cn shanghai", "cn-shanghai\n", "../x"])
def test_a_malformed_region_is_refused_even_with_an_address(region: str) -> None:
    with pytest.raises(ValueError, match="region"):
        Endpoint(region, "http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("address", "host", "tls"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080", False),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080", False),
        ("http://127.8.9.1:1", "127.8.9.1:1", False),
        ("http://localhost:8080", "localhost:8080", False),
        ("http://[::1]:8080", "[::1]:8080", False),
        ("https://localhost:8080", "localhost:8080", True),
        ("https://vod.example", "vod.example", True),
        ("https://vod.example:8443", "vod.example:8443", True),
    ],
)
def test_an_address_is_taken_apart_into_host_and_encryption(address: str, host: str, tls: bool) -> None:  # noqa: FBT001 - a table
    endpoint = Endpoint("cn-shanghai", address)
    assert (endpoint.host, endpoint.tls) == (host, tls)
    assert endpoint.loopback == ("vod.example" not in address)


@pytest.mark.parametrize(
    "address",
    [
        "http://vod.cn-shanghai.aliyuncs.com",
        "http://10.0.0.1:8080",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://0.0.0.0:80",
        "https://10.0.0.1",
        "https://user:password@vod.example",
        "https://@vod.example",
        "https://vod.example/path",
        "https://vod.example?x=1",
        "https://vod.example#x",
        "https://vod.example:0",
        "https://vod.example:99999",
        "https://",
        "ftp://127.0.0.1",
        "127.0.0.1:8080",
        "",
    ],
)
def test_an_address_that_could_send_keys_astray_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r".") as info:
        Endpoint("cn-shanghai", address)
    assert "password" not in str(info.value)
