"""Why a lead has its score, and why two leads have different ones."""

from hotcrm_ai import AI

WEAK = {"company_size": 500, "industry": "Technology", "engagement_score": 45, "job_title": "CTO", "budget": 25000}
STRONG = {**WEAK, "engagement_score": 85, "budget": 100000}

with AI.open_sync() as ai:
    why = ai.explain("lead-scoring-v1", STRONG)
    print(f"score {why.prediction['score']:.1f}, from a base of {why.base_value:.1f}")
    for part in why.top_features:
        print(f"  {part.feature:18} {part.value!s:12} {100 * part.contribution:+6.1f} points")
    total = why.base_value + 100 * sum(part.contribution for part in why.feature_contributions)
    print(f"the parts add up to {total:.1f}; left over: {abs(why.additivity_error) < 1e-6 and 'nothing'}")
    print(why.explanation)
    print()
    print(ai.compare("lead-scoring-v1", WEAK, STRONG).explanation)
