"""Calls a provider the way every provider is called: while it works, not too often at once, again where that can help, in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import urlsplit

from hotcrm_ai.domain.canonical import digest_of
from hotcrm_ai.domain.errors import ProviderError, ProviderUnavailable
from hotcrm_ai.domain.faults import FAULT_RULES
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.performance import ProviderScope, ProviderState
from hotcrm_ai.pipeline.guards.breaker import Breaker, Pass
from hotcrm_ai.pipeline.guards.retry_budget import RetryBudget
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.provider import MLProvider, ScopedProvider

ResultT = TypeVar("ResultT")
Attempts = list[dict[str, Any]]

FIRST_WAIT_SECONDS: Final = 0.05
LONGEST_WAIT_SECONDS: Final = 1.0
LEAST_USEFUL_SECONDS: Final = 0.02
_MOST_SCOPES: Final = 1_000


class _Scope:
    """What is kept of one provider: its breaker, those of its models, its retry budget and its limit."""

    __slots__ = ("breaker", "budget", "free", "models", "name")

    def __init__(self, name: ProviderScope, concurrency: int) -> None:
        self.name = name
        self.breaker = Breaker()
        self.models: dict[str, Breaker] = {}
        self.budget = RetryBudget()
        self.free = asyncio.Semaphore(concurrency)

    def breakers(self, model_id: str) -> tuple[Breaker, Breaker]:
        return self.breaker, self.models.setdefault(model_id, Breaker())


class ProviderGuards:
    """Stands around every provider of one workspace that is not in process.

    ``random`` gives numbers from 0 to 1 and ``sleep`` waits; both are passed in, as is the clock. Without ``breaking`` no breaker opens.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        random: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        concurrency: int = 32,
        breaking: bool = True,
    ) -> None:
        self._clock = clock
        self._random = random
        self._sleep = sleep
        self._concurrency = concurrency
        self._breaking = breaking
        self._scopes: dict[ProviderScope, _Scope] = {}
        self._scope_of_model: dict[str, _Scope] = {}

    def states(self) -> list[ProviderState]:
        """Return the breakers that were used, those of providers before those of single models there."""
        found = []
        for scope in self._scopes.values():
            found.append(self._state(scope, None, scope.breaker))
            found += [
                self._state(scope, model_id, breaker)
                for model_id, breaker in sorted(scope.models.items())
                if breaker.last_fault is not None
            ]
        return found

    def outage_of(self, model_id: str) -> str | None:
        """Say why a model is not asked at the moment, or nothing; a half-open breaker lets calls through to try."""
        scope = self._scope_of_model.get(model_id)
        if scope is None:
            return None
        now = self._clock.monotonic()
        for breaker in scope.breakers(model_id):
            if breaker.state(now) == "open":
                wait = breaker.retry_in(now)
                return f"The breaker of provider {scope.name.provider!r} is open ({breaker.last_fault}); next try in {wait:.0f} s"
        return None

    def leave(self, model_id: str) -> None:
        """Forget where a model was asked: it answers in this process now."""
        self._scope_of_model.pop(model_id, None)

    async def call(
        self,
        provider: MLProvider,
        model: ModelConfig,
        attempt: Callable[[float], Awaitable[ResultT]],
        *,
        seconds: float,
        override: str | None = None,
        attempts: Attempts | None = None,
    ) -> ResultT:
        """Return what ``attempt`` gives, which is told the seconds that are left; every try is added to ``attempts``.

        ``override`` is the name of a provider that is asked instead of the model's own, which its failures say nothing of.

        Raises:
            ProviderError: the last attempt's error, or that the provider is not asked at the moment.
        """
        scope = self._scope(provider, model, override)
        made: Attempts = attempts if attempts is not None else []
        ends_at = self._clock.monotonic() + seconds
        retries = 0
        while True:
            try:
                return await self._try_once(scope, model, attempt, ends_at, made, is_first=retries == 0)
            except ProviderError as error:
                wait = self._wait_before_retry(scope, model, error, retries, ends_at)
                if wait is None:
                    _raise_with(error, made)
                retries += 1
            await self._sleep(wait)

    async def _try_once(
        self,
        scope: _Scope,
        model: ModelConfig,
        attempt: Callable[[float], Awaitable[ResultT]],
        ends_at: float,
        made: Attempts,
        *,
        is_first: bool,
    ) -> ResultT:
        self._refuse_where_open(scope, model)
        await self._take_place(scope, model, ends_at)
        try:
            passes = self._admit(scope, model)
            began = self._clock.monotonic()
            if is_first:
                scope.budget.count_call(began)
            try:
                result = await attempt(ends_at - began)
            except ProviderError as error:
                made.append(self._record(model, error.kind, began, error.details.get("status")))
                self._book_failure(scope, model, passes, error)
                raise
            except BaseException:
                self._release(scope, model, passes)
                raise
        finally:
            scope.free.release()
        made.append(self._record(model, "ok", began))
        for breaker, given in zip(scope.breakers(model.id), passes, strict=True):
            breaker.succeeded(given, self._clock.monotonic())
        return result

    def _refuse_where_open(self, scope: _Scope, model: ModelConfig) -> None:
        now = self._clock.monotonic()
        for breaker in scope.breakers(model.id):
            if self._breaking and breaker.refuses(now):
                raise _refused(scope, model, breaker, breaker.retry_in(now))

    def _admit(self, scope: _Scope, model: ModelConfig) -> tuple[Pass, ...]:
        now = self._clock.monotonic()
        passes: list[Pass] = []
        for breaker in scope.breakers(model.id):
            given = breaker.admit(now) if self._breaking else Pass(life=-1, is_probe=False)
            if given is None:
                self._release(scope, model, tuple(passes))
                raise _refused(scope, model, breaker, breaker.retry_in(now))
            passes.append(given)
        return tuple(passes)

    def _release(self, scope: _Scope, model: ModelConfig, passes: tuple[Pass, ...]) -> None:
        for breaker, given in zip(scope.breakers(model.id), passes, strict=False):
            breaker.released(given)

    def _book_failure(self, scope: _Scope, model: ModelConfig, passes: tuple[Pass, ...], error: ProviderError) -> None:
        rule = FAULT_RULES[error.kind]
        now = self._clock.monotonic()
        for is_of_model, breaker, given in zip((False, True), scope.breakers(model.id), passes, strict=True):
            if not rule.weight and error.kind != "bad_request":
                breaker.released(given)
            elif rule.weight and rule.model_bound == is_of_model:
                breaker.failed(given, error, now)
            elif is_of_model and rule.weight:
                breaker.released(given)
            else:
                breaker.succeeded(given, now)

    async def _take_place(self, scope: _Scope, model: ModelConfig, ends_at: float) -> None:
        if not scope.free.locked():
            await scope.free.acquire()
            return
        try:
            async with asyncio.timeout(max(0.0, ends_at - self._clock.monotonic())):
                await scope.free.acquire()
        except TimeoutError as problem:
            raise ProviderUnavailable(
                f"Provider {scope.name.provider!r} of model {model.id!r} was not asked: {self._concurrency} calls to it were under way "
                "until the deadline; try again later, or raise HOTCRM_AI_PROVIDER_CONCURRENCY.",
                model_id=model.id,
                provider=scope.name.provider,
                retryable=False,
            ) from problem

    def _wait_before_retry(
        self, scope: _Scope, model: ModelConfig, error: ProviderError, retries: int, ends_at: float
    ) -> float | None:
        """Return how long to wait before the next attempt, or None where there must be none."""
        if retries >= error.retries:
            return None
        now = self._clock.monotonic()
        chosen = min(FIRST_WAIT_SECONDS * 2.0**retries, LONGEST_WAIT_SECONDS) * self._random()
        if FAULT_RULES[error.kind].is_slow:
            # What is loading is not there in a moment: at least half of the longest wait.
            chosen = LONGEST_WAIT_SECONDS * (1.0 + self._random()) / 2.0
        wait = max(chosen, error.retry_after_seconds or 0.0)
        if now + wait + LEAST_USEFUL_SECONDS >= ends_at:
            return None
        if any(self._breaking and breaker.refuses(now) for breaker in scope.breakers(model.id)):
            return None
        return wait if scope.budget.take(now) else None

    def _scope(self, provider: MLProvider, model: ModelConfig, override: str | None) -> _Scope:
        name = provider.scope(model) if isinstance(provider, ScopedProvider) else _usual_scope(model, override)
        scope = self._scopes.get(name)
        if scope is None:
            if len(self._scopes) >= _MOST_SCOPES:
                self._forget_idle()
            scope = self._scopes[name] = _Scope(name, self._concurrency)
        if override is None:
            self._scope_of_model[model.id] = scope
        return scope

    def _forget_idle(self) -> None:
        now = self._clock.monotonic()
        for name, scope in list(self._scopes.items()):
            if scope.breaker.state(now) == "closed" and scope.breaker.counts(now)[0] == 0:
                del self._scopes[name]
        self._scope_of_model = {
            model_id: scope for model_id, scope in self._scope_of_model.items() if scope.name in self._scopes
        }

    def _state(self, scope: _Scope, model_id: str | None, breaker: Breaker) -> ProviderState:
        now = self._clock.monotonic()
        calls, failures = breaker.counts(now)
        return ProviderState(
            provider=scope.name.provider,
            endpoint=scope.name.endpoint,
            model_id=model_id,
            state=breaker.state(now),
            retry_in_seconds=breaker.retry_in(now),
            calls=calls,
            failures=failures,
            last_fault=breaker.last_fault,
        )

    def _record(self, model: ModelConfig, kind: str, began: float, status: Any = None) -> dict[str, Any]:
        record = {"model_id": model.id, "kind": kind, "ms": round(1000.0 * (self._clock.monotonic() - began), 3)}
        return record if status is None else {**record, "status": status}


