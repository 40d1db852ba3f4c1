"""The leak guard on records that nobody here wrote: the columns known to leak go, the honest ones stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.sample_crm import generate_sample_crm
from hotcrm_ai.training.prepare import Prepared, prepare_rows
from hotcrm_ai.training.reading import read_table

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def prepare(path: str, **options: Any) -> Prepared:
    """Prepare one of the reference tables, or skip where they are not beside the project."""
    if not (DATA / path).exists():
        pytest.skip(f"needs the reference data {path!r} in shared/data beside the project")
    return prepare_rows(read_table(DATA / path), **options)


@pytest.mark.reference_data
def test_the_leaking_columns_of_the_education_leads_are_named_and_no_others() -> None:
    """All nine columns filled after contact and both identifiers are excluded by evidence; every honest column is used."""
    rows = prepare("leads/x_education_leads.csv.gz", target="Converted")
    kinds = {one.column: one.kind for one in rows.excluded if one.kind != "empty"}
    assert kinds == {
        "Prospect ID": "identifier",
        "Lead Number": "identifier",
        "Last Activity": "last touch",
        "Tags": "gives the outcome away",
        "Lead Quality": "grading",
        "Lead Profile": "grading",
        "Asymmetrique Activity Index": "another scoring",
        "Asymmetrique Profile Index": "another scoring",
        "Asymmetrique Activity Score": "another scoring",
        "Asymmetrique Profile Score": "another scoring",
        "Last Notable Activity": "last touch",
    }
    assert len(rows.training.columns) == 20
    assert {"Total Time Spent on Website", "Lead Origin", "Lead Source", "What is your current occupation"} <= set(
        rows.training.columns
    )


@pytest.mark.reference_data
def test_nothing_but_the_identifier_is_taken_from_the_telephone_customers() -> None:
    """Contract, tenure and charges are strong and honest: they stay."""
    rows = prepare("churn/telco_customer_churn.csv", target="Churn")
    assert [(one.column, one.kind) for one in rows.excluded] == [("customerID", "identifier")]
    assert len(rows.training.columns) == 19


@pytest.mark.reference_data
def test_value_and_date_of_closing_are_taken_from_the_opportunities() -> None:
    """What is known when a deal is opened stays; its time parts the rows."""
    rows = prepare("leads/maven_crm_sales/sales_pipeline.csv", target="deal_stage", positive="Won", negative="Lost")
    assert {one.column: one.kind for one in rows.excluded} == {
        "opportunity_id": "identifier",
        "close_date": "filled after the outcome",
        "close_value": "target copy",
        "engage_date": "time",
    }
    assert list(rows.training.columns) == ["account", "product", "sales_agent"]
    assert rows.split.startswith("by time: the newest 25 % of the rows by 'engage_date'")


@pytest.mark.parametrize("with_open_records", [True, False])
def test_the_leaking_columns_of_the_sample_crm_are_named(with_open_records: bool) -> None:
    """Also without open records to compare with, everything written at closing is found, and what is known before stays."""
    leads = generate_sample_crm(leads=3000, accounts=400).tables["leads"]
    table = read_table([lead for lead in leads if with_open_records or lead["converted"] is not None])
    rows = prepare_rows(table, target="converted")
    out = {one.column for one in rows.excluded}
    assert {
        "status",
        "closed_date",
        "contract_value",
        "close_reason",
        "sales_stage_final",
        "last_activity_type",
        "next_step",
    } <= out
    assert {"industry", "company_size", "job_title", "engagement_score", "estimated_budget", "lead_source"} <= set(
        rows.training.columns
    )
    assert {"id", "email", "phone", "first_name", "last_name"} <= out
