"""Finds an answer that was given before, and keeps new ones, always filed under the model that gave them."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.performance import CacheStats
from hotcrm_ai.domain.prediction import PredictionOutput
from hotcrm_ai.ports.cache_backend import CacheBackend

_FORMAT: Final = 1


class _KeptAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """An answer in the cache, with the key that it belongs to."""

    format: int
    key: str
    prediction: Any
    confidence: float | None
    metadata: dict[str, Any]


class AnswerCache:
    """Answers by everything that can change them; without a backend nothing is ever found or kept."""

    def __init__(self, backend: CacheBackend | None, *, workspace: str, default_ttl_seconds: float) -> None:
        self._backend = backend
        self._workspace = workspace
        self._default_ttl_seconds = default_ttl_seconds
        self._decoder = msgspec.json.Decoder(_KeptAnswer)
        self._encoder = msgspec.json.Encoder()

    def key_for(self, model: ModelConfig, values: dict[str, Any], *, provider: str | None) -> str | None:
        """Return the key of the answer to fitted features, or None where this model's answers are not kept.

        It changes with the workspace, the answering model, its version, revision and bundle, the provider asked for, and every value.
        """
        if self._backend is None or self._ttl_of(model) <= 0:
            return None
        return digest_of(
            self._workspace, model.id, model.version, model.revision, model.bundle_digest, provider, values
        )

    async def find(self, key: str) -> PredictionOutput | None:
        """Return a copy of a kept answer; whatever cannot be read, or is another key's, counts as absent."""
        if self._backend is None:
            return None
        found = await self._backend.get(key)
        if found is None:
            return None
        try:
            kept = self._decoder.decode(found)
        except msgspec.DecodeError:
            return None
        if kept.format != _FORMAT or kept.key != key:
            return None
        return PredictionOutput(prediction=kept.prediction, confidence=kept.confidence, metadata=kept.metadata)

    async def keep(self, key: str, model: ModelConfig, answer: PredictionOutput) -> None:
        """Keep an answer for as long as its model says."""
        if self._backend is None:
            return
        kept = _KeptAnswer(_FORMAT, key, answer.prediction, answer.confidence, answer.metadata)
        await self._backend.set(key, self._encoder.encode(kept), ttl_seconds=self._ttl_of(model), group=model.id)

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
