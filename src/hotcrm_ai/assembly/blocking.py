"""The same workspace without ``await``, for notebooks and scripts: one event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import wraps
from types import TracebackType
from typing import Any, Final, TypeVar

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.domain.drift import DriftReport
from hotcrm_ai.domain.explanation import Comparison, Explanation
from hotcrm_ai.domain.prediction import PredictionError, PredictionRequest, PredictionResponse
from hotcrm_ai.domain.spending import ModelUsage
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.settings import Settings

ResultT = TypeVar("ResultT")

_PARTS: Final = frozenset(
    {
        "registry",
        "predictions",
        "cache",
        "monitor",
        "explainer",
        "experiments",
        "alerts",
        "keys",
        "rates",
        "idempotency",
        "crm",
    }
)
_KNOWN_AT_ONCE: Final = frozenset({"workspace", "notes", "waiting_predictions", "now"})


class BlockingAI:
    """A workspace whose every method blocks until its answer is there.

    Usable at once and closed by ``close()``, or as a context manager: ``with AI.open_sync() as ai``. The parts (``registry``,
    ``predictions``, ``cache``, ``monitor``, ``explainer``, ``experiments``, ``alerts``, ``keys``, ``rates``, ``idempotency``, ``crm``)
    have the methods of their async twins; ``workspace``, ``notes``, ``waiting_predictions`` and ``now()`` are as they are there.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hotcrm-ai", daemon=True)
        self._thread.start()
        try:
            self._ai: AI = self._wait(_opened(settings))
        except BaseException:
            self._stop()
            raise
        self.settings = self._ai.settings
        self.providers = self._ai.providers
        self.features = self._ai.features

    def __enter__(self) -> BlockingAI:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        if name in _PARTS:
            return BlockingPart(getattr(self._ai, name), self._wait)
        if name in _KNOWN_AT_ONCE:
            return getattr(self._ai, name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def predict(
        self, model_id: str | PredictionRequest, features: Mapping[str, Any] | None = None, **options: Any
    ) -> PredictionResponse:
        """Predict for one record; see ``AI.predict``."""
        return self._wait(self._ai.predict(model_id, features, **options))

    def batch_predict(
        self, model_id: str, features: Sequence[Mapping[str, Any]], **options: Any
    ) -> list[PredictionResponse | PredictionError]:
        """Predict for several records; see ``AI.batch_predict``."""
        return self._wait(self._ai.batch_predict(model_id, features, **options))

    def explain(self, model_id: str, features: Mapping[str, Any], **options: Any) -> Explanation:
        """Say why a record gets its prediction; see ``AI.explain``."""
        return self._wait(self._ai.explain(model_id, features, **options))

    def compare(
        self, model_id: str, features1: Mapping[str, Any], features2: Mapping[str, Any], **options: Any
    ) -> Comparison:
        """Say why two records get different predictions; see ``AI.compare``."""
        return self._wait(self._ai.compare(model_id, features1, features2, **options))

    def drift(self, model_id: str, **options: Any) -> DriftReport:
        """Say how far a model's requests have moved from its training; see ``AI.drift``."""
        return self._wait(self._ai.drift(model_id, **options))

    def train(self, feature: str, data: Any, **options: Any) -> TrainingReport:
        """Train, measure, publish and register a model; see ``AI.train``."""
        return self._wait(self._ai.train(feature, data, **options))

    def get_usage(self, model_id: str | None = None, *, days: int = 1) -> list[ModelUsage]:
        """Tell what language models used, day by day; see ``AI.get_usage``."""
        return self._wait(self._ai.get_usage(model_id, days=days))

    def ready(self) -> bool:
        """Return true once the registry is loaded and the database answers; see ``AI.ready``."""
        return self._wait(self._ai.ready())

    def run(self, action: Callable[..., Awaitable[ResultT]], *arguments: Any, **options: Any) -> ResultT:
        """Run an async function that takes the workspace first, for example ``ai.run(score_lead, "LD-000123")``."""
        return self._wait(_called(action, self._ai, *arguments, **options))

    def close(self) -> None:
        """Write what is pending and release everything; closing twice is fine."""
        if self._loop.is_closed():
            return
        try:
            self._wait(self._ai.aclose())
        finally:
            self._stop()

    def _wait(self, coroutine: Coroutine[Any, Any, ResultT]) -> ResultT:
        if self._loop.is_closed():
            coroutine.close()
            raise RuntimeError("the workspace is closed")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class BlockingPart:
    """One part of a workspace whose async methods block instead."""

    def __init__(self, part: object, wait: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._part = part
        self._wait_for = wait

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._part, name)
        if not inspect.iscoroutinefunction(member):
            return member

        @wraps(member)
        def blocking(*arguments: Any, **options: Any) -> Any:
            return self._wait_for(member(*arguments, **options))

        return blocking


async def _opened(settings: Settings | None) -> AI:
    return await AI.open(settings)


async def _called(action: Callable[..., Awaitable[ResultT]], *arguments: Any, **options: Any) -> ResultT:
    return await action(*arguments, **options)
