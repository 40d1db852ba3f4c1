"""The demonstration: from an empty folder to scored, explained leads of a sample CRM, with everything really done."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from hotcrm_ai.actions.demo_report import (
    DemoReport,
    DemoStage,
    LeadExplanation,
    QualitySummary,
    SampleSummary,
    ScoredLead,
    ScoringSummary,
)
from hotcrm_ai.actions.demo_test import challenger_of_demo
from hotcrm_ai.actions.demo_today import ask_about_accounts, ask_about_messages, ask_about_series, ask_for_forecast
from hotcrm_ai.actions.leads import OBJECT_TYPE, batch_score_leads
from hotcrm_ai.actions.record_features import record_features, signatures_of
from hotcrm_ai.assembly import AI
from hotcrm_ai.assembly.outcomes import import_outcomes
from hotcrm_ai.assembly.sample import SampleFacts, ensure_sample_crm, newest_closed_leads
from hotcrm_ai.domain.errors import MissingExtra
from hotcrm_ai.domain.explanation import Explanation
from hotcrm_ai.domain.outcome import KnownOutcome
from hotcrm_ai.domain.prediction import Context
from hotcrm_ai.domain.training import TrainingReport
from hotcrm_ai.domain.wording import Wording
from hotcrm_ai.explainers import draw_waterfall
from hotcrm_ai.ports.clock import Clock, SystemClock

CHAMPION: Final = "lead-scoring-v1"
_FIRST_CHALLENGER: Final = "lead-scoring-v2"
"""Asked for at training; where it is taken by a model that stays, the registry gives the new one another id."""
TRAFFIC_PERCENTAGE: Final = 50.0
CLOSED_LEADS: Final = "SELECT * FROM leads WHERE converted IS NOT NULL ORDER BY id"
OPEN_LEADS: Final = {"filters": [["converted", "is null", None]]}
CALL_FIRST: Final = 10
ASKED_AGAIN: Final = 200
OUTCOMES: Final = 600
SEED: Final = 7


class DemoWatcher(Protocol):
    """Told how the demonstration goes on."""

    def begin(self, title: str) -> None:
        """A step begins."""
        ...

    def advance(self, stage: str, share: float) -> None:
        """The share (0-1) of the step that is done, and what is under way."""
        ...

    def end(self, stage: DemoStage) -> None:
        """The step is done; its title now says what came out."""
        ...


@dataclass(slots=True)
class _Steps:
    watcher: DemoWatcher
    clock: Clock
    done: list[DemoStage] = field(default_factory=list)

    def count(self, done: int, total: int) -> None:
        """Tell the watcher that so many records of so many are done."""
        self.watcher.advance(f"{done:,} of {total:,}", done / total if total else 1.0)

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """Time one step; what the block appends is the title afterwards."""
        self.watcher.begin(title)
        began = self.clock.monotonic()
        outcome = [title]
        yield outcome
        stage = DemoStage(title=outcome[-1], seconds=round(self.clock.monotonic() - began, 3))
        self.done.append(stage)
        self.watcher.end(stage)


async def run_demo(
    ai: AI, watcher: DemoWatcher, *, fresh: bool = False, leads: int = 6000, clock: Clock | None = None
) -> DemoReport:
    """Run the whole demonstration in a workspace and return what it found.

    ``fresh`` makes the sample CRM anew. Outcomes of open leads are simulated: the sample knows how each of them is going to end.

    Raises:
        ConfigError: the workspace holds or names a CRM that is no sample; it is not touched.
        HotCRMAIError: a step failed; what was written until then is whole.
    """
    steps = _Steps(watcher, clock or SystemClock())
    began = steps.clock.monotonic()
    sample = await _make_crm(ai, steps, fresh=fresh, leads=leads)
    training = await _train(ai, steps)
    results = await _score(ai, steps, training.model_id)
    outcomes = await _play_outcomes(ai, steps, results, sample)
    call_first = await _call_first(ai, results)
    explained, titles = await _explain(ai, steps, training.model_id, call_first[0].id)
    again = await _ask_again(ai, steps, training.model_id, results)
    await _ask_the_others(ai, steps, sample)
    return DemoReport(
        home=str(ai.settings.home),
        crm=SampleSummary(place=str(ai.settings.home / "crm.db"), created=sample.created, rows=sample.rows),
        training=training,
        quality=await _beside_the_best(ai, training, sample),
        scoring=_summary(results, outcomes=outcomes, again=again),
        experiment=await ai.experiments.report(training.model_id),
        call_first=call_first,
        explained=explained,
        performance=await ai.monitor.get_all_stats(),
        health={model: await ai.monitor.get_health_status(model) for model in (CHAMPION, training.model_id)},
        cache=await ai.cache.get_stats(),
        stages=tuple(steps.done),
        titles=titles,
        seconds=round(steps.clock.monotonic() - began, 3),
    )


async def _make_crm(ai: AI, steps: _Steps, *, fresh: bool, leads: int) -> SampleFacts:
    with steps.step("Making the sample CRM") as outcome:
        sample = await ensure_sample_crm(ai, fresh=fresh, leads=leads)
        verb = "made" if sample.created else "found"
        outcome.append(f"Sample CRM {verb}: {sample.rows['leads']:,} leads, {sample.rows['accounts']:,} accounts")
    return sample


async def _train(ai: AI, steps: _Steps) -> TrainingReport:
    """Train on the closed leads, with the columns that give the outcome away still in the table, and start the A/B test."""
    with steps.step("Training lead scoring on the closed leads") as outcome:
        report = await ai.train(
            "lead-scoring",
            (ai.settings.crm.reveal(), CLOSED_LEADS),
            target="converted",
            model_id=_FIRST_CHALLENGER,
            time_column="created_date",
            promote=True,
            seed=SEED,
            progress=steps.watcher.advance,
        )
        outcome.append(
            f"Trained {report.model_id} on {report.training_rows:,} closed leads, measured on {report.held_out_rows:,} newer ones"
        )
    with steps.step("Starting the A/B test") as outcome:
        tested = await challenger_of_demo(ai, report, champion_id=CHAMPION, traffic_percentage=TRAFFIC_PERCENTAGE)
        verb = "started" if tested.id == report.model_id else "goes on, for the model is the same as before"
        shares = f"{TRAFFIC_PERCENTAGE:g} % of the leads to {tested.id}, the others to {CHAMPION}"
        outcome.append(f"A/B test {verb}: {shares}")
    return msgspec.structs.replace(report, model_id=tested.id, version=tested.version, status="active")


async def _score(ai: AI, steps: _Steps, model_id: str) -> list[dict[str, Any]]:
    with steps.step("Scoring and explaining the open leads") as outcome:
        results = await batch_score_leads(ai, OPEN_LEADS, model_id=model_id, progress=steps.count)
        scored = sum("error" not in result for result in results)
        outcome.append(f"Scored and explained {scored:,} open leads, written back to the CRM")
    return results


async def _play_outcomes(ai: AI, steps: _Steps, results: list[dict[str, Any]], sample: SampleFacts) -> int:
    scored = [result for result in results if "error" not in result][:OUTCOMES]
    with steps.step("Playing how the open leads are going to end (simulated)") as outcome:
        known = [
            KnownOutcome(prediction_id=result["predictionId"], actual=bool(sample.outcomes[result["id"]]))
            for result in scored
        ]
        await import_outcomes(ai, known)
        outcome.append(f"Recorded {len(scored):,} simulated outcomes (the sample knows how its open leads end)")
    return len(scored)


async def _call_first(ai: AI, results: list[dict[str, Any]]) -> tuple[ScoredLead, ...]:
    """Read the leads with the highest scores back from the CRM."""
    by_id = {result["id"]: result for result in results if "error" not in result}
    fields = ("first_name", "last_name", "company", "ai_score", "ai_confidence")
    records = await ai.crm.find(OBJECT_TYPE, OPEN_LEADS["filters"], fields)
    best = sorted(
        (record for record in records if record["id"] in by_id), key=lambda record: (-record["ai_score"], record["id"])
    )
    return tuple(
        ScoredLead(
            id=record["id"],
            name=" ".join(filter(None, (record["first_name"], record["last_name"]))),
            company=record["company"],
            score=record["ai_score"],
            class_=by_id[record["id"]]["class"],
            confidence=record["ai_confidence"],
            variant=by_id[record["id"]]["variant"],
            top_features=tuple(by_id[record["id"]]["topFeatures"]),
        )
        for record in best[:CALL_FIRST]
    )


async def _explain(ai: AI, steps: _Steps, model_id: str, lead_id: str) -> tuple[LeadExplanation, dict[str, str]]:
    """Explain one lead's score in full; its features and the picture go into the workspace folder."""
    with steps.step("Drawing the explanation of the best lead") as outcome:
        record = await ai.crm.get(OBJECT_TYPE, lead_id)
        signatures = await signatures_of(ai, model_id)
        features = record_features(record, signatures, crm_fields=ai.features["lead-scoring"].crm_fields)
        context = Context(object_type=OBJECT_TYPE, object_id=lead_id)
        explanation = await ai.explain(model_id, features, context=context)
        answering = await ai.registry.get_model(explanation.model_id)
        if answering is not None and answering.signature is not None:
            own = {spec.name for spec in answering.signature.features}
            features = {name: value for name, value in features.items() if name in own}
        titles = {spec.name: spec.title for signature in signatures for spec in signature.features}
        folder = ai.settings.home / "demo"
        place, picture = await asyncio.to_thread(
            _write_files, folder, lead_id, features, explanation, titles, ai.features["lead-scoring"].wording
        )
        outcome.append(f"Explained lead {lead_id}" + (f", drawn in {picture}" if picture else ""))
    explained = LeadExplanation(
        lead_id=lead_id, explanation=explanation, features_file=str(place), picture=str(picture) if picture else None
    )
    return explained, titles


