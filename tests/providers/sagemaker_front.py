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


class TransformFront:
    """S3 and Batch Transform in memory: each record gets ``x / 100`` once ``finish`` is called, at once where ``is_quick``."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.status = "InProgress"
        self.created = 0
        self.is_quick = False

    def __call__(self, heard: Heard) -> Said:
        is_control = heard.headers.get("x-amz-target", "").startswith("SageMaker.")
        if heard.headers["authorization"] != expected_signature(heard, service="sagemaker" if is_control else "s3"):
            return error(403, "SignatureDoesNotMatch")
        if not is_control:
            return self._file(heard)
        asked = heard.json()
        name = asked["TransformJobName"]
        if heard.headers["x-amz-target"] == "SageMaker.CreateTransformJob":
            if name in self.jobs:
                return error(400, "ResourceInUse")
            self.created += 1
            self.jobs[name] = asked
            if self.is_quick:
                self.finish()
            return Said(body={"TransformJobArn": "arn"})
        if name not in self.jobs:
            return error(400, "ValidationException", message="Could not find requested job with name")
        return Said(body={"TransformJobStatus": self.status})

    def finish(self) -> None:
        """Write every job's answers, as AssembleWith Line does."""
        for asked in self.jobs.values():
            source = asked["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"].removeprefix("s3:/")
            target = asked["TransformOutput"]["S3OutputPath"].removeprefix("s3:/") + "/records.out"
            rows = [msgspec.json.decode(line) for line in self.files[source].splitlines()]
            self.files[target] = b"\n".join(msgspec.json.encode({"score": row["x"] / 100}) for row in rows)
        self.status = "Completed"

    def _file(self, heard: Heard) -> Said:
        if heard.method == "PUT":
            self.files[heard.path] = heard.body
            return Said(body=b"")
        found = self.files.get(heard.path)
        return Said(status=404, body=b"<Error/>") if found is None else Said(body=found)
