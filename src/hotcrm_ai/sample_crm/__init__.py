"""The sample CRM: an invented company's records, with the mess of real ones and with known true probabilities."""

from hotcrm_ai.sample_crm.account_truth import account_churn_probability
from hotcrm_ai.sample_crm.best import best_possible
from hotcrm_ai.sample_crm.dates import TODAY
from hotcrm_ai.sample_crm.generate import SampleCRM, generate_sample_crm
from hotcrm_ai.sample_crm.lead_truth import lead_outcome_probability
from hotcrm_ai.sample_crm.schema import SAMPLE_CRM
from hotcrm_ai.sample_crm.write import write_sample_crm

__all__ = [
    "SAMPLE_CRM",
    "TODAY",
    "SampleCRM",
    "account_churn_probability",
    "best_possible",
    "generate_sample_crm",
    "lead_outcome_probability",
    "write_sample_crm",
]
