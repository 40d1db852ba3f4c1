"""A server of models whose process is frozen: it accepts connections and says nothing, and the deadline holds all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.domain.errors import ProviderTimeout
from hotcrm_ai.domain.signature import FeatureSpec, Signature

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Model(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps({"predictions": [row[0] / 100 for row in asked["dataframe_split"]["data"]]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = HTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture
def process() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server of its own process, and its port."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as ran:
        assert ran.stdout is not None
        try:
            yield ran, int(ran.stdout.readline())
        finally:
            ran.kill()


@pytest.mark.parametrize("given", [0.5, None])
async def test_a_frozen_server_is_a_timeout_within_the_deadline_and_answers_once_it_goes_on(
    process: tuple[subprocess.Popen[str], int], tmp_path: Path, given: float | None
) -> None:
    """At most 100 ms after the deadline, the usual two seconds where none is given; nothing but what the server says is ever an answer."""
    server, port = process
    host = f"127.0.0.1:{port}"
    async with AI.open(Settings(home=tmp_path / "home", provider_hosts=(host,))) as ai:
        await ai.registry.register(
            {
                "id": "remote-v1",
                "status": "active",
                "feature": "lead-scoring",
                "provider_config": {"provider": "mlflow", "endpoint": f"http://{host}"},
                "signature": Signature(features=(FeatureSpec(name="engagement", type="number"),)),
                "parameters": {"output": {"as": "probability"}},
            }
        )
        before = await ai.predict("remote-v1", {"engagement": 10.0}, timeout=10)
        assert before.prediction["probability"] == 0.1
        os.kill(server.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(ProviderTimeout):
            await ai.predict("remote-v1", {"engagement": 20.0}, timeout=given)
        assert time.monotonic() - began <= (given or 2.0) + 0.1
        os.kill(server.pid, signal.SIGCONT)
        after = await ai.predict("remote-v1", {"engagement": 30.0}, timeout=10)
        assert after.prediction["probability"] == 0.3
