"""Asks what no other provider knows: a Python function or class of your own, or an HTTP service by a declared recipe."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from hotcrm_ai.domain.errors import ProviderMisconfigured, ProviderRejected
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import ProviderHealth, ProviderScope
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.ports.provider import MLProvider
from hotcrm_ai.providers._kit import ProviderKit
from hotcrm_ai.providers._remote import RemoteServer
from hotcrm_ai.providers._reply import answer_at, parse_json, read_answer

NAME: Final = "custom"
MAX_PARALLEL: Final = 8
_BLANK: Final = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


def create(config: ProviderConfig, kit: ProviderKit) -> MLProvider:
    """Return the provider: ``config["python"]`` names or is a function or class, else ``config`` is a recipe for ``endpoint``."""
    if "python" not in config.config:
        return RecipeProvider(config, kit)
    target = _loaded(config.config["python"], kit)
    if inspect.isclass(target):
        target = target(**config.config.get("options", {}))
    return target if isinstance(target, MLProvider) else FunctionProvider(target, kit)


class FunctionProvider:
    """Answers by a function of the features, or by the ``predict`` of an object; one that is not ``async`` runs in a thread.

    It returns a ``PredictionOutput``, or a value that ``parameters["output"]`` says how to read.
    """

    def __init__(self, target: Any, kit: ProviderKit) -> None:
        function = getattr(target, "predict", target)
        if not callable(function):
            raise ProviderMisconfigured(
                f"config['python'] of provider {NAME!r} is neither a function nor an object with predict; correct it.",
                provider=NAME,
            )
        self._function: Callable[[dict[str, Any]], Any] = function
        self._features = kit.features

    async def validate(self) -> None:
        """Nothing is missing: the function was found."""

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the port's name
        """Answer one request."""
        features = dict(input.features)
        if inspect.iscoroutinefunction(self._function):
            value = await self._function(features)
        else:
            value = await asyncio.to_thread(self._function, features)
        if isinstance(value, PredictionOutput):
            return value
        return read_answer(value, model, features=self._features)

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests, a few at a time."""
        return await _in_parallel(self.predict, model, inputs)

    async def health_check(self) -> ProviderHealth:
        """Say that it is there; a function has no endpoint to ask."""
        return ProviderHealth(healthy=True, latency=0.0)

    async def aclose(self) -> None:
        """Nothing is held open."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an HTTP service is asked; in ``body`` and in the endpoint's path and query, ``{{feature}}`` stands for a feature's value.

    A text that is nothing but ``{{feature}}`` becomes the value with its type, or null where it is missing. Without ``body``, a request
    that carries one sends an object of all features. ``answer`` is where the reply's answer stands; the rest is ``parameters["output"]``.
    """

    method: str = "POST"
    headers: dict[str, str] = {}
    body: Any = msgspec.UNSET
    answer: str | list[str | int] | None = None
    auth_header: str = "authorization"
    auth_scheme: str = "Bearer"
    health_url: str | None = None


