"""What stands around every provider that is not in process: breaker, retries, concurrency limit, and the record of attempts."""

from hotcrm_ai.pipeline.guards.provider_guards import ProviderGuards

__all__ = ["ProviderGuards"]
