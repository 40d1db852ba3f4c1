"""The one object that holds a workspace: registry, providers, predictions, explanations, experiments and CRM."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from hotcrm_ai.access import CallerRates, KeyService
from hotcrm_ai.assembly.drifting import USUAL_WINDOW_SECONDS, drift_of
from hotcrm_ai.assembly.opening import Parts, open_parts
from hotcrm_ai.assembly.training import ProgressCallback, train_and_register
from hotcrm_ai.assembly.usage import usage_of
from hotcrm_ai.caches import CacheManager
from hotcrm_ai.domain.drift import DriftReport
from hotcrm_ai.domain.explanation import Comparison, Explanation
from hotcrm_ai.domain.prediction import Context, PredictionError, PredictionRequest, PredictionResponse
from hotcrm_ai.domain.spending import ModelUsage
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.experiments import ExperimentService
from hotcrm_ai.monitoring import AlertService, PerformanceMonitor
from hotcrm_ai.pipeline import PredictionService
from hotcrm_ai.pipeline.what_if import WhatIfService
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.ports.crm import CRMStore
from hotcrm_ai.ports.idempotency_store import IdempotencyStore
from hotcrm_ai.ports.provider import MLProvider
from hotcrm_ai.providers import ProviderFactory
from hotcrm_ai.registry import ModelRegistry
from hotcrm_ai.settings import Settings

if TYPE_CHECKING:
    from hotcrm_ai.assembly.blocking import BlockingAI


class AI:
    """One workspace, opened by ``async with AI.open() as ai``; nothing of it is shared with another one."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.settings: Settings = parts.settings
        self.registry: ModelRegistry = parts.registry
        self.providers: ProviderFactory = parts.providers
        self.predictions: PredictionService = parts.predictions
        self.cache: CacheManager = parts.cache
        self.monitor: PerformanceMonitor = parts.monitor
        self.explainer: WhatIfService = parts.explainer
        self.experiments: ExperimentService = parts.experiments
        self.alerts: AlertService = parts.alerts
        self.keys: KeyService = parts.keys
        self.rates: CallerRates = parts.rates
        self.idempotency: IdempotencyStore = parts.idempotency
        self.crm: CRMStore = parts.kept.crm
        self.features: Mapping[str, AIFeature] = parts.features

    @staticmethod
    def open(settings: Settings | None = None) -> Opening:
        """Open a workspace from settings, or from the environment where none are given.

        Use it as ``async with AI.open() as ai``, or ``ai = await AI.open()`` and later ``await ai.aclose()``.

        Raises:
            ConfigError: settings are wrong (all mistakes are listed).
            StorageError: the workspace's database cannot be opened.
        """
        return Opening(settings)

    @staticmethod
    def open_sync(settings: Settings | None = None) -> BlockingAI:
        """Open a workspace for scripts and notebooks: the same methods without ``await``."""
        from hotcrm_ai.assembly.blocking import BlockingAI

        return BlockingAI(settings)

    @property
    def workspace(self) -> str:
        """The workspace's name in databases and caches."""
        return self._parts.kept.workspace

    @property
    def notes(self) -> tuple[str, ...]:
        """What an operator should know of this installation, for example how SQLite had to be opened."""
        return self._parts.kept.database.notes

    @property
    def waiting_predictions(self) -> int:
        """How many answered predictions of this process wait in the journal for the database."""
        return self._parts.kept.log.waiting

    async def predict(
        self,
        model_id: str | PredictionRequest,
        features: Mapping[str, Any] | None = None,
        *,
        context: Context | Mapping[str, Any] | None = None,
        use_cache: bool = True,
        provider: str | MLProvider | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the contract's name
    ) -> PredictionResponse:
        """Predict for one record; short for ``predictions.predict``."""
        return await self.predictions.predict(
            model_id, features, context=context, use_cache=use_cache, provider=provider, timeout=timeout
        )

    async def batch_predict(
        self,
        model_id: str,
        features: Sequence[Mapping[str, Any]],
        *,
        contexts: Sequence[Context | Mapping[str, Any] | None] | None = None,
        use_cache: bool = True,
        on_error: str = "raise",
    ) -> list[PredictionResponse | PredictionError]:
        """Predict for several records, in order; short for ``predictions.batch_predict``."""
        return await self.predictions.batch_predict(
            model_id, features, contexts=contexts, use_cache=use_cache, on_error=on_error
        )

    async def explain(
        self, model_id: str, features: Mapping[str, Any], *, context: Context | Mapping[str, Any] | None = None
    ) -> Explanation:
        """Say why a record gets its prediction; short for ``explainer.explain_prediction``."""
        return await self.explainer.explain_prediction(model_id, features, context=context)

    async def compare(
        self,
        model_id: str,
        features1: Mapping[str, Any],
        features2: Mapping[str, Any],
        *,
        context: Context | Mapping[str, Any] | None = None,
    ) -> Comparison:
        """Say why two records get different predictions; short for ``explainer.compare_predictions``."""
        return await self.explainer.compare_predictions(model_id, features1, features2, context=context)

    async def drift(self, model_id: str, *, window: float = USUAL_WINDOW_SECONDS) -> DriftReport:
        """Say how far what a model was asked in the last ``window`` seconds has moved from what it was judged on at training.

        Raises:
            ModelNotFound: there is no such model.
            NotExplainable: it was not trained here on a table.
        """
        return await drift_of(self._parts, model_id, window_seconds=window)

    async def train(
        self,
        feature: str,
        data: Any,
        *,
        target: str | None = None,
        model_id: str | None = None,
        version: str | None = None,
        exclude: Sequence[str] = (),
        keep: Sequence[str] = (),
        time_column: str | None = None,
        promote: bool = False,
        seed: int = 0,
        progress: ProgressCallback | None = None,
        **options: Any,
    ) -> TrainingReport:
        """Train a model of an AI feature on a table, measure it on held-out rows, publish and register it.

        ``data`` is a path, a SQL query with its URL ``(url, query)``, a pandas, polars or Arrow table, or a list of mappings.
        ``exclude`` and ``keep`` name columns that the leak guard must leave out, or must not. The model is registered as ``testing``;
        with ``promote`` as ``active``, if it beats the base rate on held-out rows. ``options`` are those of the training recipe.

        Raises:
            TrainingDataError: the data cannot be used; the message names line or column.
            ConfigError: the feature or an option is not known.
        """
        return await train_and_register(
            self._parts,
            feature,
            data,
            target=target,
            model_id=model_id,
            version=version,
            exclude=exclude,
            keep=keep,
            time_column=time_column,
            promote=promote,
            seed=seed,
            progress=progress,
            options=options,
        )

    async def get_usage(self, model_id: str | None = None, *, days: int = 1) -> list[ModelUsage]:
        """Return the tokens and the money that language models used, all processes together: one record for each model and day (UTC).

        ``days`` counts back from today; the latest day comes first.

        Raises:
            ModelNotFound: there is no such model.
            ConfigError: ``days`` is below 1 or above 366.
            StorageError: the database failed.
        """
        if model_id is not None:
            await self.predictions.find(model_id)
        models = {model.id: model for model in await self.registry.list_models()}
        return await usage_of(self._parts.kept.ledger, models, now=self.now(), model_id=model_id, days=days)

    async def ready(self) -> bool:
        """Return true once the registry is loaded and the database answers; raises ``StorageError`` otherwise."""
        await self._parts.kept.store.counter()
        await self.registry.load()
        return True

    def now(self) -> datetime:
        """Return the present moment of the workspace's clock, in UTC."""
        return self._parts.clock.now()

    async def aclose(self) -> None:
        """Write what is pending and release everything."""
        await self._parts.aclose()


class Opening:
    """A workspace about to be opened: awaitable, and an async context manager."""

    def __init__(self, settings: Settings | None) -> None:
        self._settings = settings
        self._ai: AI | None = None

    def __await__(self) -> Generator[Any, None, AI]:
        return self._open().__await__()

    async def __aenter__(self) -> AI:
        self._ai = await self._open()
        return self._ai

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ai is not None:
            await self._ai.aclose()

    async def _open(self) -> AI:
        return AI(await open_parts(self._settings or Settings.load()))


AIOpener = Callable[[], Awaitable[AI]]
"""Opens a workspace; what the servers take, so that each worker opens its own."""
