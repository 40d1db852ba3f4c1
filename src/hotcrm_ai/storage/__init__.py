"""Keeps models, predictions, bundles and CRM records: SQLAlchemy over SQLite or PostgreSQL, and plain files."""

from hotcrm_ai.storage.alert_store import SQLAlertStore
from hotcrm_ai.storage.backup import back_up
from hotcrm_ai.storage.bundle_files import FileBundleStore
from hotcrm_ai.storage.crm_objects import CRMObject
from hotcrm_ai.storage.crm_store import SQLCRMStore
from hotcrm_ai.storage.database import Database, open_database
from hotcrm_ai.storage.erasure_notes import SQLErasureNotes
from hotcrm_ai.storage.idempotency_store import SQLIdempotencyStore
from hotcrm_ai.storage.journal import Journal
from hotcrm_ai.storage.key_store import SQLKeyStore
from hotcrm_ai.storage.memory import MemoryModelStore, MemoryPredictionLog
from hotcrm_ai.storage.memory_access import MemoryKeyStore, MemorySignInStore
from hotcrm_ai.storage.model_store import SQLModelStore
from hotcrm_ai.storage.outcome_labels import BundleLabels
from hotcrm_ai.storage.performance_store import SQLPerformanceStore
from hotcrm_ai.storage.prediction_log import SQLPredictionLog
from hotcrm_ai.storage.schema import SchemaStatus, schema_status, upgrade
from hotcrm_ai.storage.sign_in_store import SQLSignInStore
from hotcrm_ai.storage.spend_ledger import SQLSpendLedger

__all__ = [
    "BundleLabels",
    "CRMObject",
    "Database",
    "FileBundleStore",
    "Journal",
    "MemoryKeyStore",
    "MemoryModelStore",
    "MemoryPredictionLog",
    "MemorySignInStore",
    "SQLAlertStore",
    "SQLCRMStore",
    "SQLErasureNotes",
    "SQLIdempotencyStore",
    "SQLKeyStore",
    "SQLModelStore",
    "SQLPerformanceStore",
    "SQLPredictionLog",
    "SQLSignInStore",
    "SQLSpendLedger",
    "SchemaStatus",
    "back_up",
    "open_database",
    "schema_status",
    "upgrade",
]
