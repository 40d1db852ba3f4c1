"""A champion and a challenger: the arm belongs to the lead, and the split is checked."""

from hotcrm_ai import AI
from hotcrm_ai.sample_crm import generate_sample_crm

FEATURES = {
    "company_size": "company_size",
    "industry": "industry",
    "engagement_score": "engagement_score",
    "budget": "estimated_budget",
}

closed = [
    lead for lead in generate_sample_crm(leads=1200, accounts=50).tables["leads"] if lead["converted"] is not None
]
table = [{name: lead[field] for name, field in FEATURES.items()} | {"converted": lead["converted"]} for lead in closed]

with AI.open_sync() as ai:
    ai.train("lead-scoring", table, target="converted", model_id="lead-scoring-v2", promote=True)
    ai.registry.update("lead-scoring-v2", ab_test={"champion_model_id": "lead-scoring-v1", "traffic_percentage": 20})

    for number, lead in enumerate(table[:300]):
        features = {name: value for name, value in lead.items() if name != "converted" and value is not None}
        context = {"object_type": "Lead", "object_id": f"L{number}"}
        response = ai.predict("lead-scoring-v2", features, context=context)
        ai.predictions.record_outcome(response.prediction_id, lead["converted"])

    report = ai.experiments.report("lead-scoring-v2")
    for arm in report.arms:
        print(f"{arm.variant:10} {arm.model_id}  {arm.subjects} leads, right in {arm.accuracy:.0f} % of {arm.outcomes}")
    print("does the split look wrong?", report.mismatch)
