"""The places where a model can run, one file each, and the factory that finds them."""

from hotcrm_ai.providers._factory import ProviderFactory
from hotcrm_ai.providers._http import HTTPDoor
from hotcrm_ai.providers._kit import ProviderKit

__all__ = ["HTTPDoor", "ProviderFactory", "ProviderKit"]
