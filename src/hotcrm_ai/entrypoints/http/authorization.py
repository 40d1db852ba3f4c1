"""Decides who may come in, and how often: every route asks here, with the scope that it declares, before it reads the body.

Without a key only programs of this machine come in, and only as long as no key was ever made in the workspace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hotcrm_ai.domain.access import SESSION_COOKIE, KeyScope
from hotcrm_ai.domain.errors import MissingScope, NotAuthenticated
from hotcrm_ai.entrypoints.http.exchange import Exchange

_BEARER: Final = b"bearer "
_SESSION: Final = SESSION_COOKIE.encode()


async def admit(exchange: Exchange, scope: KeyScope) -> Exchange:
    """Return the exchange with its caller's key, if that allows the scope.

    Raises:
        NotAuthenticated: there is no key where one is needed, or it is not valid.
        MissingScope: the key is valid, but not for this.
        TooManyRequests: the caller sends more than its rate.
    """
    return _checked(await identify(exchange), scope)


async def admit_reader(exchange: Exchange, scope: KeyScope) -> Exchange:
    """Return the exchange like ``admit``, for a page: a browser that is signed in to the dashboard needs no header.

    Raises:
        NotAuthenticated: there is neither a key nor a sign-in where one is needed, or it is not valid.
        MissingScope: the key is valid, but not for this.
        TooManyRequests: the caller sends more than its rate.
    """
    token = _session_token(exchange.headers)
    if token is not None and b"authorization" not in exchange.headers:
        signed_in = await exchange.ai.keys.signed_in(token)
        if signed_in is not None:
            return _checked(await _within_rate(exchange.of(signed_in.key)), scope)
    return await admit(exchange, scope)


async def identify(exchange: Exchange) -> Exchange:
    """Return the exchange with its caller's key, whatever that is for; the request counts against its rate.

    Raises:
        NotAuthenticated: there is no key where one is needed, or it is not valid.
        TooManyRequests: the caller sends more than its rate.
    """
    credentials = exchange.headers.get(b"authorization")
    if credentials is not None:
        return await _within_rate(exchange.of(await exchange.ai.keys.authenticate(_presented(credentials))))
    if not await exchange.needs_key():
        return await _within_rate(exchange)
    raise NotAuthenticated("This needs an API key; send it in the header Authorization: Bearer KEY.")


async def _within_rate(exchange: Exchange) -> Exchange:
    await exchange.ai.rates.take(exchange.key, exchange.address)
    return exchange


def _presented(credentials: bytes) -> str:
    if credentials[:7].lower() != _BEARER:
        raise NotAuthenticated("The Authorization header is of another kind; send Authorization: Bearer KEY.")
    return credentials[7:].strip().decode("latin-1")


def _session_token(headers: Mapping[bytes, bytes]) -> str | None:
    for cookie in headers.get(b"cookie", b"").split(b";"):
        name, _, value = cookie.strip().partition(b"=")
        if name == _SESSION:
            return value.decode("latin-1")
    return None


def _checked(exchange: Exchange, scope: KeyScope) -> Exchange:
    key = exchange.key
    if key is None or key.allows(scope):
        return exchange
    raise MissingScope(
        f"This needs the scope {scope!r}, and the API key {key.id!r} has {', '.join(key.scopes)}; use a key that has it.",
        scope=scope,
    )