class RecipeProvider:
    """Asks an HTTP service by a recipe; several requests are several calls, a few at a time."""

    def __init__(self, config: ProviderConfig, kit: ProviderKit) -> None:
        self._recipe = _read_recipe(config)
        self._server = RemoteServer(
            config, kit, header=self._recipe.auth_header.lower(), scheme=self._recipe.auth_scheme
        )
        self._features = kit.features
        parts = urlsplit(self._server.endpoint)
        if "{{" in f"{parts.scheme}{parts.netloc}":
            raise ProviderMisconfigured(
                "The endpoint's host cannot be made of features; write it out, and use {{feature}} in path and query only.",
                provider=NAME,
            )

    async def validate(self) -> None:
        """Check that the credential is there, where one is referred to."""
        await self._server.validate()

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the port's name
        """Answer one request."""
        recipe = self._recipe
        url = _BLANK.sub(lambda blank: quote(_text(input.features.get(blank[1])), safe=""), self._server.endpoint)
        if not {".", ".."}.isdisjoint(urlsplit(url).path.split("/")):
            raise ProviderRejected(
                f"The record of model {model.id!r} cannot be asked about: a value of it would lead to another path of the server.",
                model_id=model.id,
                provider=NAME,
            )
        body = None
        if recipe.method in ("POST", "PUT"):
            body = dict(input.features) if recipe.body is msgspec.UNSET else fill(recipe.body, input.features)
        headers = {**recipe.headers, "x-request-id": input.prediction_id}
        reply = await self._server.send(
            recipe.method, url, body, model=model, seconds=input.timeout_seconds, headers=headers
        )
        answer = parse_json(reply.body, model)
        return read_answer(answer_at(answer, recipe.answer, model), model, features=self._features)

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests, a few at a time; each reply belongs to its own call."""
        return await _in_parallel(self.predict, model, inputs)

    async def health_check(self) -> ProviderHealth:
        """Ask the recipe's ``health_url``; without one, any answer from the root of the host that is no failure of it will do."""
        if self._recipe.health_url is not None:
            return await self._server.health(self._recipe.health_url)
        parts = urlsplit(self._server.endpoint)
        return await self._server.health(f"{parts.scheme}://{parts.netloc}/", any_answer=True)

    def scope(self, model: ModelConfig) -> ProviderScope:  # noqa: ARG002 - one server, whatever the model
        """Return what fails together."""
        return self._server.scope()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._server.aclose()


def fill(template: Any, features: Mapping[str, Any]) -> Any:
    """Return a template with every ``{{feature}}`` replaced; what replaces it is never read as a template again."""
    if isinstance(template, str):
        whole = _BLANK.fullmatch(template)
        if whole is not None:
            return features.get(whole[1])
        return _BLANK.sub(lambda blank: _text(features.get(blank[1])), template)
    if isinstance(template, list):
        return [fill(element, features) for element in template]
    if isinstance(template, dict):
        return {name: fill(element, features) for name, element in template.items()}
    return template


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return msgspec.json.encode(value).decode()


def _read_recipe(config: ProviderConfig) -> Recipe:
    try:
        recipe = msgspec.convert(config.config, Recipe)
    except msgspec.ValidationError as problem:
        raise ProviderMisconfigured(
            f"The recipe in the config of provider {NAME!r} is not valid: {problem}.", provider=NAME
        ) from None
    method = recipe.method.upper()
    if method not in ("GET", "POST", "PUT"):
        raise ProviderMisconfigured(
            f"The recipe of provider {NAME!r} asks by {method[:20]!r}; use GET, POST or PUT.", provider=NAME
        )
    return msgspec.structs.replace(recipe, method=method)


def _loaded(named: Any, kit: ProviderKit) -> Any:
    """Return a function or class, given as itself or as ``module:name``; only modules that the operator listed are imported."""
    if not isinstance(named, str):
        return named
    module, _, name = named.partition(":")
    if module not in kit.modules:
        raise ProviderMisconfigured(
            f"The module {module[:80]!r} is not among those that providers may be loaded from; the operator adds it with "
            "HOTCRM_AI_PROVIDER_MODULES.",
            provider=NAME,
        )
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as problem:
        raise ProviderMisconfigured(
            f"There is no {name[:80]!r} in the module {module!r}, or it cannot be imported; config['python'] is 'module:name'.",
            provider=NAME,
        ) from problem
    is_code = inspect.isclass(found) or inspect.isroutine(found)
    if is_code and str(getattr(found, "__module__", None)).partition(".")[0] != module.partition(".")[0]:
        raise ProviderMisconfigured(
            f"{name[:80]!r} is not of the module {module!r}, which only imports it; name a function or class of its own.",
            provider=NAME,
        )
    return found


async def _in_parallel(
    ask: Callable[[ModelConfig, PredictionInput], Any], model: ModelConfig, inputs: Sequence[PredictionInput]
) -> list[PredictionOutput]:
    free = asyncio.Semaphore(MAX_PARALLEL)

    async def one(asked: PredictionInput) -> PredictionOutput:
        async with free:
            return await ask(model, asked)  # type: ignore[no-any-return]  # a bound predict

    tasks = [asyncio.ensure_future(one(asked)) for asked in inputs]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