def _refused(scope: _Scope, model: ModelConfig, breaker: Breaker, wait: float) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"Provider {scope.name.provider!r} of model {model.id!r} is not asked at the moment, because it failed too often (last: "
        f"{breaker.last_fault}); the next try is in {wait:.1f} s.",
        retry_after_seconds=wait,
        retryable=False,
        model_id=model.id,
        provider=scope.name.provider,
        breaker="open",
    )


def _raise_with(error: ProviderError, made: Attempts) -> NoReturn:
    error.details = {**error.details, "attempts": [dict(one) for one in made]}
    raise error


def _usual_scope(model: ModelConfig, override: str | None) -> ProviderScope:
    if override is not None:
        return ProviderScope(provider=override, endpoint=_place(model.endpoint or ""))
    config = model.provider_config
    endpoint = (config.endpoint if config is not None else None) or model.endpoint or ""
    return ProviderScope(
        provider=config.provider if config is not None else model.provider,
        endpoint=_place(endpoint),
        credential=digest_of(config.credentials)[:16] if config is not None else "",
    )


def _place(endpoint: str) -> str:
    """Return an endpoint's host and port, without user, path and query."""
    host = urlsplit(endpoint).netloc.rpartition("@")[2] if "://" in endpoint else ""
    return host or endpoint.split("?")[0][:128]
