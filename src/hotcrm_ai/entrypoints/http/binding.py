"""Decides where the server may listen: on this machine always, elsewhere only with keys and an encrypted way in."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import ConfigError, StorageError
from hotcrm_ai.settings import Settings

LOCAL_ADDRESSES: Final = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
"""The names of this machine that can be listened on, each with its address."""

_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - judged, not listened on  # nosec B104


def check_binding(host: str, settings: Settings, *, keys_exist: bool) -> None:
    """Refuse to listen where others could reach the server unprotected.

    A declared proxy or a name for others to call the server by means that others reach it, whatever address it listens on.

    Raises:
        ConfigError: the host is no address, or is not this machine and keys, TLS or a proxy, or the server's names are missing; TLS is
            half-declared, or its files are not there.
    """
    _check_tls_files(settings.tls_cert, settings.tls_key)
    if is_private(host, settings):
        return
    problems = []
    if host not in LOCAL_ADDRESSES and not _is_address(host):
        raise ConfigError(f"The server cannot listen on {host!r}: that is no IP address; give one, or localhost.")
    if not keys_exist:
        problems.append("no API key was ever made here, so anybody could use it: run `hotcrm-ai keys create`")
    if host not in LOCAL_ADDRESSES and settings.tls_cert is None and not settings.trusted_proxies:
        problems.append(
            "keys would travel unencrypted: give --tls-cert and --tls-key, or name the proxy that does it with --trusted-proxy"
        )
    if host in _EVERYWHERE and not settings.server_hosts:
        problems.append(
            "nobody could call it: set HOTCRM_AI_SERVER_HOSTS to the names that callers use, parted by commas"
        )
    if problems:
        raise ConfigError(f"The server cannot listen on {host!r}, where others reach it:", problems=tuple(problems))


def is_private(host: str, settings: Settings) -> bool:
    """Whether only programs of this machine reach the server."""
    return host in LOCAL_ADDRESSES and not settings.server_hosts and not settings.trusted_proxies


def listen(host: str, port: int, *, backlog: int) -> socket.socket:
    """Return a socket that listens on a host that was checked; port 0 takes a free one.

    Raises:
        ConfigError: the port does not exist or is taken, or the address is none of this machine.
    """
    if not 0 <= port <= 65_535:
        raise ConfigError(f"{port!r} is no port; give one from 1 to 65535, or 0 for a free one.")
    address = LOCAL_ADDRESSES.get(host, host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family, backlog=backlog)
    except OSError as problem:
        raise ConfigError(
            f"The server cannot listen on port {port} of {address}: {problem.strerror}; choose another port, or 0 for a free one."
        ) from problem


def url_of(listener: socket.socket, settings: Settings) -> str:
    """Return the address at which a listening server is reached, as one types it."""
    address, port = listener.getsockname()[:2]
    scheme = "http" if settings.tls_cert is None else "https"
    return f"{scheme}://{f'[{address}]' if ':' in address else address}:{port}"


def protection_of(settings: Settings) -> dict[str, Any]:
    """Return uvicorn's options for TLS and for the proxies whose word about a caller's address is taken."""
    tls = {} if settings.tls_cert is None else {"ssl_certfile": settings.tls_cert, "ssl_keyfile": settings.tls_key}
    proxies = list(settings.trusted_proxies)
    return {**tls, "proxy_headers": bool(proxies), "forwarded_allow_ips": proxies}


def names_of(host: str, settings: Settings) -> tuple[str, ...]:
    """Return the names that the server answers for, besides those of this machine."""
    own = () if host in LOCAL_ADDRESSES or host in _EVERYWHERE else (f"[{host}]" if ":" in host else host,)
    return (*settings.server_hosts, *own)


def keys_were_made(settings: Settings) -> bool:
    """Whether the workspace has, or had, an API key; true where its database is away, for then nobody is answered without one either.

    Raises:
        HotCRMAIError: the workspace cannot be opened, and waiting would not help.
    """

    async def ask() -> bool:
        async with AI.open(settings) as ai:
            return await ai.keys.any_exist()

    try:
        return asyncio.run(ask())
    except StorageError as problem:
        if not problem.is_temporary:
            raise
        return True


def _check_tls_files(cert: Path | None, key: Path | None) -> None:
    if (cert is None) != (key is None):
        raise ConfigError("TLS needs both files: give --tls-cert and --tls-key together.")
    for option, path in (("--tls-cert", cert), ("--tls-key", key)):
        if path is not None and not path.is_file():
            raise ConfigError(f"{option} names {str(path)!r}, which is no file; check the path.")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
