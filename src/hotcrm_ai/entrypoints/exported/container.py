"""Serves an exported model as SageMaker's containers do: ``GET /ping`` and ``POST /invocations`` on port 8080."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.errors import HotCRMAIError, InvalidFeatures, InvalidRequest
from hotcrm_ai.entrypoints.exported.predictor import ExportedModel

MOST_BYTES: Final = 25 * 1024 * 1024
_MOUNTED: Final = Path("/opt/ml/model/bundle")
_SOCKET_SECONDS: Final = 65.0


def serve(folder: Path) -> None:
    """Serve until the process is ended; a bundle that SageMaker mounted wins over the one in the folder."""
    model = ExportedModel.open(_MOUNTED if _MOUNTED.is_dir() else folder / "bundle")
    host = os.environ.get("HOTCRM_AI_CONTAINER_HOST", "0.0.0.0")  # noqa: S104 - in a container  # nosec B104
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    ModelContainer(model, host, port).serve_forever()


class ModelContainer(ThreadingHTTPServer):
    """A server that answers with one model; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, model: ExportedModel, host: str, port: int) -> None:
        self.model = model
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    timeout = _SOCKET_SECONDS

    def do_GET(self) -> None:
        """Say that the model is loaded."""
        self._send(*((200, {}) if self.path == "/ping" else (404, {"message": "not found"})))

    def do_POST(self) -> None:
        """Answer the records of the body."""
        if self.path != "/invocations":
            self.close_connection = True
            self._send(404, {"message": "not found"})
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self.close_connection = True
            self._send(
                413 if length.isdecimal() else 411, {"message": f"at most {MOST_BYTES} bytes, with their length"}
            )
            return
        content = self.rfile.read(int(length))
        try:
            answers = self._model.answer_body(content, self.headers.get("Content-Type", "application/json"))
        except (InvalidFeatures, InvalidRequest) as problem:
            self._send(400, {"message": problem.message})
        except HotCRMAIError as problem:
            self._send(500, {"message": problem.message})
        else:
            self._answer(answers)

    def log_message(self, format: str, *values: Any) -> None:  # noqa: A002 - the base class's name
        """Log nothing of requests: they hold records."""

    @property
    def _model(self) -> ExportedModel:
        assert isinstance(self.server, ModelContainer)  # noqa: S101 - nothing else makes handlers
        return self.server.model

    def _answer(self, answers: list[dict[str, Any]]) -> None:
        accept = self.headers.get("Accept", "").partition(";")[0].strip().lower()
        if accept in ("application/jsonlines", "application/x-ndjson", "application/jsonl"):
            self._send_bytes(200, b"\n".join(map(msgspec.json.encode, answers)) + b"\n", accept)
        else:
            self._send(200, {"predictions": answers})

    def _send(self, status: int, body: dict[str, Any]) -> None:
        self._send_bytes(status, msgspec.json.encode(body), "application/json")

    def _send_bytes(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
