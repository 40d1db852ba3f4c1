"""The cache: its settings, its stats, and how it is cleared."""

from hotcrm_ai import AI, InvalidFeatures, Settings

with AI.open_sync(Settings(cache_default_ttl=300, cache_max_entries=1000)) as ai:
    for engagement in (10, 50, 50, 50.0, "50"):
        try:
            ai.predict("lead-scoring-v1", {"engagement_score": engagement})
        except InvalidFeatures as problem:
            print(repr(engagement), "->", problem)
    stats = ai.predictions.get_cache_stats()
    print("entries", stats.size, "hits", stats.hits, "misses", stats.misses, "backend", stats.backend)
    ai.predictions.clear_cache("lead-scoring-v1")
    print("after clearing:", ai.cache.get_stats().size, "entries")
