"""Where a client goes, and that its key is shown nowhere."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from hotcrm_ai.client import AsyncClient, Client
from hotcrm_ai.client.attempts import Patience
from hotcrm_ai.client.connection import Connection
from hotcrm_ai.domain.errors import ConfigError, ServerUnavailable
from hotcrm_ai.domain.secret import Secret

KEY = "hk_abcdefgh_mzxw6ytboi2dkmrtmzxw6ytboi2dkmrt"


def connection(
    url: str | None = None, key: Any = None, environ: dict[str, str] | None = None, **more: Any
) -> Connection:
    """A connection with nothing of this machine's environment."""
    return Connection(url, key, patience=Patience(), environ=environ or {}, **more)


def test_address_and_key_come_from_arguments_else_from_the_environment() -> None:
    """Arguments win; without either, it is this machine's port 8000 without a key."""
    variables = {"HOTCRM_AI_URL": "https://scores.example.com/crm/", "HOTCRM_AI_API_KEY": KEY}
    assert repr(connection()) == "Connection('http://127.0.0.1:8000', key=none)"
    assert repr(connection(environ=variables)) == "Connection('https://scores.example.com/crm', key=***)"
    assert repr(connection("http://[::1]:99", "other", variables)) == "Connection('http://[::1]:99', key=***)"


@pytest.mark.parametrize(
    "url", ["scores.example.com", "ftp://x", "https://", "http://x:99999", "http://x?y=1", "http://x#y", "http://ü.de"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """The message says what an address looks like."""
    with pytest.raises(ConfigError, match="The server's address is none"):
        connection(url)


def test_an_address_with_a_password_is_refused_without_telling_it() -> None:
    """Credentials belong into the key."""
    with pytest.raises(ConfigError) as caught:
        connection("https://user:hunter2@scores.example.com")
    assert "hunter2" not in str(caught.value)


def test_a_key_does_not_travel_readable_to_another_machine() -> None:
    """Over http it goes to this machine only, unless the caller says that the network is protected."""
    with pytest.raises(ConfigError, match=r"would travel readable to 'http://scores\.example\.com'") as caught:
        connection("http://scores.example.com", KEY)
    assert KEY not in str(caught.value)
    for url in ("http://127.0.0.1:8000", "http://localhost", "http://[::1]", "https://scores.example.com"):
        connection(url, KEY)
    connection("http://scores.example.com", KEY, plain_http=True)
    connection("http://scores.example.com")


@pytest.mark.parametrize("key", ["", " ", "a\nb", "schlüssel"])
def test_what_cannot_be_a_key_is_refused_without_telling_it(key: str) -> None:
    """A line break would change the request's headers."""
    with pytest.raises(ConfigError, match="The API key is none"):
        connection(key=key)


@pytest.mark.parametrize("key", [KEY, Secret(KEY)])
def test_the_key_is_in_no_text_of_a_client(key: str | Secret) -> None:
    """Neither ``repr`` nor an error nor its traceback shows it."""
    with Client("http://127.0.0.1:1", key=key, retries=0) as client:
        assert repr(client) == "Client(Connection('http://127.0.0.1:1', key=***))"
        assert KEY not in repr(AsyncClient("http://127.0.0.1:1", key=key))
        with pytest.raises(ServerUnavailable, match=r"'http://127\.0\.0\.1:1' cannot be reached") as caught:
            client.is_alive()
    told = "".join(traceback.format_exception(caught.value))
    assert KEY not in told + repr(caught.value.details)
