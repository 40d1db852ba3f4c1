"""The one door through which providers reach the network: listed hosts, checked addresses, no redirects, bounded replies, one deadline."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hotcrm_ai.domain.addresses import AllowedHosts, AnyAddress, Target, address_problem
from hotcrm_ai.domain.errors import (
    MissingExtra,
    ProviderBadAnswer,
    ProviderError,
    ProviderMisconfigured,
    ProviderTimeout,
    ProviderUnavailable,
)

if TYPE_CHECKING:
    import httpcore

_FEATURE: Final = "Asking models over HTTP"
MAX_REPLY_BYTES: Final = 10 * 1024 * 1024
MAX_HEADER_BYTES: Final = 32 * 1024
CONNECT_SECONDS: Final = 0.3
_MOST_CONNECTIONS: Final = 64
_KEEP_ALIVE_SECONDS: Final = 20.0

Resolver = Callable[[str, int], Awaitable[list[str]]]


class HTTPReply(msgspec.Struct, frozen=True, kw_only=True):
    """What came back; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"HTTPReply(status={self.status}, body={len(self.body)} bytes)"


class HTTPDoor:
    """An HTTP client that keeps the rules of the product whatever a provider asks of it.

    It resolves a host itself, refuses addresses that are not allowed before it connects, connects to the very address that it checked, and
    looks at the peer of the socket again before TLS. It follows no redirect and reads no proxy, netrc or certificate from the environment.
    Nothing of a URL's path or query, a header or a body enters an error.
    """

    def __init__(
        self,
        *,
        allowed: AllowedHosts,
        provider: str = "http",
        connect_seconds: float = CONNECT_SECONDS,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver | None = None,
        most_connections: int = _MOST_CONNECTIONS,
    ) -> None:
        self._allowed = allowed
        self._provider = provider
        self._connect_seconds = connect_seconds
        self._tls = tls
        self._resolver = resolver or _resolve
        self._most_connections = most_connections
        self._pools: dict[Target, httpcore.AsyncConnectionPool] = {}

    def check(self, url: str) -> Target:
        """Return whom a URL leads to; raises ``ProviderMisconfigured`` where it may not be asked."""
        try:
            return self._allowed.target(url)
        except ValueError as problem:
            raise ProviderMisconfigured(
                f"The endpoint of provider {self._provider!r} cannot be used: {problem}.", provider=self._provider
            ) from None

    def require_client(self) -> None:
        """Raise ``MissingExtra`` where the packages that speak HTTP are not installed."""
        _core()
        _certificates()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        timeout_seconds: float,
        max_bytes: int = MAX_REPLY_BYTES,
    ) -> HTTPReply:
        """Send one request and return its whole reply, whatever its status.

        Raises:
            ProviderMisconfigured: the URL is not allowed.
            ProviderTimeout: the reply was not there in time.
            ProviderUnavailable: nobody answered there, or the connection broke.
            ProviderBadAnswer: the reply is no HTTP, compressed, or larger than ``max_bytes``.
            MissingExtra: the HTTP client is not installed.
        """
        target = self.check(url)
        core = _core()
        pool = self._pool(target)
        try:
            sent = _headers(headers or {}, content)
            address = url.encode("ascii")
            async with asyncio.timeout(timeout_seconds):
                return await self._exchange(pool, method, address, sent, content, max_bytes)
        except (TimeoutError, core.TimeoutException) as problem:
            raise self._late(problem) from problem
        except (core.ConnectError, core.ReadError, core.WriteError) as problem:
            raise self._away("could not be reached, or broke the connection") from problem
        except core.RemoteProtocolError as problem:
            raise self._garbled("its reply is no complete HTTP") from problem
        except (core.LocalProtocolError, UnicodeError) as problem:
            raise ProviderMisconfigured(
                f"A request to provider {self._provider!r} cannot be sent: a header or the URL holds what HTTP does not carry; check "
                "the credential for line breaks and for characters that are not seen, and write the URL in ASCII.",
                provider=self._provider,
            ) from _without_text(problem)

    async def aclose(self) -> None:
        """Close all connections."""
        pools = list(self._pools.values())
        self._pools.clear()
        for pool in pools:
            await pool.aclose()

    async def _exchange(
        self,
        pool: httpcore.AsyncConnectionPool,
        method: str,
        url: bytes,
        headers: list[tuple[bytes, bytes]],
        content: bytes,
        max_bytes: int,
    ) -> HTTPReply:
        timeouts = {"connect": self._connect_seconds, "pool": None, "read": None, "write": None}
        async with pool.stream(
            method, url, headers=headers, content=content, extensions={"timeout": timeouts}
        ) as reply:
            named = _named(reply.headers)
            if sum(len(name) + len(value) for name, value in reply.headers) > MAX_HEADER_BYTES:
                raise self._garbled(f"its headers are larger than {MAX_HEADER_BYTES} bytes")
            if named.get("content-encoding", "identity").strip().lower() != "identity":
                raise self._garbled("its reply is compressed, although it was asked for a plain one")
            parts, size = [], 0
            async for part in reply.aiter_stream():
                size += len(part)
                if size > max_bytes:
                    raise self._garbled(f"its reply is larger than {max_bytes} bytes")
                parts.append(part)
            return HTTPReply(status=reply.status, headers=named, body=b"".join(parts))

    def _pool(self, target: Target) -> httpcore.AsyncConnectionPool:
        pool = self._pools.get(target)
        if pool is None:
            core = _core()
            if self._tls is None and target.scheme == "https":
                self._tls = ssl.create_default_context(cafile=_certificates())
            pool = self._pools[target] = core.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=self._most_connections,
                keepalive_expiry=_KEEP_ALIVE_SECONDS,
                network_backend=_checked_backend(target, self._resolver, self._refused),
            )
        return pool

    def _refused(self, problem: str) -> ProviderError:
        return ProviderMisconfigured(
            f"The host of provider {self._provider!r} leads to an address that may not be connected to: {problem}.",
            provider=self._provider,
        )

    def _late(self, problem: BaseException) -> ProviderError:
        if type(problem).__name__ in ("ConnectTimeout", "PoolTimeout"):
            return self._away("did not accept a connection in time")
        return ProviderTimeout(f"Provider {self._provider!r} did not answer in time.", provider=self._provider)

    def _away(self, words: str) -> ProviderError:
        return ProviderUnavailable(
            f"Provider {self._provider!r} {words}; check its address and that it runs.",
            kind="unreachable",
            provider=self._provider,
        )

    def _garbled(self, words: str) -> ProviderError:
        return ProviderBadAnswer(
            f"The answer of provider {self._provider!r} cannot be used: {words}.", provider=self._provider
        )


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def _checked_backend(target: Target, resolve: Resolver, refused: Callable[[str], ProviderError]) -> Any:
    core = _core()

    class CheckedBackend(core.AsyncNetworkBackend):  # type: ignore[misc, name-defined]  # the package is optional
        """Connects to allowed addresses only, and looks at the peer of the socket before anything is sent."""

        def __init__(self) -> None:
            self._network = core.AnyIOBackend()

        async def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,  # noqa: ASYNC109 - the interface's name
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> Any:
            try:
                async with asyncio.timeout(timeout):
                    return await self._connect(host, port, local_address, socket_options)
            except TimeoutError as problem:
                raise core.ConnectTimeout from problem
            except OSError as problem:
                raise core.ConnectError(str(problem)) from problem

        async def _connect(self, host: str, port: int, local_address: str | None, options: Iterable[Any] | None) -> Any:
            addresses = [ip_address(text.split("%")[0]) for text in await resolve(host, port)]
            for address in addresses:
                self._check(address)
            failure: Exception | None = None
            for address in addresses:
                try:
                    stream = await self._network.connect_tcp(
                        str(address), port, local_address=local_address, socket_options=options
                    )
                except core.ConnectError as problem:
                    failure = problem
                    continue
                await self._check_peer(stream)
                return stream
            raise failure or core.ConnectError("the host has no address")

        async def _check_peer(self, stream: Any) -> None:
            peer = stream.get_extra_info("server_addr")
            try:
                if peer is None:
                    raise core.ConnectError("the connection was closed at once")
                self._check(ip_address(str(peer[0]).split("%")[0]))
            except (ProviderError, core.ConnectError):
                await stream.aclose()
                raise

        def _check(self, address: AnyAddress) -> None:
            problem = address_problem(address, is_explicit=target.is_explicit)
            is_plain_and_far = target.scheme == "http" and target.host == "localhost" and not address.is_loopback
            if problem or is_plain_and_far:
                raise refused(problem or f"{address} is no loopback address")

    return CheckedBackend()


def _headers(given: Mapping[str, str], content: bytes) -> list[tuple[bytes, bytes]]:
    sent = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "hotcrm-ai"}
    sent |= {name.lower(): value for name, value in given.items()}
    sent["accept-encoding"] = "identity"
    if content:
        sent["content-length"] = str(len(content))
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()]


def _named(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        named[key] = f"{named[key]}, {text}" if key in named else text
    return named


def _without_text(problem: Exception) -> Exception:
    """Return a stand-in for an error whose text repeats the header that could not be sent, which may be a credential."""
    return ValueError(type(problem).__name__)


def _core() -> Any:
    try:
        import httpcore
    except ImportError:
        raise MissingExtra(feature=_FEATURE, extra="http") from None
    return httpcore


def _certificates() -> str:
    try:
        import certifi
    except ImportError:
        raise MissingExtra(feature=_FEATURE, extra="http") from None
    return certifi.where()
