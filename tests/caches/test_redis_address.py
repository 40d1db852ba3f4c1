"""A Redis URL names a server, a user and a database, never a limit, and is never shown."""

from __future__ import annotations

import pytest

from hotcrm_ai.caches import read_address
from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.secret import Secret


def test_a_whole_url_is_read() -> None:
    """Host, port, user, password with escapes, and database come from their places."""
    address = read_address(Secret("redis://app:p%40ss@cache.example.org:6380/3"))
    assert (address.host, address.port, address.database, address.tls) == ("cache.example.org", 6380, 3, False)
    assert address.options()["username"] == "app"
    assert address.options()["password"] == "p@ss"


def test_what_is_left_out_has_its_usual_value() -> None:
    """A bare host means port 6379, database 0, nobody's name and no password."""
    assert read_address(Secret("redis://localhost")).options() == {
        "host": "localhost",
        "port": 6379,
        "db": 0,
        "username": None,
        "password": None,
    }


def test_tls_has_its_own_scheme_and_its_files() -> None:
    """With rediss the connection is encrypted, and the files of certificates may be named."""
    address = read_address(Secret("rediss://cache.example.org?ssl_ca_certs=/etc/ca.pem&db=2"))
    assert (address.tls, address.database) == (True, 2)
    assert address.options()["ssl_ca_certs"] == "/etc/ca.pem"


def test_a_unix_socket_is_a_path() -> None:
    """With unix the path is the socket's, and the database an option."""
    address = read_address(Secret("unix://:word@/run/redis/redis.sock?db=4"))
    assert address.options() == {"path": "/run/redis/redis.sock", "db": 4, "username": None, "password": "word"}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://:hunter2@localhost", "scheme"),
        ("redis://:hunter2@localhost?socket_timeout=60", "'socket_timeout' cannot be set"),
        ("rediss://:hunter2@localhost?ssl_cert_reqs=none", "'ssl_cert_reqs' cannot be set"),
        ("redis://:hunter2@localhost:port", "cannot be read"),
        ("redis://:hunter2@localhost/first", "no number"),
        ("redis:///hunter2", "names no host"),
        ("unix://hunter2/run/redis.sock", "must be absolute"),
    ],
)
def test_a_wrong_url_is_refused_without_showing_it(url: str, reason: str) -> None:
    """The message says what is wrong and what a URL looks like, and holds no credential."""
    with pytest.raises(ConfigError, match=reason) as refused:
        read_address(Secret(url))
    assert "hunter2" not in str(refused.value)


def test_a_password_never_shows_in_an_address() -> None:
    """Printing an address masks the password."""
    assert "hunter2" not in repr(read_address(Secret("redis://app:hunter2@localhost")))
