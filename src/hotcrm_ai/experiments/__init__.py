"""A/B tests: which variant answers a subject, and what each variant was seen to do."""

from hotcrm_ai.experiments.assignment import assign_arm
from hotcrm_ai.experiments.experiment_service import ExperimentService

__all__ = ["ExperimentService", "assign_arm"]
