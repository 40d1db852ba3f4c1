"""Makes one provider instance for one configuration, from the built-in files, plug-ins and what the caller registers."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

import msgspec

import hotcrm_ai.providers as package
from hotcrm_ai.domain.canonical import canonical_value, digest_of
from hotcrm_ai.domain.errors import ProviderMisconfigured
from hotcrm_ai.domain.model import FRAMEWORKS, ModelConfig, ProviderConfig
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.spelling import read_record
from hotcrm_ai.ports.provider import MLProvider
from hotcrm_ai.providers._kit import ProviderKit

ENTRY_POINTS: Final = "hotcrm_ai.providers"
ProviderMaker = Callable[[ProviderConfig], MLProvider]


class ProviderFactory:
    """Finds, makes and keeps providers.

    Two configurations share an instance only when provider, endpoint, settings and credentials are all the same; what is kept of
    credentials is a digest.
    """

    def __init__(self, kit: ProviderKit) -> None:
        self._makers: dict[str, ProviderMaker] = {**_built_in(kit)}
        self._plug_ins = {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
        self._instances: dict[str, MLProvider] = {}
        self._forgotten: list[MLProvider] = []
        self._of_models: dict[tuple[str, int, str | None], MLProvider] = {}

    def names(self) -> list[str]:
        """Return the names of all providers that can be asked for, plug-ins included."""
        return sorted({*self._makers, *self._plug_ins})

    def register(self, name: str, factory: ProviderMaker) -> None:
        """Let ``factory`` make the providers called ``name``, in this process."""
        self._makers[name] = factory
        self.clear()

    def remove(self, name: str) -> bool:
        """Forget a provider; true where there was one."""
        known = name in self._makers or name in self._plug_ins
        self._makers.pop(name, None)
        self._plug_ins.pop(name, None)
        self.clear()
        return known

    def clear(self) -> None:
        """Forget all instances; the next call makes new ones. Calls under way end on the old ones, which ``aclose`` closes too."""
        self._forgotten += self._instances.values()
        self._instances.clear()
        self._of_models.clear()

    def get_provider(self, config: ProviderConfig | Mapping[str, Any]) -> MLProvider:
        """Return the one instance for a configuration.

        Raises:
            ProviderMisconfigured: no provider has this name.
            ConfigError: the configuration has unknown or missing keys.
        """
        checked = (
            config
            if isinstance(config, ProviderConfig)
            else read_record(ProviderConfig, config, what="provider configuration")
        )
        key = digest_of(
            checked.provider,
            checked.endpoint,
            _revealed(checked.credentials),
            canonical_value(_revealed(checked.config)),
        )
        found = self._instances.get(key)
        if found is None:
            found = self._instances[key] = self._maker(checked.provider)(checked)
        return found

    def for_model(self, model: ModelConfig, *, name: str | None = None) -> MLProvider:
        """Return the provider of a model, or the one called ``name`` instead."""
        key = (model.id, model.revision, name)
        found = self._of_models.get(key)
        if found is None:
            found = self._of_models[key] = self._find(model, name)
        return found

    def _find(self, model: ModelConfig, name: str | None) -> MLProvider:
        if name is None and model.provider_config is not None:
            config = model.provider_config
            if config.endpoint is None and model.endpoint is not None:
                config = msgspec.structs.replace(config, endpoint=model.endpoint)
            return self.get_provider(config)
        provider = name or model.provider
        if provider in FRAMEWORKS and provider not in self._makers and model.endpoint is None:
            provider = "local"
        return self.get_provider(ProviderConfig(provider=provider, endpoint=model.endpoint))

    async def aclose(self) -> None:
        """Close every instance that was made, also where closing another one fails."""
        self.clear()
        async with AsyncExitStack() as closing:
            while self._forgotten:
                closing.push_async_callback(self._forgotten.pop().aclose)

    def _maker(self, name: str) -> ProviderMaker:
        if name not in self._makers and name in self._plug_ins:
            self._makers[name] = _loaded(self._plug_ins[name])
        try:
            return self._makers[name]
        except KeyError:
            raise ProviderMisconfigured(
                f"No provider is called {name!r}; known are {', '.join(self.names())}. A plug-in package adds one through the "
                f"entry-point group {ENTRY_POINTS!r}.",
                provider=name,
            ) from None


def _loaded(entry: EntryPoint) -> ProviderMaker:
    try:
        maker: ProviderMaker = entry.load()
    except (ImportError, AttributeError) as problem:
        raise ProviderMisconfigured(
            f"The plug-in of provider {entry.name!r} ({entry.value}) cannot be loaded; install its package anew, or remove it.",
            provider=entry.name,
        ) from problem
    return maker


def _built_in(kit: ProviderKit) -> dict[str, ProviderMaker]:
    makers: dict[str, ProviderMaker] = {}
    for module_info in pkgutil.iter_modules(package.__path__):
        if not module_info.name.startswith("_"):
            module = importlib.import_module(f"{package.__name__}.{module_info.name}")
            makers[module.NAME] = _bind(module.create, kit)
    return makers


def _bind(create: Callable[[ProviderConfig, ProviderKit], MLProvider], kit: ProviderKit) -> ProviderMaker:
    return lambda config: create(config, kit)


def _revealed(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, dict):
        return {key: _revealed(element) for key, element in value.items()}
    is_plain = value is None or isinstance(value, str | int | float | list | tuple)
    return value if is_plain else f"object {id(value)}"
