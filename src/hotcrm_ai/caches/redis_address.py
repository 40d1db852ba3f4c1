"""Reads a Redis URL into what a connection needs; limits are never taken from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.secret import Secret

_SCHEMES: Final = ("redis", "rediss", "unix")
_TLS_OPTIONS: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_SHAPES: Final = "redis://[user:password@]host[:port][/database], rediss://… for TLS, or unix://[user:password@]/path/of/socket[?db=database]"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAddress:
    """Where a Redis server is and who asks it."""

    host: str = ""
    port: int = 6379
    path: str = ""
    tls: bool = False
    database: int = 0
    user: str | None = None
    password: Secret | None = None
    tls_files: dict[str, str] = field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        """Return the address as arguments of a connection, the password in clear."""
        place: dict[str, Any] = {"path": self.path} if self.path else {"host": self.host, "port": self.port}
        password = None if self.password is None else self.password.reveal()
        return {**place, "db": self.database, "username": self.user, "password": password, **self.tls_files}


def read_address(url: Secret) -> RedisAddress:
    """Return the address that a URL names.

    Raises:
        ConfigError: it names none, or has an option that may not be set there; the message shows no credential.
    """
    try:
        parts = urlsplit(url.reveal())
        port = parts.port or 6379
    except ValueError:
        raise _wrong("it cannot be read") from None
    if parts.scheme not in _SCHEMES:
        raise _wrong(f"its scheme is {parts.scheme!r}")
    is_socket, tls = parts.scheme == "unix", parts.scheme == "rediss"
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    allowed = ("db", *_TLS_OPTIONS) if tls else ("db",)
    unknown = sorted(set(options) - set(allowed))
    if unknown:
        raise _wrong(f"{unknown[0]!r} cannot be set there (only {', '.join(allowed)})")
    if is_socket and (parts.hostname or len(parts.path) < 2):
        raise _wrong("the path of a socket must be absolute")
    if not is_socket and not parts.hostname:
        raise _wrong("it names no host")
    return RedisAddress(
        host=parts.hostname or "",
        port=port,
        path=unquote(parts.path) if is_socket else "",
        tls=tls,
        database=_database(options.get("db", "" if is_socket else parts.path.strip("/"))),
        user=unquote(parts.username) if parts.username else None,
        password=Secret(unquote(parts.password)) if parts.password else None,
        tls_files={name: options[name] for name in _TLS_OPTIONS if name in options},
    )


def _database(text: str) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise _wrong("its database is no number")
    return int(text)


def _wrong(reason: str) -> ConfigError:
    return ConfigError(f"The Redis URL cannot be used: {reason}; set REDIS_URL to {_SHAPES}.")
