"""Finds an answer that was given before, and keeps new ones, always filed under the model that gave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import HotCRMAIError
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.performance import CacheStats
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.ports.cache_backend import CacheBackend
from hotcrm_ai.ports.shared_cache import SharedCache

_FORMAT: Final = 2
BACKEND_FAILURES: Final = (HotCRMAIError, OSError, EOFError, ValueError, TypeError, LookupError, RuntimeError)
"""What a cache backend, a plug-in's included, may raise when it cannot do its work: the cache then has nothing, that is all."""


class _KeptAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """An answer in the cache, with the key and the bundle that it belongs to."""

    format: int
    key: str
    bundle_digest: str | None
    prediction: Any
    confidence: float | None
    metadata: dict[str, Any]


class AnswerCache:
    """Answers by everything that can change them; without a backend nothing is ever found or kept.

    A backend that fails is a miss, and keeps nothing: no prediction fails for it.
    """

    def __init__(self, backend: CacheBackend | None, *, workspace: str, default_ttl_seconds: float) -> None:
        self._backend = backend
        self._shared = _shared(backend)
        self._workspace = workspace
        self._default_ttl_seconds = default_ttl_seconds
        self._decoder = msgspec.json.Decoder(_KeptAnswer)
        self._encoder = msgspec.json.Encoder()

    @property
    def shared(self) -> SharedCache | None:
        """The backend, where other processes have it too."""
        return self._shared

    def key_for(self, model: ModelConfig, values: dict[str, Any], *, provider: str | None) -> str | None:
        """Return the key of the answer to fitted features, or None where this model's answers are not kept.

        It changes with the workspace, the answering model, its version, revision and bundle, the provider asked for, and every value.
        """
        if self._backend is None or self._ttl_of(model) <= 0:
            return None
        return digest_of(
            self._workspace, model.id, model.version, model.revision, model.bundle_digest, provider, values
        )

    async def find(self, key: str, model: ModelConfig) -> PredictionOutput | None:
        """Return a copy of a kept answer; whatever cannot be read, or is another key's or bundle's, counts as absent."""
        return (await self.find_many(((key, model),)))[0]

    async def find_many(self, asked: Sequence[tuple[str, ModelConfig]]) -> list[PredictionOutput | None]:
        """Return copies of the kept answers to many keys, in order."""
        found = await self._found([(key, model.id) for key, model in asked])
        return [self._read(kept, key, model) for kept, (key, model) in zip(found, asked, strict=True)]

    async def keep_many(self, answers: Sequence[tuple[str, ModelConfig, PredictionOutput]]) -> None:
        """Keep answers for as long as their models say."""
        entries = [
            (key, model.id, self._encoder.encode(_kept(key, model, answer)), self._ttl_of(model))
            for key, model, answer in answers
        ]
        if self._backend is None or not entries:
            return
        try:
            if self._shared is not None:
                await self._shared.set_many(entries)
                return
            for key, group, value, seconds in entries:
                await self._backend.set(key, value, ttl_seconds=seconds, group=group)
        except BACKEND_FAILURES:
            return

    async def clear(self, model_id: str | None) -> int:
        """Forget the answers of one model, or everything; return how many entries went."""
        return 0 if self._backend is None else await self._backend.clear(model_id)

    async def stats(self) -> CacheStats:
        """Return the backend's counts; ``enabled`` is false where there is no backend."""
        if self._backend is None:
            return CacheStats(size=0, hits=0, misses=0, enabled=False)
        return await self._backend.stats()

    def _ttl_of(self, model: ModelConfig) -> float:
        return self._default_ttl_seconds if model.cache_ttl is None else model.cache_ttl

    async def _found(self, keys: list[tuple[str, str]]) -> Sequence[bytes | None]:
        nothing: list[bytes | None] = [None] * len(keys)
        if self._backend is None or not keys:
            return nothing
        try:
            if self._shared is not None:
                return await self._shared.get_many(keys)
            return [await self._backend.get(key, group=group) for key, group in keys]
        except BACKEND_FAILURES:
            return nothing

    def _read(self, found: bytes | None, key: str, model: ModelConfig) -> PredictionOutput | None:
        if found is None:
            return None
        try:
            kept = self._decoder.decode(found)
        except (msgspec.DecodeError, RecursionError):
            return None
        if (kept.format, kept.key, kept.bundle_digest) != (_FORMAT, key, model.bundle_digest):
            return None
        return PredictionOutput(prediction=kept.prediction, confidence=kept.confidence, metadata=kept.metadata)


def _shared(backend: object) -> SharedCache | None:
    return backend if isinstance(backend, SharedCache) else None


def _kept(key: str, model: ModelConfig, answer: PredictionOutput) -> _KeptAnswer:
    return _KeptAnswer(_FORMAT, key, model.bundle_digest, answer.prediction, answer.confidence, answer.metadata)
