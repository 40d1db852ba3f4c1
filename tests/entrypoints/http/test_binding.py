"""Where the server may listen, and by which names it may be called."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.entrypoints.http import create_app, serve
from hotcrm_ai.entrypoints.http.binding import check_binding, listen, names_of, protection_of, url_of
from hotcrm_ai.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - judged here, not listened on


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, Path]:
    """Settings that name two files which are there."""
    files = {"tls_cert": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}
    for file in files.values():
        file.write_text("PEM")
    return files


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_no_key(host: str) -> None:
    """On the loopback addresses nothing is asked for."""
    check_binding(host, Settings(), keys_exist=False)


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.168.1.5", "2001:db8::5"])
def test_others_need_keys_and_encryption(host: str, tls: dict[str, Path]) -> None:
    """Another address is refused without a key, and without TLS or a proxy; all that is missing is told at once."""
    names = ("scores.example.com",)
    with pytest.raises(ConfigError, match=r"(?s)no API key was ever made.*travel unencrypted"):
        check_binding(host, Settings(), keys_exist=False)
    with pytest.raises(ConfigError, match="no API key was ever made"):
        check_binding(host, Settings(server_hosts=names, **tls), keys_exist=False)
    with pytest.raises(ConfigError, match="travel unencrypted"):
        check_binding(host, Settings(server_hosts=names), keys_exist=True)
    check_binding(host, Settings(server_hosts=names, **tls), keys_exist=True)
    check_binding(host, Settings(server_hosts=names, trusted_proxies=("10.0.0.5",)), keys_exist=True)


@pytest.mark.parametrize(
    "declared", [{"trusted_proxies": ("127.0.0.1",)}, {"server_hosts": ("scores.example.com",)}], ids=["proxy", "name"]
)
def test_a_door_in_front_of_this_machine_needs_keys_too(declared: dict[str, Any]) -> None:
    """A proxy on this machine, or a name for others, means that others come in, whatever is listened on."""
    with pytest.raises(ConfigError, match="no API key was ever made"):
        check_binding("127.0.0.1", Settings(**declared), keys_exist=False)
    check_binding("127.0.0.1", Settings(**declared), keys_exist=True)


def test_listening_everywhere_needs_the_names_that_callers_use(tls: dict[str, Path]) -> None:
    """Without a name nobody could call it, for the Host header of every caller would be refused."""
    with pytest.raises(ConfigError, match="HOTCRM_AI_SERVER_HOSTS"):
        check_binding(EVERYWHERE, Settings(**tls), keys_exist=True)
    check_binding("192.168.1.5", Settings(**tls), keys_exist=True)
    assert names_of("192.168.1.5", Settings(**tls)) == ("192.168.1.5",)
    assert names_of("2001:db8::5", Settings(server_hosts=("a.example",))) == ("a.example", "[2001:db8::5]")
    assert names_of(EVERYWHERE, Settings(server_hosts=("a.example",))) == ("a.example",)
    assert names_of("127.0.0.1", Settings()) == ()


def test_half_of_tls_is_refused(tls: dict[str, Path], tmp_path: Path) -> None:
    """One file without the other, or a file that is not there, is a mistake and never the way to no TLS."""
    with pytest.raises(ConfigError, match="needs both files"):
        check_binding("127.0.0.1", Settings(tls_cert=tls["tls_cert"]), keys_exist=True)
    with pytest.raises(ConfigError, match=r"--tls-key names .*gone\.pem"):
        check_binding("127.0.0.1", Settings(tls_cert=tls["tls_cert"], tls_key=tmp_path / "gone.pem"), keys_exist=True)


@pytest.mark.parametrize("host", ["crm.example.com", "", "0", "127.1"])
def test_only_addresses_are_listened_on(host: str) -> None:
    """A name that a resolver decides about is refused."""
    with pytest.raises(ConfigError, match="no IP address"):
        check_binding(host, Settings(), keys_exist=True)


def test_serving_asks_before_it_listens(tmp_path: Path) -> None:
    """``serve`` itself looks into the workspace: without a key there, another address is refused."""
    with pytest.raises(ConfigError, match="no API key was ever made"):
        serve(Settings(home=tmp_path), host=EVERYWHERE, port=0)


def test_only_declared_proxies_are_believed() -> None:
    """Without a proxy uvicorn believes no forwarding header; with some, theirs."""
    assert protection_of(Settings()) == {"proxy_headers": False, "forwarded_allow_ips": []}
    declared = protection_of(Settings(trusted_proxies=("10.0.0.0/24",)))
    assert declared == {"proxy_headers": True, "forwarded_allow_ips": ["10.0.0.0/24"]}


def test_the_address_is_told_as_one_types_it(tls: dict[str, Path]) -> None:
    """https with TLS, brackets around IPv6."""
    with listen("127.0.0.1", 0, backlog=1) as listener:
        port = listener.getsockname()[1]
        assert url_of(listener, Settings()) == f"http://127.0.0.1:{port}"
        assert url_of(listener, Settings(**tls)) == f"https://127.0.0.1:{port}"


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_the_loopback_address_of_ipv6_is_listened_on() -> None:
    """::1 is this machine as well."""
    try:
        listener = listen("::1", 0, backlog=1)
    except ConfigError as problem:
        pytest.skip(f"IPv6 is switched off here: {problem}")
    with listener:
        assert url_of(listener, Settings()) == f"http://[::1]:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"server_hosts": ("https://a.example",)},
        {"server_hosts": ("a.example:8000",)},
        {"server_hosts": ("*",)},
        {"server_hosts": ("*.example",)},
        {"trusted_proxies": ("*",)},
        {"trusted_proxies": ("proxy.example",)},
        {"trusted_proxies": ("10.0.0.5/24",)},
    ],
)
def test_names_and_proxies_are_exact(wrong: dict[str, Any]) -> None:
    """No wildcard for names, no name for proxies: what is compared is written out."""
    with pytest.raises(ConfigError, match=r"SERVER_HOSTS|TRUSTED_PROXIES"):
        Settings(**wrong)


@pytest.fixture
async def named(ai: Any) -> Any:
    """A client of a server that is called by a name and by an address, and a key with every right."""
    made = await ai.keys.create(scopes=["admin"])
    app = create_app(ai, hosts=("Scores.example.com", "[2001:db8::5]"), new_request_id=lambda: secrets.token_hex(4))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        client.headers["authorization"] = f"Bearer {made.secret.reveal()}"
        yield client


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("scores.example.com", 200),
        ("SCORES.EXAMPLE.COM:8443", 200),
        ("[2001:db8::5]:8443", 200),
        ("localhost:1", 200),
        ("scoresXexample.com", 400),
        ("scores.example.com.evil.example", 400),
        ("evil.example", 400),
        ("scores.example.com:", 400),
        ("scores.example.com:8443:1", 400),
        ("scores.example.com\n", 400),
        ("user@scores.example.com", 400),
    ],
)
async def test_given_names_are_answered_whatever_the_port(named: Any, host: str, status: int) -> None:
    """The Host header is compared whole, without the port, and in either case."""
    transport = named._transport
    told: list[int] = []

    async def send(message: Any) -> None:
        told.extend([message["status"]] if "status" in message else [])

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    authorization = named.headers["authorization"].encode()
    scope = {"type": "http", "method": "GET", "path": "/v1/models", "query_string": b"", "client": ("10.0.0.9", 1)}
    headers = [(b"host", host.encode()), (b"authorization", authorization)]
    await transport.app({**scope, "headers": headers}, receive, send)
    assert told == [status]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://scores.example.com", 200),
        ("https://scores.example.com:8443", 200),
        ("http://localhost:8000", 200),
        ("http://scores.example.com", 403),
        ("https://scores.example.com.evil.example", 403),
        ("https://evil.example", 403),
        ("null", 403),
    ],
)
async def test_a_change_comes_from_a_page_of_the_server_itself(named: Any, origin: str, status: int) -> None:
    """A page of a given name is one that came encrypted; any other page is refused, valid key or not."""
    answer = await named.delete("/v1/cache", headers={"origin": origin, "host": "scores.example.com"})
    assert answer.status_code == status
