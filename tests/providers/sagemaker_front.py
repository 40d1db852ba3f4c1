"""A front shaped like SageMaker's runtime: it checks the signature by its own arithmetic, and answers for a small linear model."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
from typing import Any
from urllib.parse import quote

import msgspec

from hotcrm_ai.testing.model_server import Heard, Said

KEY_ID, KEY = "AKIAEXAMPLE", "an/example+secret"
REGION = "eu-central-1"


def expected_signature(heard: Heard, *, service: str = "sagemaker") -> str:
    """Return the Authorization header that a request must carry (AWS Signature Version 4, worked out here)."""
    date = heard.headers["x-amz-date"]
    scope = f"{date[:8]}/{REGION}/{service}/aws4_request"
    given = heard.headers["authorization"]
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "x-amz-date"} <= set(names)
    path, _, query = heard.path.partition("?")
    canonical = "\n".join(
        [
            heard.method,
            path if service == "s3" else quote(path, safe="/-_.~"),
            query,
            *(f"{name}:{' '.join(heard.headers[name].split())}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(heard.body).hexdigest(),
        ]
    )
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{KEY}".encode()
    for part in (date[:8], REGION, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders={';'.join(names)}, Signature={signature}"


def error(status: int, code: str, **facts: Any) -> Said:
    """Return a reply as SageMaker writes its errors."""
    return Said(status=status, body={"Message": "no", **facts}, headers={"x-amzn-errortype": f"{code}:http://a/"})


class SageMakerFront:
    """Answers signed InvokeEndpoint calls with ``x / 100`` for each record; ``failing`` is given instead while there is some."""

    def __init__(self) -> None:
        self.failing: list[Said] = []
        self.status = "InService"
        self.calls = 0

    def __call__(self, heard: Heard) -> Said:
        self.calls += 1
        if heard.headers.get("authorization") != expected_signature(heard):
            return error(403, "InvalidSignatureException")
        if self.failing:
            return self.failing.pop(0)
        if heard.headers.get("x-amz-target") == "SageMaker.DescribeEndpoint":
            return Said(body={"EndpointStatus": self.status})
        if not heard.path.endswith("/invocations"):
            return error(404, "UnknownOperationException")
        return self._answer(heard)

    def _answer(self, heard: Heard) -> Said:
        variant = heard.headers.get("x-amzn-sagemaker-target-variant", "AllTraffic")
        sent = {"x-amzn-invoked-production-variant": variant}
        if heard.headers["content-type"] == "text/csv":
            rows = list(csv.reader(io.StringIO(heard.body.decode())))
            text = "\n".join(str(float(row[0]) / 100) for row in rows)
            return Said(body=text.encode(), headers={**sent, "content-type": "text/csv; charset=utf-8"})
        if heard.headers["content-type"] == "application/jsonlines":
            rows = [msgspec.json.decode(line) for line in heard.body.splitlines()]
            lines = b"\n".join(msgspec.json.encode({"score": row["x"] / 100}) for row in rows)
            return Said(body=lines, headers={**sent, "content-type": "application/jsonlines"})
        rows = msgspec.json.decode(heard.body)["instances"]
        return Said(body={"predictions": [{"score": row["x"] / 100} for row in rows]}, headers=sent)
