"""The AI features, one file each: inputs, shape of the answer, wording, and what of a CRM record they read and write."""

from hotcrm_ai.ai_features._announced import announced_models
from hotcrm_ai.ai_features._discovery import discover_ai_features

__all__ = ["announced_models", "discover_ai_features"]
