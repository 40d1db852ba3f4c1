"""The table of all operations of the API; a new one is added to the list of its file and is routed and documented by that."""

from __future__ import annotations

from typing import Final

from hotcrm_ai.entrypoints.http.alert_routes import ALERT_OPERATIONS
from hotcrm_ai.entrypoints.http.experiment_routes import EXPERIMENT_OPERATIONS
from hotcrm_ai.entrypoints.http.lead_routes import LEAD_OPERATIONS
from hotcrm_ai.entrypoints.http.metrics_routes import METRICS_OPERATIONS
from hotcrm_ai.entrypoints.http.model_change_routes import MODEL_CHANGE_OPERATIONS
from hotcrm_ai.entrypoints.http.model_routes import MODEL_OPERATIONS
from hotcrm_ai.entrypoints.http.monitoring_routes import MONITORING_OPERATIONS
from hotcrm_ai.entrypoints.http.operation import Operation
from hotcrm_ai.entrypoints.http.prediction_routes import PREDICTION_OPERATIONS
from hotcrm_ai.entrypoints.http.record_routes import RECORD_OPERATIONS
from hotcrm_ai.entrypoints.http.state_routes import STATE_OPERATIONS

OPERATIONS: Final[tuple[Operation, ...]] = (
    *PREDICTION_OPERATIONS,
    *LEAD_OPERATIONS,
    *RECORD_OPERATIONS,
    *MODEL_OPERATIONS,
    *MODEL_CHANGE_OPERATIONS,
    *EXPERIMENT_OPERATIONS,
    *MONITORING_OPERATIONS,
    *ALERT_OPERATIONS,
    *STATE_OPERATIONS,
    *METRICS_OPERATIONS,
)
