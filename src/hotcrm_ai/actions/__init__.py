"""Predictions written back to the records of the CRM."""

from hotcrm_ai.actions.leads import batch_score_leads, score_lead

__all__ = ["batch_score_leads", "score_lead"]
