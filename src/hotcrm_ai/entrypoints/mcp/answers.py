"""What each tool does: the workspace's own methods, asked as everybody else asks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from hotcrm_ai.actions import score_lead
from hotcrm_ai.actions.model_health import check_models
from hotcrm_ai.actions.record_insight import ask_about
from hotcrm_ai.actions.record_search import record_name
from hotcrm_ai.actions.worklist import LeadToCall, leads_to_call
from hotcrm_ai.domain.answers import Accepted, LeadScore, SystemHealth
from hotcrm_ai.domain.explanation import Comparison, Explanation
from hotcrm_ai.domain.model import ModelConfig
from hotcrm_ai.domain.prediction import PredictionResponse
from hotcrm_ai.entrypoints.mcp.questions import (
    CompareQuestion,
    ExplainQuestion,
    FoundLead,
    FoundLeads,
    LeadQuestion,
    LeadSearch,
    ModelsQuestion,
    NoQuestion,
    OutcomeQuestion,
    PredictQuestion,
    ShownFeature,
    ShownModel,
    ShownModels,
)

if TYPE_CHECKING:
    from hotcrm_ai.assembly import AI

_CATEGORIES_SHOWN: Final = 20


async def predict(ai: AI, asked: PredictQuestion) -> PredictionResponse:
    """Predict for one record."""
    answered: PredictionResponse = await ai.predict(asked.model_id, asked.features, context=asked.context)
    return answered.for_json()


async def explain(ai: AI, asked: ExplainQuestion) -> Explanation:
    """Say why a record gets its prediction."""
    return await ai.explain(asked.model_id, asked.features, context=asked.context)


async def compare(ai: AI, asked: CompareQuestion) -> Comparison:
    """Say why two records get different predictions."""
    return await ai.compare(asked.model_id, asked.features1, asked.features2)


async def explain_lead(ai: AI, asked: LeadQuestion) -> Explanation:
    """Say why a lead of the CRM gets the score that it would get now; nothing is written."""
    record = await ai.crm.get("Lead", asked.lead_id)
    return (await ask_about(ai, "Lead", record)).explanation


async def search_leads(ai: AI, asked: LeadSearch) -> FoundLeads:
    """Find open leads by the score that was written back to them."""
    bounds = [("ai_score", ">=", asked.min_score), ("ai_score", "<=", asked.max_score)]
    filters = [*asked.filters, *(bound for bound in bounds if bound[2] is not None)]
    found = await leads_to_call(ai, limit=asked.limit, filters=filters)
    return FoundLeads(leads=tuple(_shown_lead(lead) for lead in found))


async def model_health(ai: AI, _: NoQuestion) -> SystemHealth:
    """Say whether each active model can answer now, and how it did lately."""
    return await check_models(ai)


async def list_models(ai: AI, asked: ModelsQuestion) -> ShownModels:
    """List models with the facts that they take."""
    models = await ai.registry.list_models(asked.type, asked.status)
    return ShownModels(models=tuple(_shown_model(model) for model in sorted(models, key=lambda model: model.id)))


async def record_outcome(ai: AI, asked: OutcomeQuestion) -> Accepted:
    """Tell what really happened to a prediction."""
    return Accepted(joined=await ai.predictions.record_outcome(asked.prediction_id, asked.actual))


async def score_one_lead(ai: AI, asked: LeadQuestion) -> LeadScore:
    """Score a lead and write the score back to it."""
    written: dict[str, Any] = await score_lead(ai, asked.lead_id)
    return msgspec.convert(written, LeadScore)


def _shown_lead(lead: LeadToCall) -> FoundLead:
    company = lead.record.get("company")
    return FoundLead(
        id=str(lead.record["id"]),
        name=record_name(lead.record),
        company=None if company is None else str(company),
        score=lead.score,
        confidence=lead.confidence,
        reasons=tuple(f"{reason.words} ({reason.points:+.0f} points)" for reason in lead.reasons),
        scored_at=lead.scored_at,
    )


def _shown_model(model: ModelConfig) -> ShownModel:
    specs = () if model.signature is None else model.signature.features
    return ShownModel(
        id=model.id,
        name=model.name,
        version=model.version,
        type=model.type,
        status=model.status,
        feature=model.feature,
        description=model.description,
        metrics=model.metrics,
        metrics_kind=None if model.metrics_source is None else model.metrics_source.kind,
        features=tuple(
            ShownFeature(
                name=spec.name,
                type=spec.type,
                required=spec.required,
                categories=() if spec.personal else spec.categories[:_CATEGORIES_SHOWN],
            )
            for spec in specs
        ),
    )
