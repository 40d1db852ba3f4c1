"""A front shaped like SageMaker's runtime: it checks the signature by its own arithmetic, and answers for a small linear model."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import zlib
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


def event(payload: bytes, **headers: str) -> bytes:
    """Return one message of an event stream of AWS, put together byte by byte here."""
    names = headers or {":message-type": "event", ":event-type": "PayloadPart"}
    block = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + len(text).to_bytes(2, "big") + text.encode()
        for name, text in names.items()
    )
    prelude = (16 + len(block) + len(payload)).to_bytes(4, "big") + len(block).to_bytes(4, "big")
    message = prelude + zlib.crc32(prelude).to_bytes(4, "big") + block + payload
    return message + zlib.crc32(message).to_bytes(4, "big")


def streamed(body: bytes, *, at_a_time: int = 7) -> bytes:
    """Return an answer in parts of a few bytes, as a streaming endpoint sends it."""
    return b"".join(event(body[start : start + at_a_time]) for start in range(0, len(body), at_a_time))


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
        if heard.path.endswith("/invocations-response-stream"):
            said = self._answer(heard)
            body = said.body if isinstance(said.body, bytes) else msgspec.json.encode(said.body)
            kind = said.headers.get("content-type", "application/json")
            kinds = {"content-type": "application/vnd.amazon.eventstream", "x-amzn-sagemaker-content-type": kind}
            return Said(body=streamed(body), headers={**said.headers, **kinds})
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


class AsyncFront:
    """S3 and an asynchronous endpoint in memory: ``x / 100`` for each record after ``looks`` looks, or what ``failing`` says.

    ``is_holding`` keeps every answer back until ``finish``; ``invoked`` are the heads of the invocations.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.invoked: list[dict[str, str]] = []
        self.failing: list[bytes] = []
        self.refusing: list[Said] = []
        self.is_holding = False
        self.looks = 0
        self._owed: dict[str, bytes] = {}

    def __call__(self, heard: Heard) -> Said:
        is_invocation = heard.path.endswith("/async-invocations")
        if heard.headers["authorization"] != expected_signature(heard, service="sagemaker" if is_invocation else "s3"):
            return error(403, "SignatureDoesNotMatch")
        if is_invocation:
            return self.refusing.pop(0) if self.refusing else self._invoke(heard)
        if heard.method == "PUT":
            self.files[heard.path] = heard.body
            return Said(body=b"")
        if self._owed and not self.is_holding:
            self.looks -= 1
            if self.looks <= 0:
                self.finish()
        found = self.files.get(heard.path)
        if found is None:
            return Said(status=404, body=b"<Error/>")
        return Said(body=found, headers={"content-type": "application/json"})

    def finish(self) -> None:
        """Write what is owed."""
        self.files |= self._owed
        self._owed.clear()

    def _invoke(self, heard: Heard) -> Said:
        self.invoked.append(heard.headers)
        name = f"/made-bucket/{len(self.invoked)}"
        body = self.files[heard.headers["x-amzn-sagemaker-inputlocation"].removeprefix("s3:/")]
        if self.failing:
            self._owed[f"{name}.error"] = self.failing.pop(0)
        elif heard.headers["x-amzn-sagemaker-content-type"] == "application/jsonlines":
            rows = [msgspec.json.decode(line) for line in body.splitlines()]
            self._owed[f"{name}.out"] = b"\n".join(msgspec.json.encode({"score": row["x"] / 100}) for row in rows)
        else:
            rows = msgspec.json.decode(body)["instances"]
            self._owed[f"{name}.out"] = msgspec.json.encode(
                {"predictions": [{"score": row["x"] / 100} for row in rows]}
            )
        return Said(
            status=202,
            body={"InferenceId": heard.headers.get("x-amzn-sagemaker-inference-id", "made-up")},
            headers={
                "x-amzn-sagemaker-outputlocation": f"s3:/{name}.out",
                "x-amzn-sagemaker-failurelocation": f"s3:/{name}.error",
            },
        )
