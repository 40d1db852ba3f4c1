"""Knows who may come in and how often: makes, verifies and revokes API keys, keeps the sign-ins made with them, and their rates."""

from hotcrm_ai.access.caller_rates import CallerRates
from hotcrm_ai.access.key_service import KeyService

__all__ = ["CallerRates", "KeyService"]
