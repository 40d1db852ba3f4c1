"""Keeps files in one folder of S3: the tables of jobs, what asynchronous inference reads, and what it wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import ProviderError, ProviderMisconfigured
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.ports.provider_jobs import JobTicket
from hotcrm_ai.providers._aws import AWSCaller
from hotcrm_ai.providers._aws_faults import kind_of_error
from hotcrm_ai.providers._faults import fault_of
from hotcrm_ai.providers._http import HTTPReply

JSON_LINES: Final = "application/jsonlines"
COPY_SECONDS: Final = 600.0
_MOST_BYTES: Final = 512 * 1024 * 1024
_FOLDER: Final = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9!_.*'()/-]*))?")
_FILE: Final = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>[\x20-\x7e]{1,1024})")


class S3Folder:
    """One folder, written like ``s3://bucket/folder``; ``setting`` says in messages where that stands."""

    def __init__(self, aws: AWSCaller, place: str, *, setting: str, provider: str) -> None:
        found = _FOLDER.fullmatch(place)
        if found is None:
            raise ProviderMisconfigured(
                f"{setting} of provider {provider!r} is {place[:80]!r}; write it like s3://bucket/folder.",
                provider=provider,
            )
        self._aws = aws
        self._provider = provider
        self._bucket = found["bucket"]
        self._prefix = (found["prefix"] or "").strip("/")

    def uri(self, name: str) -> str:
        """Return the address of a file of this folder."""
        return f"s3://{self._bucket}/{'/'.join(part for part in (self._prefix, name) if part)}"

    async def put(self, name: str, content: bytes, *, kind: str, model_id: str, seconds: float = COPY_SECONDS) -> None:
        """Write a file; raises ``ProviderError`` where that fails."""
        given = {**_place(self.uri(name)), "Body": content, "ContentType": kind}
        reply = await self._aws.call("s3", "PutObject", given, timeout_seconds=seconds)
        if reply.status != 200:
            raise self._fault(reply, model_id)

    async def read(self, uri: str, *, model_id: str, seconds: float = COPY_SECONDS) -> HTTPReply | None:
        """Return a file of any folder, or None where it is not there (yet)."""
        return await self._ask("GetObject", uri, model_id, seconds)

    async def has(self, uri: str, *, model_id: str, seconds: float = COPY_SECONDS) -> bool:
        """Say whether a file is there, without reading it."""
        return await self._ask("HeadObject", uri, model_id, seconds) is not None

    async def _ask(self, operation: str, uri: str, model_id: str, seconds: float) -> HTTPReply | None:
        reply = await self._aws.call("s3", operation, _place(uri), timeout_seconds=seconds, max_bytes=_MOST_BYTES)
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise self._fault(reply, model_id)
        return reply

    def _fault(self, reply: HTTPReply, model_id: str) -> ProviderError:
        kind = kind_of_error(reply)
        return fault_of(reply.status, reply.headers, provider=self._provider, model_id=model_id, kind=kind)


def is_file(uri: str | None) -> bool:
    """Say whether a text is the address of a file in S3."""
    return uri is not None and _FILE.fullmatch(uri) is not None


def lines_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return records as JSON lines."""
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def ticket_of(model: ModelConfig, rows: Sequence[Mapping[str, Any]], *, provider: str, place: str) -> JobTicket:
    """Return the ticket of a job for these records, whose name follows from all that decides its answers."""
    digest = digest_of(model.id, model.revision, place, lines_of(rows).decode())
    return JobTicket(
        job_id=f"hotcrm-ai-{digest[:40]}",
        model_id=model.id,
        model_revision=model.revision,
        provider=provider,
        records=len(rows),
    )


def _place(uri: str) -> dict[str, str]:
    found = _FILE.fullmatch(uri)
    if found is None:
        raise ValueError(f"{uri!r} is no file in S3")
    return {"Bucket": found["bucket"], "Key": found["key"]}
