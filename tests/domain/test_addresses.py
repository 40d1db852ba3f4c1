"""Providers are reached at listed hosts and public addresses only, however an address is written."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from hotcrm_ai.domain.addresses import VENDOR_HOSTS, AllowedHosts, address_problem

LISTED = AllowedHosts(
    [
        *VENDOR_HOSTS,
        "models.example.com",
        "*.inference.ml.azure.com",
        "gpu.internal:8443",
        "127.0.0.1:8080",
        "http://mlserver:9000",
    ]
)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1/responses",
        "https://API.OpenAI.com./v1",
        "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/x/invocations",
        "https://models.example.com/score",
        "https://lead.westeurope.inference.ml.azure.com/score",
        "https://gpu.internal:8443/",
        "http://127.0.0.1:8080/invocations",
        "http://mlserver:9000/v2",
    ],
)
def test_what_is_listed_may_be_asked(url: str) -> None:
    """Hosts, hosts below a suffix, exact ports, and plain http where it is declared or stays on the machine."""
    assert LISTED.target(url).host


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com",
        "https://api.openai.com.evil.example",
        "https://api.openai.com:8443",
        "https://inference.ml.azure.com",
        "https://runtime.sagemaker.a.b.amazonaws.com",
        "http://models.example.com",
        "http://gpu.internal:8443",
        "http://127.0.0.1:8081",
        "http://127.0.0.1",
        "http://2130706433",
        "http://0x7f.1",
        "http://[::1]:8080",
        "https://[::ffff:127.0.0.1]",
        "http://169.254.169.254/latest",
        "169.254.169.254",
        "localhost",
        "https://user@models.example.com",
        "https://models.example.com#x",
        "https://models.example.com\\@evil.example",
        "https://models.example.com /",
        "https://mödels.example.com",
        "file:///etc/passwd",
        "ftp://models.example.com",
        "https://models.example.com:99999",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    """Another host, port, scheme or spelling is no listed one."""
    with pytest.raises(ValueError):
        LISTED.target(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "100.64.0.1", "192.0.0.192", "0.0.0.0", "240.0.0.1", "224.0.0.1",  # noqa: S104
        "169.254.169.254", "::1", "::", "fe80::1", "fd00::1", "fd00:ec2::254", "::ffff:10.0.0.1", "64:ff9b::169.254.169.254",
        "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "::127.0.0.1", "64:ff9b::8.8.8.8", "ff02::1",
    ],
)  # fmt: skip
def test_no_address_but_a_public_one(address: str) -> None:
    """Private, reserved, link-local and embedded addresses are refused where only a host is listed."""
    assert address_problem(ip_address(address), is_explicit=False)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1", "224.0.0.1", "0.0.0.0"],  # noqa: S104 - an address to refuse
)
def test_metadata_services_are_refused_even_where_the_port_is_listed(address: str) -> None:
    """No list can allow link-local, metadata or multicast addresses."""
    assert address_problem(ip_address(address), is_explicit=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_no_problem(address: str) -> None:
    """What everybody can reach may be connected to."""
    assert address_problem(ip_address(address), is_explicit=False) is None


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "fd00::1"])
def test_a_server_of_ones_own_may_be_private(address: str) -> None:
    """Where host and port are listed, the operator means that very server."""
    assert address_problem(ip_address(address), is_explicit=True) is None


@pytest.mark.parametrize("entry", ["*.com", "http://user@host", "*", "a b", "https://host/#x", "a.*.*"])
def test_an_entry_that_is_no_host_is_refused(entry: str) -> None:
    """A list that cannot be read allows nothing."""
    with pytest.raises(ValueError):
        AllowedHosts([entry])
