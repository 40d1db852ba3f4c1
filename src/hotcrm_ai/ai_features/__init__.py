"""The AI features, one file each: inputs, shape of the answer, wording, and what of a CRM record they read and write."""

from hotcrm_ai.ai_features._discovery import discover_ai_features

__all__ = ["discover_ai_features"]
