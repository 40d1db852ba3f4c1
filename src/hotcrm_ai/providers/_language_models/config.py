"""What the configurations of all providers of language models share, and how one is read."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from hotcrm_ai.domain.errors import ProviderMisconfigured
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.spelling import to_snake


class LanguageModelConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``concurrency`` is how many calls of one batch are under way at a time."""

    concurrency: int = 8


_Read = TypeVar("_Read", bound=LanguageModelConfig)


def read_config(config: ProviderConfig, kind: type[_Read], *, provider: str) -> _Read:
    """Return ``config.config`` as a record of the kind; raises ``ProviderMisconfigured`` for unknown keys and values that cannot be."""
    try:
        read = msgspec.convert({to_snake(name): value for name, value in config.config.items()}, kind)
    except msgspec.ValidationError as problem:
        raise ProviderMisconfigured(
            f"The config of provider {provider!r} is not valid: {problem}; see its page in the documentation.",
            provider=provider,
        ) from None
    if read.concurrency < 1:
        raise ProviderMisconfigured(
            f"The config of provider {provider!r} has a concurrency below 1.", provider=provider
        )
    return read
