"""Which models exist, in which version and state, and how they came to be so."""

from hotcrm_ai.registry.model_registry import ModelRegistry

__all__ = ["ModelRegistry"]
