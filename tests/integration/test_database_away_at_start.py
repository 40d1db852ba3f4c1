"""A server whose database is away when it starts is alive and not ready, and ready soon after the database returns."""

from __future__ import annotations

import signal
from typing import Any

import pytest

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

pytest.importorskip("psycopg")


def test_a_server_waits_for_its_database(own_postgres: Any, serve: Any, until: Any) -> None:
    """Started without its database, a server says that it lives and refuses all else; five seconds after its return it predicts."""
    own_postgres.stop()
    server = serve("home", DATABASE_URL=own_postgres.url)
    assert server.get("/livez") == {"status": "alive"}
    for answer in (server.client.get("/readyz"), server.client.get("/v1/models"), server.predict()):
        assert answer.status_code == 503
        assert answer.json()["code"] == "storage_unavailable"
        assert int(answer.headers["retry-after"]) <= 5
    assert "cannot be reached" in server.told()
    own_postgres.start()
    until(lambda: server.status("/readyz") == 200, seconds=5, what="the server to be ready")
    assert server.predict().status_code == 200
    assert "the workspace is open now" in server.told()


def test_a_server_that_waits_can_be_stopped(own_postgres: Any, serve: Any) -> None:
    """SIGTERM ends a server that never reached its database, without an error."""
    own_postgres.stop()
    server = serve("home", DATABASE_URL=own_postgres.url)
    server.stop()
    assert server.process.returncode == -signal.SIGTERM
    assert "Traceback" not in server.told()
    own_postgres.start()
