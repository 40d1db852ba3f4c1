"""What the composition root hands to every provider: models on disk, AI features, time, allowed hosts and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from hotcrm_ai.domain.addresses import VENDOR_HOSTS, AllowedHosts
from hotcrm_ai.domain.spending import PriceTable
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.spend_ledger import SpendLedger
from hotcrm_ai.providers._http import CONNECT_SECONDS
from hotcrm_ai.providers._spend_ledger import InProcessSpendLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKit:
    """The collaborators that a provider's ``create`` may use.

    ``environ`` holds the variables that credentials refer to; from ``modules``, and from no others, code may be loaded by name.
    ``connect_seconds`` is how long a server may take to accept a connection.
    """

    models: LocalModelLoader
    features: Mapping[str, AIFeature]
    clock: Clock
    hosts: AllowedHosts = field(default_factory=lambda: AllowedHosts(VENDOR_HOSTS))
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    modules: tuple[str, ...] = ()
    prices: PriceTable = field(default_factory=PriceTable)
    ledger: SpendLedger = field(default_factory=InProcessSpendLedger)
    connect_seconds: float = CONNECT_SECONDS
