"""The calls that answer for records of the CRM; the server reads them, and writes the answers back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hotcrm_ai.client.answering import results_reader
from hotcrm_ai.client.request import Request, given, post, record_reader, segment
from hotcrm_ai.domain.answers import LeadScore, RecordAnswer, RecordError

Records = Sequence[str] | Mapping[str, Any] | None
"""Ids of records, ``{"filters": [[field, operator, value], ...]}``, or None for all."""


def score_lead(lead_id: str, *, model_id: str | None = None) -> Request[LeadScore]:
    """Score one lead of the CRM and write the score back to it.

    Raises:
        RecordNotFound: the CRM has no such lead.
    """
    return _one("leads", "score", lead_id, LeadScore, model_id)


def batch_score_leads(leads: Records = None, *, model_id: str | None = None) -> Request[list[LeadScore | RecordError]]:
    """Score several leads and write the scores back; one result for each."""
    return _many("leads", "score", leads, LeadScore, model_id)


def score_opportunity(opportunity_id: str, *, model_id: str | None = None) -> Request[RecordAnswer]:
    """Score one open deal of the CRM and write the score back to it; see ``hotcrm_ai.actions.score_opportunity``.

    Raises:
        RecordNotFound: the CRM has no such record.
    """
    return _one("opportunities", "score", opportunity_id, RecordAnswer, model_id)


def batch_score_opportunities(
    opportunities: Records = None, *, model_id: str | None = None
) -> Request[list[RecordAnswer | RecordError]]:
    """Do for several records what ``score_opportunity`` does for one; one result for each."""
    return _many("opportunities", "score", opportunities, RecordAnswer, model_id)


def predict_churn(account_id: str, *, model_id: str | None = None) -> Request[RecordAnswer]:
    """Say how likely an account of the CRM leaves, and write that back to it; see ``hotcrm_ai.actions.predict_churn``.

    Raises:
        RecordNotFound: the CRM has no such record.
    """
    return _one("accounts", "churn", account_id, RecordAnswer, model_id)


def batch_predict_churn(
    accounts: Records = None, *, model_id: str | None = None
) -> Request[list[RecordAnswer | RecordError]]:
    """Do for several records what ``predict_churn`` does for one; one result for each."""
    return _many("accounts", "churn", accounts, RecordAnswer, model_id)


def analyze_sentiment(email_id: str, *, model_id: str | None = None) -> Request[RecordAnswer]:
    """Say how a message of the CRM sounds, and write that back to it; see ``hotcrm_ai.actions.analyze_sentiment``.

    Raises:
        RecordNotFound: the CRM has no such record.
    """
    return _one("emails", "sentiment", email_id, RecordAnswer, model_id)


def batch_analyze_sentiment(
    emails: Records = None, *, model_id: str | None = None
) -> Request[list[RecordAnswer | RecordError]]:
    """Do for several records what ``analyze_sentiment`` does for one; one result for each."""
    return _many("emails", "sentiment", emails, RecordAnswer, model_id)


def forecast_revenue(series_id: str, *, model_id: str | None = None) -> Request[RecordAnswer]:
    """Forecast a revenue series of the CRM, and write the forecast back to it; see ``hotcrm_ai.actions.forecast_revenue``.

    Raises:
        RecordNotFound: the CRM has no such record.
    """
    return _one("revenue-series", "forecast", series_id, RecordAnswer, model_id)


def batch_forecast_revenue(
    series: Records = None, *, model_id: str | None = None
) -> Request[list[RecordAnswer | RecordError]]:
    """Do for several records what ``forecast_revenue`` does for one; one result for each."""
    return _many("revenue-series", "forecast", series, RecordAnswer, model_id)


def recommend_products(account_id: str, *, model_id: str | None = None) -> Request[RecordAnswer]:
    """Say what to offer an account of the CRM, and write that back to it; see ``hotcrm_ai.actions.recommend_products``.

    Raises:
        RecordNotFound: the CRM has no such record.
    """
    return _one("accounts", "recommendations", account_id, RecordAnswer, model_id)


def batch_recommend_products(
    accounts: Records = None, *, model_id: str | None = None
) -> Request[list[RecordAnswer | RecordError]]:
    """Do for several records what ``recommend_products`` does for one; one result for each."""
    return _many("accounts", "recommendations", accounts, RecordAnswer, model_id)


def _one(records: str, what: str, id_: str, kind: Any, model_id: str | None) -> Request[Any]:
    path = f"/v1/{records}/{segment(id_)}/{what}"
    return post(path, record_reader(kind), **given(modelId=model_id))


def _many(records: str, what: str, wanted: Records, kind: Any, model_id: str | None) -> Request[list[Any]]:
    if wanted is None or isinstance(wanted, Mapping):
        body: dict[str, Any] = {"filters": [list(one) for one in (wanted or {}).get("filters", ())]}
    else:
        body = {"ids": list(wanted)}
    read = results_reader(kind, RecordError, marked_by="error")
    return post(f"/v1/{records}/{what}", read, body | given(modelId=model_id))
