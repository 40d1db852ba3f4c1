"""Builds the parts of a workspace from settings, in order, and closes them in reverse."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hotcrm_ai.access import CallerRates, KeyService
from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.assembly.alerting import open_alerts
from hotcrm_ai.assembly.caching import open_cache, open_rates
from hotcrm_ai.assembly.erasure_watch import ErasureWatch
from hotcrm_ai.assembly.preregistered import PACKAGED_MODELS, preregister
from hotcrm_ai.caches import CacheManager
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.experiments import ExperimentService
from hotcrm_ai.explainers import (
    ForecastExplainer,
    LocalCounterfactuals,
    LocalExplainer,
    RecommendationExplainer,
    SampledExplainer,
    TokenExplainer,
)
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.monitoring import AlertService, MinuteBook, PerformanceMonitor
from hotcrm_ai.pipeline import PredictionService
from hotcrm_ai.pipeline.guards import ProviderGuards
from hotcrm_ai.pipeline.what_if import WhatIfService
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.ports.cache_backend import CacheBackend
from hotcrm_ai.ports.clock import Clock, SystemClock
from hotcrm_ai.ports.idempotency_store import IdempotencyStore
from hotcrm_ai.ports.ids import RandomIds
from hotcrm_ai.providers import ProviderFactory, ProviderKit
from hotcrm_ai.registry import ModelRegistry
from hotcrm_ai.settings import Settings
from hotcrm_ai.storage import (
    BundleLabels,
    Database,
    FileBundleStore,
    Journal,
    SQLCRMStore,
    SQLErasureNotes,
    SQLIdempotencyStore,
    SQLKeyStore,
    SQLModelStore,
    SQLPerformanceStore,
    SQLPredictionLog,
    SQLSignInStore,
    SQLSpendLedger,
    open_database,
    upgrade,
)

_WORKSPACE_FILE: Final = "workspace.name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a workspace keeps: its name, database, models, bundles, prediction log, CRM and what was spent."""

    workspace: str
    database: Database
    store: SQLModelStore
    bundles: FileBundleStore
    log: SQLPredictionLog
    crm: SQLCRMStore
    ledger: SQLSpendLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that a workspace consists of."""

    settings: Settings
    clock: Clock
    kept: Kept
    registry: ModelRegistry
    loader: LocalModelLoader
    providers: ProviderFactory
    cache: CacheManager
    monitor: PerformanceMonitor
    predictions: PredictionService
    explainer: WhatIfService
    experiments: ExperimentService
    alerts: AlertService
    keys: KeyService
    rates: CallerRates
    idempotency: IdempotencyStore
    features: Mapping[str, AIFeature]
    closing: AsyncExitStack

    async def aclose(self) -> None:
        """Close all parts, the last opened first."""
        await self.closing.aclose()


async def open_parts(settings: Settings, *, clock: Clock | None = None) -> Parts:
    """Open a workspace: its folder, database (brought up to date), registry, and everything that answers."""
    async with AsyncExitStack() as opened:
        time = clock or SystemClock()
        kept = await _open_storage(settings, time, opened)
        registry = await _open_registry(settings, kept, time)
        features = discover_ai_features()
        loader = LocalModelLoader(kept.bundles)
        providers = _open_providers(settings, kept, loader, features, time, opened)
        backend = await open_cache(settings, kept.workspace, time, opened)
        _watch_erasures(kept, backend, time, opened)
        monitor = _open_monitor(settings, kept, registry, time, opened)
        cache = CacheManager(settings.cache, backend=backend)
        predictions = PredictionService(
            models=registry,
            providers=providers,
            cache=backend if settings.cache_enabled else None,
            monitor=monitor,
            log=kept.log,
            clock=time,
            new_id=RandomIds(),
            workspace=kept.workspace,
            default_timeout_seconds=settings.timeout_seconds,
            default_ttl_seconds=settings.cache_default_ttl,
            batch_concurrency=settings.batch_concurrency,
            guards=_guards(settings, time),
        )
        opened.push_async_callback(predictions.aclose)
        return Parts(
            settings=settings,
            clock=time,
            kept=kept,
            registry=registry,
            loader=loader,
            providers=providers,
            cache=cache,
            monitor=monitor,
            predictions=predictions,
            explainer=_open_explainer(predictions, loader, features),
            experiments=ExperimentService(models=registry, log=kept.log, history=registry),
            alerts=open_alerts(
                settings,
                database=kept.database,
                workspace=kept.workspace,
                registry=registry,
                monitor=monitor,
                cache=cache,
                clock=time,
                new_id=RandomIds(),
                opened=opened,
            ),
            keys=_open_keys(kept, time, opened),
            rates=CallerRates(open_rates(settings, kept.workspace, time, opened), default=settings.rate),
            idempotency=SQLIdempotencyStore(kept.database, kept.workspace),
            features=features,
            closing=opened.pop_all(),
        )


async def _open_storage(settings: Settings, clock: Clock, opened: AsyncExitStack) -> Kept:
    """Open everything that outlives a process: database, bundles, log and CRM."""
    workspace = await asyncio.to_thread(_prepare_home, settings)
    database = open_database(settings.database)
    opened.push_async_callback(database.aclose)
    await upgrade(database)
    journal = Journal(settings.home / "journal", workspace)
    bundles = FileBundleStore(settings.home / "models", read_only=(PACKAGED_MODELS,))
    log = SQLPredictionLog(
        database,
        workspace,
        clock,
        journal=journal,
        keep_days=settings.log_keep_days,
        labels_of=BundleLabels(bundles).of,
    )
    opened.push_async_callback(log.aclose)
    await log.start()
    ledger = SQLSpendLedger(database, workspace)
    opened.push_async_callback(ledger.aclose)
    crm = SQLCRMStore(settings.crm, objects=settings.crm_objects)
    opened.push_async_callback(crm.aclose)
    return Kept(
        workspace=workspace,
        database=database,
        store=SQLModelStore(database, workspace),
        bundles=bundles,
        log=log,
        crm=crm,
        ledger=ledger,
    )


async def _open_registry(settings: Settings, kept: Kept, clock: Clock) -> ModelRegistry:
    """Open the registry, with the first models where the workspace is new."""
    registry = ModelRegistry(
        kept.store,
        clock=clock,
        refresh_seconds=settings.registry_refresh_seconds,
        allowed_hosts=settings.allowed_hosts,
    )
    await preregister(registry, kept.store, kept.bundles)
    return registry


def _open_providers(
    settings: Settings,
    kept: Kept,
    loader: LocalModelLoader,
    features: Mapping[str, AIFeature],
    clock: Clock,
    opened: AsyncExitStack,
) -> ProviderFactory:
    kit = ProviderKit(
        models=loader,
        features=features,
        clock=clock,
        hosts=settings.allowed_hosts,
        modules=settings.provider_modules,
        prices=settings.price_table,
        ledger=kept.ledger,
    )
    providers = ProviderFactory(kit)
    opened.push_async_callback(providers.aclose)
    return providers


def _watch_erasures(kept: Kept, backend: CacheBackend, clock: Clock, opened: AsyncExitStack) -> None:
    """Let this process forget what others erase; a cache is empty at first, so nothing from before matters."""
    watch = ErasureWatch(SQLErasureNotes(kept.database, kept.workspace), clock=clock, clear=backend.clear)
    opened.push_async_callback(watch.aclose)
    watch.start()


def _open_monitor(
    settings: Settings, kept: Kept, registry: ModelRegistry, clock: Clock, opened: AsyncExitStack
) -> PerformanceMonitor:
    """Open the monitor, whose counts meet those of other processes in the database."""

    async def name_of(model_id: str) -> str | None:
        model = await registry.get_model(model_id)
        return None if model is None else model.name

    store = SQLPerformanceStore(kept.database, kept.workspace)
    source = secrets.token_hex(8)
    book = MinuteBook(store, clock=clock, source=source, thresholds=settings.health, name_of=name_of)
    monitor = PerformanceMonitor(clock=clock, thresholds=settings.health, book=book)
    opened.push_async_callback(monitor.aclose)
    return monitor


def _open_keys(kept: Kept, clock: Clock, opened: AsyncExitStack) -> KeyService:
    keys = KeyService(
        SQLKeyStore(kept.database, kept.workspace),
        SQLSignInStore(kept.database, kept.workspace),
        clock=clock,
        random_bytes=secrets.token_bytes,
    )
    opened.push_async_callback(keys.aclose)
    return keys


def _open_explainer(
    predictions: PredictionService, loader: LocalModelLoader, features: Mapping[str, AIFeature]
) -> WhatIfService:
    explainers = (
        ForecastExplainer(loader),
        TokenExplainer(loader),
        RecommendationExplainer(loader),
        LocalExplainer(loader),
        SampledExplainer(ask=predictions.answer_rows, features=features),
    )
    return WhatIfService(
        predictions=predictions,
        explainers=explainers,
        features=features,
        counterfactuals=LocalCounterfactuals(loader),
    )


def _guards(settings: Settings, clock: Clock) -> ProviderGuards:
    chance = secrets.SystemRandom().random
    return ProviderGuards(clock=clock, random=chance, concurrency=settings.provider_concurrency)


def _prepare_home(settings: Settings) -> str:
    """Make the workspace folder and return the workspace's name, made at first start unless set."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if settings.workspace is not None:
            return settings.workspace
        return _kept_name(settings.home / _WORKSPACE_FILE)
    except OSError as problem:
        raise StorageError(
            f"The workspace folder {str(settings.home)!r} cannot be used: {problem.strerror}; choose another with HOTCRM_AI_HOME."
        ) from problem


def _kept_name(path: Path) -> str:
    if not path.exists():
        _make_name(path)
    name = path.read_text(encoding="utf-8").strip()
    if not name:
        raise StorageError(
            f"{str(path)!r} is empty, so nobody can tell which workspace this is; write its name into it (each table of the database has "
            "it, as workspace), or remove it to begin a new one."
        )
    return name


def _make_name(path: Path) -> None:
    """Give a new workspace its name, the same to all processes that start together: whole at once, and by one at a time."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            unfinished.write_text(f"ws-{secrets.token_hex(6)}", encoding="utf-8")
            unfinished.replace(path)
    finally:
        os.close(folder)
