"""The predictive AI of a CRM: trained scores with reasons that add up, in the team's own hands."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hotcrm_ai.domain.errors import (
    AlertNotDelivered,
    ArtifactIntegrity,
    AuthError,
    ConfigError,
    CRMNotConfigured,
    HotCRMAIError,
    IllegalTransition,
    InvalidFeatures,
    InvalidOutcome,
    InvalidRequest,
    KeyNotFound,
    MissingExtra,
    MissingScope,
    ModelConflict,
    ModelInUse,
    ModelNotActive,
    ModelNotFound,
    NewerAnswer,
    NotAuthenticated,
    NotExplainable,
    PredictionNotFound,
    PromotionRefused,
    ProviderBadAnswer,
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    RecordNotFound,
    ServerError,
    ServerTimeout,
    ServerUnavailable,
    StaleRevision,
    StorageError,
    TooManyRequests,
    TrainingDataError,
)
from hotcrm_ai.domain.explanation import Comparison, Explanation, FeatureContribution, FeatureImportance
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import (
    CacheSettings,
    CacheStats,
    Health,
    ModelPerformanceStats,
    PredictionMetric,
    ProviderHealth,
)
from hotcrm_ai.domain.prediction import (
    Context,
    PredictionError,
    PredictionInput,
    PredictionOutput,
    PredictionRequest,
    PredictionResponse,
)
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.ports.provider import MLProvider

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI
    from hotcrm_ai.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "AI",
    "AlertNotDelivered",
    "ArtifactIntegrity",
    "AuthError",
    "CRMNotConfigured",
    "CacheSettings",
    "CacheStats",
    "Comparison",
    "ConfigError",
    "Context",
    "Explanation",
    "FeatureContribution",
    "FeatureImportance",
    "Health",
    "HotCRMAIError",
    "IllegalTransition",
    "InvalidFeatures",
    "InvalidOutcome",
    "InvalidRequest",
    "KeyNotFound",
    "MLProvider",
    "MissingExtra",
    "MissingScope",
    "ModelConfig",
    "ModelConflict",
    "ModelInUse",
    "ModelNotActive",
    "ModelNotFound",
    "ModelPerformanceStats",
    "NewerAnswer",
    "NotAuthenticated",
    "NotExplainable",
    "PredictionError",
    "PredictionInput",
    "PredictionMetric",
    "PredictionNotFound",
    "PredictionOutput",
    "PredictionRequest",
    "PredictionResponse",
    "PromotionRefused",
    "ProviderBadAnswer",
    "ProviderConfig",
    "ProviderError",
    "ProviderHealth",
    "ProviderMisconfigured",
    "ProviderRejected",
    "ProviderTimeout",
    "ProviderUnavailable",
    "RecordNotFound",
    "ServerError",
    "ServerTimeout",
    "ServerUnavailable",
    "Settings",
    "StaleRevision",
    "StorageError",
    "TooManyRequests",
    "TrainingDataError",
    "TrainingReport",
]

_LAZY = {"AI": "hotcrm_ai.assembly", "Settings": "hotcrm_ai.settings"}


def __getattr__(name: str) -> Any:
    """Load the parts that need a database or NumPy only when they are asked for."""
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
