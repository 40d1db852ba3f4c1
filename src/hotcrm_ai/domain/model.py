"""What the registry knows of a model: configuration, statuses, A/B test, metrics and revisions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from hotcrm_ai.domain.signature import Signature

ModelType = Literal["classification", "regression", "clustering", "nlp", "recommendation", "forecasting"]
ModelStatus = Literal["active", "deprecated", "training", "testing"]
ABMode = Literal["split", "shadow"]
PersonalPolicy = Literal["omit", "hash", "send"]
"""What becomes of personal features on the way to a provider outside of this process."""
RevisionAction = Literal["registered", "updated", "status", "promoted", "rolled_back", "removed"]

MODEL_ID: Final = re.compile(r"^[a-z0-9][a-z0-9._-]{0,127}$")
FRAMEWORKS: Final = frozenset({"scikit-learn", "tensorflow", "pytorch"})

TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    "training": frozenset({"testing", "active", "deprecated"}),
    "testing": frozenset({"active", "deprecated", "training"}),
    "active": frozenset({"deprecated", "testing"}),
    "deprecated": frozenset({"active", "testing"}),
}
"""Which statuses may follow a status; staying is no transition and always allowed."""


class ABTest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The A/B test that a challenger carries in its configuration.

    ``traffic_percentage`` (0-100) of the subjects that ask for the challenger get it; all others get the champion. In ``shadow``
    mode the champion answers everybody and the challenger is only asked along.
    """

    champion_model_id: str
    enabled: bool = True
    traffic_percentage: float = 0.0
    mode: ABMode = "split"
    seed: int = 0


class MetricsSource(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a model's metrics come from: ``measured`` on held-out rows, or ``declared`` by hand.

    ``trained_on`` says ``sample`` for the models that come with the package.
    """

    kind: Literal["measured", "declared"]
    data_fingerprint: str | None = None
    rows: int | None = None
    measured_at: datetime | None = None
    trained_on: str | None = None


class ProviderConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Where and how a model's provider is reached; in anything that is kept, credentials are references.

    ``timeout_seconds`` is how long the model may take for a request (None: what the workspace allows); ``personal_fields`` what becomes of
    personal features on the way to a provider outside of this process (None: they are left out).
    """

    provider: str
    endpoint: str | None = None
    credentials: dict[str, Any] = msgspec.field(default_factory=dict)
    config: dict[str, Any] = msgspec.field(default_factory=dict)
    timeout_seconds: float | None = None
    personal_fields: PersonalPolicy | None = None

    def __repr__(self) -> str:
        return f"ProviderConfig(provider={self.provider!r}, endpoint={self.endpoint!r}, credentials={sorted(self.credentials)})"


class ModelConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One model of the registry, as of one revision.

    ``metrics``: accuracy, precision, recall, f1_score, auc and other rates are 0-100; mse, mae in the target's unit; log_loss and brier as
    they are. ``cache_ttl`` in seconds (0 = never cached; None = the default). ``feature`` is the AI feature that shapes the answer,
    ``bundle_digest`` the published bundle of a local model. The registry alone gives ``promoted_at``, the moment of the promotion by which
    the model may be its feature's champion, and ``revision``, the number of this state.
    """

    id: str
    name: str = ""
    version: str = "1.0.0"
    type: ModelType = "classification"
    provider: str = "local"
    description: str = ""
    status: ModelStatus = "testing"
    endpoint: str | None = None
    provider_config: ProviderConfig | None = None
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)
    metrics: dict[str, float] = msgspec.field(default_factory=dict)
    metrics_source: MetricsSource | None = None
    last_trained: datetime | None = None
    ab_test: ABTest | None = None
    signature: Signature | None = None
    cache_ttl: float | None = None
    fallback_model_id: str | None = None
    tags: tuple[str, ...] = ()
    feature: str | None = None
    bundle_digest: str | None = None
    promoted_at: datetime | None = None
    revision: int = 0

    @property
    def titles(self) -> dict[str, str]:
        """The names of the model's features for people; none where it does not say which it takes."""
        return {} if self.signature is None else {spec.name: spec.title for spec in self.signature.features}


class Revision(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One entry of a model's history; ``config`` is None where the model was removed."""

    model_id: str
    number: int
    action: RevisionAction
    config: ModelConfig | None
    created_at: datetime
    note: str | None = None
