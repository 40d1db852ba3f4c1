"""What the providers of language models share: tasks, replies that are checked again here, probabilities of labels, and money."""

from hotcrm_ai.providers._language_models.config import LanguageModelConfig, read_config
from hotcrm_ai.providers._language_models.provider import LanguageModelProvider, needs_key
from hotcrm_ai.providers._language_models.wire import (
    Ask,
    Completion,
    TokenChance,
    Wire,
    body_of,
    count_at,
    read_chances,
)

__all__ = [
    "Ask",
    "Completion",
    "LanguageModelConfig",
    "LanguageModelProvider",
    "TokenChance",
    "Wire",
    "body_of",
    "count_at",
    "needs_key",
    "read_chances",
    "read_config",
]
