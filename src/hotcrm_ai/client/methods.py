"""The methods of both clients, each declared once; their names are those of the AI object."""

from __future__ import annotations

from hotcrm_ai.client import answering, records, registry, watching
from hotcrm_ai.client.calls import Call, Group, Listing, SenderT


class ServerCalls(Group[SenderT]):
    """Predictions, reasons, outcomes, answers written back to the CRM, and how the server does."""

    predict = Call(answering.predict)
    batch_predict = Call(answering.batch_predict)
    explain = Call(answering.explain)
    compare = Call(answering.compare)
    what_if = Call(answering.what_if)
    record_outcome = Call(answering.record_outcome)
    score_lead = Call(records.score_lead)
    batch_score_leads = Call(records.batch_score_leads)
    score_opportunity = Call(records.score_opportunity)
    batch_score_opportunities = Call(records.batch_score_opportunities)
    predict_churn = Call(records.predict_churn)
    batch_predict_churn = Call(records.batch_predict_churn)
    analyze_sentiment = Call(records.analyze_sentiment)
    batch_analyze_sentiment = Call(records.batch_analyze_sentiment)
    forecast_revenue = Call(records.forecast_revenue)
    batch_forecast_revenue = Call(records.batch_forecast_revenue)
    recommend_products = Call(records.recommend_products)
    batch_recommend_products = Call(records.batch_recommend_products)
    stats = Listing(watching.stats)
    health = Call(watching.health)
    usage = Listing(watching.usage)
    alerts = Listing(watching.alerts)
    is_alive = Call(watching.is_alive)
    is_ready = Call(watching.is_ready)
    metrics = Call(watching.metrics)


class ModelCalls(Group[SenderT]):
    """Models: what there is, how each does, and changes."""

    list = Listing(registry.list_models)
    get = Call(registry.get_model)
    register = Call(registry.register)
    update = Call(registry.update)
    update_status = Call(registry.update_status)
    unregister = Call(registry.unregister)
    promote = Call(registry.promote_model)
    roll_back = Call(registry.roll_back)
    history = Listing(registry.history)
    importance = Listing(registry.importance)
    drift = Call(registry.drift)
    stats = Call(registry.stats_of)
    health = Call(registry.health_of)
    usage = Listing(registry.usage_of)


class ExperimentCalls(Group[SenderT]):
    """A/B tests: how they do, and how they end."""

    list = Listing(registry.list_experiments)
    report = Call(registry.report)
    promote = Call(registry.promote)
    stop = Call(registry.stop)


class CacheCalls(Group[SenderT]):
    """The cache of answers."""

    stats = Call(watching.cache_stats)
    clear = Call(watching.clear_cache)
