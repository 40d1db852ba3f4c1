"""Knows who may come in: makes, verifies and revokes API keys, and keeps the sign-ins made with them."""

from hotcrm_ai.access.key_service import KeyService

__all__ = ["KeyService"]
