"""Names of fields as people read them."""

from __future__ import annotations

import pytest

from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.domain.titles import fact_title, title_of


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("company_size", "Company Size"),
        ("TotalCharges", "Total Charges"),
        ("totalCharges", "Total Charges"),
        ("StreamingTV", "Streaming TV"),
        ("nps_score", "NPS Score"),
        ("NPSScore", "NPS Score"),
        ("mrr", "MRR"),
        ("arr_usd", "ARR USD"),
        ("account_id", "Account ID"),
        ("productIds", "Product IDs"),
        ("web_urls", "Web URLs"),
        ("isSLABreached", "Is SLA Breached"),
        ("status", "Status"),
        ("q1_revenue", "Q1 Revenue"),
        ("MONTHLY_CHARGES", "Monthly Charges"),
        ("TENURE", "Tenure"),
        ("größeDerFirma", "Größe Der Firma"),
        ("Total Time Spent on Website", "Total Time Spent on Website"),
        ("how did you hear of us?", "How did you hear of us?"),
        ("_id_", "ID"),
        ("___", "___"),
        ("网站", "网站"),
    ],
)
def test_a_field_is_called_as_people_write_it(name: str, title: str) -> None:
    """Words stand apart with a capital each, acronyms stay acronyms, and a name with spaces keeps its words."""
    assert title_of(name) == title


def test_a_label_goes_before_the_name() -> None:
    """What a model calls a feature is what people see."""
    assert FeatureSpec(name="nps_score", type="number", label="Recommends us").title == "Recommends us"
    assert FeatureSpec(name="nps_score", type="number").title == "NPS Score"


def test_a_part_of_a_text_keeps_its_letters() -> None:
    """A word that moved the mood is a fact that is called like its value, and is no name to be made readable."""
    assert fact_title("billing_url", {}, "billing_url") == '"billing_url"'
    assert fact_title("billing_url", {}, "https") == "Billing URL"
