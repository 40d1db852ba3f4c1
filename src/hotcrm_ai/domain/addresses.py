"""Says where the product may connect to: listed hosts and ports, over https, at public addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

import msgspec

VENDOR_HOSTS: Final = ("api.openai.com", "api.anthropic.com", "runtime.sagemaker.*.amazonaws.com")
"""Hosts of services whose public address is the same for everybody; all others are the operator's to list."""

_HOST: Final = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_PROTOCOL_ASSIGNMENTS: Final = ip_network("192.0.0.0/24")
_NEVER: Final = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"), ip_network("fd00:ec2::254/128"))
"""Link-local addresses and the metadata services of clouds, which no list can allow."""

AnyAddress = IPv4Address | IPv6Address


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a URL leads to; ``is_explicit`` where the list names this very host and port, so that it may be a private address."""

    scheme: str
    host: str
    port: int
    is_explicit: bool


class AllowedHosts:
    """The list of hosts that providers may be reached at.

    An entry is ``host`` (https at port 443, public addresses only), ``*.suffix`` (the same for every host below it; a star in the middle
    stands for one part of a name) or ``host:port`` (that very port; the address may be private, and http is accepted where it is a
    loopback address or the entry begins with ``http://``).

    >>> AllowedHosts(["api.example.com"]).target("https://api.example.com/v1").port
    443
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._hosts: set[str] = set()
        self._suffixes: set[str] = set()
        self._patterns: list[re.Pattern[str]] = []
        self._explicit: set[tuple[str, int]] = set()
        self._plain: set[tuple[str, int]] = set()
        for entry in entries:
            self._add(entry)

    def target(self, url: str) -> Target:
        """Return whom a URL leads to.

        Raises:
            ValueError: it is no usable URL, or not allowed; the text says which, and what to do.
        """
        scheme, host, port = _parts(url)
        is_explicit = (host, port) in self._explicit
        if not is_explicit and not (port == 443 and self._lists(host)):
            raise ValueError(
                f"{host}:{port} is not on the list of provider hosts; the operator adds it with HOTCRM_AI_PROVIDER_HOSTS"
            )
        if scheme == "http" and not self._may_be_plain(host, port):
            raise ValueError(f"{host}:{port} is asked over http, which would show data and credentials; use https")
        literal = _literal(host)
        if literal is not None:
            problem = address_problem(literal, is_explicit=is_explicit)
            if problem:
                raise ValueError(problem)
        return Target(scheme=scheme, host=host, port=port, is_explicit=is_explicit)

    def _add(self, entry: str) -> None:
        text = entry.strip().lower()
        if text.startswith("*."):
            if not _HOST.match(text[2:]) or "." not in text[2:]:
                raise ValueError(f"{entry!r} is no pattern of hosts; write *.example.com")
            self._suffixes.add(text[1:])
            return
        if ".*." in text:
            if not _HOST.match(text.replace(".*.", ".x.")):
                raise ValueError(f"{entry!r} is no pattern of hosts; write service.*.example.com")
            self._patterns.append(re.compile(re.escape(text).replace(r"\*", "[a-z0-9-]{1,63}")))
            return
        is_plain = text.startswith("http://")
        scheme, host, port = _parts(text if "://" in text else f"https://{text}")
        names_port = is_plain or urlsplit(text if "://" in text else f"https://{text}").port is not None
        if not names_port:
            self._hosts.add(host)
            return
        self._explicit.add((host, port))
        if scheme == "http":
            self._plain.add((host, port))

    def _lists(self, host: str) -> bool:
        return (
            host in self._hosts
            or any(host.endswith(suffix) for suffix in self._suffixes)
            or any(pattern.fullmatch(host) for pattern in self._patterns)
        )

    def _may_be_plain(self, host: str, port: int) -> bool:
        literal = _literal(host)
        is_loopback = host == "localhost" or (literal is not None and literal.is_loopback)
        return (host, port) in self._plain or (is_loopback and (host, port) in self._explicit)


def listed_as(url: str) -> str:
    """Return the entry of a list of hosts that allows exactly where a URL leads to, as an operator wrote it.

    Raises:
        ValueError: it is no usable URL.

    >>> listed_as("https://hooks.example.com/a"), listed_as("http://127.0.0.1:8065/hooks/b")
    ('hooks.example.com', 'http://127.0.0.1:8065')
    """
    scheme, host, port = _parts(url)
    shown = f"[{host}]" if ":" in host else host
    return shown if scheme == "https" and port == _DEFAULT_PORTS["https"] else f"{scheme}://{shown}:{port}"


def address_problem(address: AnyAddress, *, is_explicit: bool) -> str | None:
    """Say why an address may not be connected to, or nothing; a private one may where host and port are listed explicitly."""
    meant = [address, *_embedded(address)]
    for one in meant:
        if any(one in network for network in _NEVER if network.version == one.version) or one.is_multicast:
            return f"{address} is a link-local, metadata or multicast address, where no provider is reached"
        if one.is_unspecified:
            return f"{address} is no address of a host"
    if is_explicit:
        return None
    if len(meant) > 1 or not all(_is_public(one) for one in meant):
        return f"{address} is no public address; a server of your own is listed with its port, as host:port"
    return None


def _is_public(address: AnyAddress) -> bool:
    return address.is_global and not address.is_reserved and address not in _PROTOCOL_ASSIGNMENTS


def _embedded(address: AnyAddress) -> list[AnyAddress]:
    """Return the IPv4 addresses that an IPv6 address stands for: mapped, 6to4, Teredo, NAT64 and the old compatible form."""
    if isinstance(address, IPv4Address):
        return []
    found: list[AnyAddress | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _NAT64) or (int(address) >> 32 == 0 and int(address) > 1):
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in found if one is not None]


def _parts(url: str) -> tuple[str, str, int]:
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in url):
        raise ValueError("it is no URL: it holds white space or characters that do not belong there")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise ValueError(f"it is no URL ({problem})") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("it is no URL; give one like https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("it holds a user or password; give credentials as references")
    if parts.fragment or url.endswith("#"):
        raise ValueError("it has a fragment (#…), which is never sent")
    host = parts.hostname.rstrip(".")
    if _literal(host) is None and not _HOST.match(host):
        raise ValueError("its host is no host name; write names outside of ASCII in their xn-- form")
    return parts.scheme, host, port if port is not None else _DEFAULT_PORTS[parts.scheme]


def _literal(host: str) -> AnyAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
