"""Where the server is, who asks it, and how a request becomes bytes on the wire; shared by both clients."""

from __future__ import annotations

import importlib
import ipaddress
import os
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from hotcrm_ai.client.attempts import Attempts, Lost, Patience
from hotcrm_ai.client.request import Request
from hotcrm_ai.domain.errors import ConfigError, MissingExtra
from hotcrm_ai.domain.secret import Secret

if TYPE_CHECKING:
    import httpcore

KEY_VARIABLE: Final = "HOTCRM_AI_API_KEY"
URL_VARIABLE: Final = "HOTCRM_AI_URL"
USUAL_URL: Final = "http://127.0.0.1:8000"
CONNECT_SECONDS: Final = 5.0
MOST_CONNECTIONS: Final = 10


class Connection:
    """The address of a server, the key for it and the patience with it; the key is shown nowhere.

    Without arguments the address comes from ``HOTCRM_AI_URL`` (else this machine's port 8000) and the key from ``HOTCRM_AI_API_KEY``.

    Raises:
        ConfigError: the address is none, or the key would travel readable to another machine.
        MissingExtra: the extra ``client`` is not installed.
    """

    def __init__(
        self,
        url: str | None,
        key: str | Secret | None,
        *,
        patience: Patience,
        tls: ssl.SSLContext | None = None,
        plain_http: bool = False,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.http: Any = _http_library()
        self.origin, self._prefix, is_tls = _checked(url or environ.get(URL_VARIABLE) or USUAL_URL)
        self._key = _secret(key if key is not None else environ.get(KEY_VARIABLE) or None)
        self._patience = patience
        if self._key is not None and not is_tls and not plain_http and not _is_this_machine(self.origin):
            raise ConfigError(
                f"The API key would travel readable to {self.origin!r}; use an https address, or say plain_http=True where the network "
                "itself is protected."
            )
        self.tls = (tls or ssl.create_default_context(cafile=_certificates())) if is_tls else None

    def __repr__(self) -> str:
        return f"Connection({self.origin + self._prefix!r}, key={'none' if self._key is None else self._key})"

    def attempts(self, request: Request[Any]) -> Attempts[Any]:
        """Begin a request."""
        return Attempts(request, self._patience, server=self.origin)

    def wire_request(self, attempts: Attempts[Any]) -> httpcore.Request:
        """Return one attempt as the HTTP library takes it; raises ``ServerTimeout`` where no time is left."""
        request, left = attempts.request, attempts.seconds_left()
        headers = {"accept": "application/json", "user-agent": "hotcrm-ai-client", **attempts.headers}
        if request.body is not None:
            headers["content-type"] = "application/json"
        if request.method != "GET":
            headers["content-length"] = str(len(request.body or b""))
        if self._key is not None:
            headers["authorization"] = f"Bearer {self._key.reveal()}"
        timeout = {"connect": min(CONNECT_SECONDS, left), "read": left, "write": left, "pool": left}
        made: httpcore.Request = self.http.Request(
            request.method,
            self.origin + self._prefix + request.target,
            headers=[(b"host", urlsplit(self.origin).netloc.encode("ascii")), *_encoded(headers)],
            content=request.body,
            extensions={"timeout": timeout},
        )
        return made

    def lost(self, problem: Exception) -> Lost:
        """Say what became of an attempt that ended with an error of the HTTP library."""
        unsent = (self.http.ConnectError, self.http.ConnectTimeout)
        late = (self.http.ReadTimeout, self.http.WriteTimeout, self.http.PoolTimeout)
        return Lost(problem, was_sent=not isinstance(problem, unsent), is_late=isinstance(problem, late))

    @property
    def problems(self) -> tuple[type[Exception], ...]:
        """The errors of the HTTP library that end an attempt."""
        return (self.http.NetworkError, self.http.ProtocolError, self.http.TimeoutException)


def lower_headers(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their name in lower case."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _checked(url: str) -> tuple[str, str, bool]:
    """Return origin and path of an address, and whether it is TLS."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or not url.isascii():
        raise ConfigError("The server's address is none; give one such as 'https://scores.example.com'.")
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            f"The server's address holds a user name or password; give the API key as key or {KEY_VARIABLE}."
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else ""), parts.path.rstrip("/"), parts.scheme == "https"


def _secret(key: str | Secret | None) -> Secret | None:
    secret = Secret(key) if isinstance(key, str) else key
    if secret is not None and not (
        secret.reveal().isascii() and secret.reveal().isprintable() and secret.reveal().strip()
    ):
        raise ConfigError(
            f"The API key is none; give the text that hotcrm-ai keys create printed, as key or {KEY_VARIABLE}."
        )
    return secret


def _is_this_machine(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _http_library() -> Any:
    try:
        return importlib.import_module("httpcore")
    except ImportError:
        raise MissingExtra(feature="A client of the server", extra="client") from None


def _certificates() -> str:
    try:
        import certifi
    except ImportError:
        raise MissingExtra(feature="A client of the server", extra="client") from None
    return certifi.where()