def _write_files(
    folder: Path,
    lead_id: str,
    features: dict[str, Any],
    explanation: Explanation,
    titles: dict[str, str],
    wording: Wording,
) -> tuple[Path, Path | None]:
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{lead_id}.json"
    place.write_bytes(msgspec.json.format(msgspec.json.encode(features), indent=2) + b"\n")
    picture = folder / f"{lead_id}.png"
    try:
        draw_waterfall(explanation, picture, titles=titles, wording=wording)
    except MissingExtra:
        return place, None
    return place, picture


async def _ask_again(ai: AI, steps: _Steps, model_id: str, results: list[dict[str, Any]]) -> int:
    """Score some leads a second time: their answers are in the cache now."""
    ids = [result["id"] for result in results if "error" not in result][:ASKED_AGAIN]
    with steps.step("Scoring some leads again") as outcome:
        again = await batch_score_leads(ai, ids, model_id=model_id, progress=steps.count)
        cached = sum(bool(result.get("cached")) for result in again)
        outcome.append(f"Scored {len(ids):,} leads again, {cached:,} answered from the cache")
    return len(ids)


async def _ask_the_others(ai: AI, steps: _Steps, sample: SampleFacts) -> None:
    """Ask the other features too and write their answers back, so that the CRM and the dashboard have all of them."""
    with steps.step("Asking about accounts, messages and revenue") as outcome:
        accounts = await ask_about_accounts(ai, steps.count)
        messages = await ask_about_messages(ai, steps.count)
        series = await ask_about_series(ai, steps.count)
        months = await ask_for_forecast(ai)
        outcome.append(
            f"Asked about the {accounts:,} of {sample.rows['accounts']:,} accounts of which it is not known yet whether they stay "
            f"(churn, next products), {messages:,} messages (mood) and {series:,} revenue series of "
            f"{months} months, written back too"
        )


async def _beside_the_best(ai: AI, training: TrainingReport, sample: SampleFacts) -> QualitySummary | None:
    """Compare with the true probabilities on the very same held-out leads; None where these cannot be told for certain."""
    held_out = await newest_closed_leads(ai, training.held_out_rows)
    if held_out is None:
        return None
    best = sample.best_possible(held_out)
    nothing_known = training.baselines.get("majority", {})
    reached: dict[str, float] = {}
    for name in ("roc_auc", "log_loss", "brier"):
        start = 0.5 if name == "roc_auc" else nothing_known.get(name)
        if start is not None and name in best and best[name] != start:
            reached[name] = (training.metrics[name] - start) / (best[name] - start)
    return QualitySummary(leads=len(held_out), best_possible=best, reached=reached)


def _summary(results: list[dict[str, Any]], *, outcomes: int, again: int) -> ScoringSummary:
    classes = Counter(result["class"] for result in results if "error" not in result)
    return ScoringSummary(
        open_leads=len(results),
        scored=classes.total(),
        failed=len(results) - classes.total(),
        classes=dict(classes),
        simulated_outcomes=outcomes,
        again=again,
    )
