"""Stats of a model, health of all models, and what is said where nothing is known."""

from hotcrm_ai import AI

with AI.open_sync() as ai:
    for engagement in range(40):
        ai.predict("lead-scoring-v1", {"engagement_score": engagement % 30})

    stats = ai.predictions.get_performance_stats("lead-scoring-v1")
    print("predictions", stats.total_predictions, "failed", stats.failed_predictions)
    print("cache hit rate", stats.cache_hit_rate, "% error rate", stats.error_rate, "%")
    print("median and P95 are known:", stats.median_latency is not None, stats.p95_latency is not None)

    for model in ai.registry.list_models():
        health = ai.predictions.get_model_health(model.id)
        print(f"{model.id:28} {health.status:9} {health.samples:3} calls  {health.reason or ''}")
