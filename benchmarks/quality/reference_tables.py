"""Reads the public reference tables by their own rules: columns, missing words, fixed split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from hotcrm_ai.domain.signature import FeatureSpec

LEAKING = (
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Asymmetrique Activity Index",
    "Asymmetrique Profile Index",
    "Asymmetrique Activity Score",
    "Asymmetrique Profile Score",
    "Last Activity",
    "Last Notable Activity",
)
BEHAVIOUR = ("TotalVisits", "Total Time Spent on Website", "Page Views Per Visit")


@dataclass(frozen=True)
class ReferenceTable:
    """One table with its outcome, typed columns, and the rows of the fixed split."""

    name: str
    frame: pd.DataFrame
    target: np.ndarray
    features: tuple[FeatureSpec, ...]
    train: np.ndarray
    test: np.ndarray

    def columns(self, rows: np.ndarray) -> dict[str, object]:
        """Return the typed columns of some rows, as training takes them."""
        picked = self.frame.iloc[rows]
        return {spec.name: _typed(picked[spec.name], spec.type) for spec in self.features}


def load_tables(folder: Path) -> list[ReferenceTable]:
    """Return the four tables of the reference measurements."""
    leads = pd.read_csv(folder / "leads" / "x_education_leads.csv.gz").replace("Select", np.nan)
    converted = leads.pop("Converted").to_numpy()
    leads = leads.drop(columns=["Prospect ID", "Lead Number", *LEAKING])
    churn = pd.read_csv(folder / "churn" / "telco_customer_churn.csv").drop(columns="customerID")
    churn["TotalCharges"] = pd.to_numeric(churn["TotalCharges"], errors="coerce")
    left = (churn.pop("Churn") == "Yes").to_numpy()
    deals, won = _maven(folder / "leads" / "maven_crm_sales")
    return [
        _table("x_education/no_leakage", leads, converted),
        _table("x_education/at_creation", leads.drop(columns=list(BEHAVIOUR)), converted),
        _table("telco_churn", churn, left),
        _table("maven_crm/at_creation", deals, won),
    ]


def _maven(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    deals = pd.read_csv(folder / "sales_pipeline.csv")
    deals["product"] = deals["product"].replace("GTXPro", "GTX Pro")
    for other, key in (("accounts", "account"), ("products", "product"), ("sales_teams", "sales_agent")):
        deals = deals.merge(pd.read_csv(folder / f"{other}.csv"), on=key, how="left")
    deals = deals[deals["deal_stage"].isin(["Won", "Lost"])].reset_index(drop=True)
    deals["engage_date"] = pd.to_datetime(deals["engage_date"])
    won = (deals.pop("deal_stage") == "Won").to_numpy()
    return deals.drop(columns=["opportunity_id", "close_value", "close_date"]), won


def _table(name: str, frame: pd.DataFrame, target: np.ndarray) -> ReferenceTable:
    features = tuple(FeatureSpec(name=column, type=_type_of(frame[column])) for column in frame.columns)
    rows, outcome = np.arange(len(frame)), target.astype(int)
    train, test = train_test_split(rows, test_size=0.25, random_state=0, stratify=outcome)
    return ReferenceTable(name, frame, outcome, features, train, test)


def _type_of(column: pd.Series) -> str:
    if column.dtype.kind == "M":
        return "date"
    return "number" if column.dtype.kind in "if" else "category"


def _typed(column: pd.Series, kind: str) -> object:
    if kind == "number":
        return column.to_numpy(dtype=np.float64)
    if kind == "date":
        return [None if pd.isna(value) else value.to_pydatetime() for value in column]
    return [None if pd.isna(value) else str(value) for value in column]
