"""A table of closed leads becomes a measured model: what was excluded, how good it is, and beside what."""

from hotcrm_ai import AI
from hotcrm_ai.sample_crm import generate_sample_crm

closed = [
    lead for lead in generate_sample_crm(leads=2000, accounts=100).tables["leads"] if lead["converted"] is not None
]

with AI.open_sync() as ai:
    report = ai.train("lead-scoring", closed, target="converted", model_id="own-leads-v1", seed=7)
    print(f"{report.rows} rows, {report.held_out_rows} of them held out; chosen: {report.chosen}")
    for exclusion in report.excluded:
        print(f"  without {exclusion.column}: {exclusion.reason}")
    low, high = report.intervals["roc_auc"]
    print(f"ROC-AUC {report.metrics['roc_auc']:.3f} ({low:.3f} to {high:.3f})")
    for name, baseline in report.baselines.items():
        print(f"  {name}: {baseline['roc_auc']:.3f}")
    print("registered as", ai.registry.get_model("own-leads-v1").status)
