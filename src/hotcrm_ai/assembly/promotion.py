"""Decides whether a newly trained model may answer at once: only when asked for, and only where its figures say so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.domain.model import ModelConfig, ModelStatus
from hotcrm_ai.local_models.loader import LocalModelLoader
from hotcrm_ai.training.headline import headline_of

if TYPE_CHECKING:
    from hotcrm_ai.assembly.opening import Parts
    from hotcrm_ai.local_models.manifest import Manifest
    from hotcrm_ai.training.judged import Judged
    from hotcrm_ai.training.recipe import Trained

_NO_BETTER_THAN_CHANCE: Final = 0.5
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Decision:
    """The status to register with, what to tell, and the comparison with the champion where there was one."""

    status: ModelStatus
    warnings: tuple[str, ...] = ()
    champion: dict[str, Any] = field(default_factory=dict)


async def decide_promotion(parts: Parts, trained: Trained, *, model_id: str, promote: bool, seed: int) -> Decision:
    """Return ``active`` for a model that beats the base rate and, by more than chance, the running champion.

    It is compared with the active model of the same id, else with the champion of its AI feature, else with the active model of it that
    was trained last; not with models that came with the package, for they never saw the user's records.
    """
    if not promote:
        return Decision("testing")
    doubt = _doubt(trained.manifest)
    if doubt is not None:
        by_hand = "to let it answer in spite of that: `ai.registry.promote(ID, note=WHY)`"
        return Decision("testing", (f"not promoted: {doubt}; {by_hand}",))
    champion = await _champion(parts, trained.manifest.feature, model_id)
    if champion is None or trained.judged is None:
        return Decision("active")
    return await asyncio.to_thread(_duel, parts, trained, trained.judged, champion, seed=seed)


async def held_out_doubt(parts: Parts, model: ModelConfig) -> str | None:
    """Return why the held-out figures of a registered model do not speak for it; None where they do, or it was not trained here.

    Raises:
        ArtifactIntegrity: its files are missing or altered.
    """
    if model.bundle_digest is None:
        return None
    loader = LocalModelLoader(parts.kept.bundles)
    manifest = (await asyncio.to_thread(loader.load, model.bundle_digest, model_id=model.id)).manifest
    return _doubt(manifest)


def _doubt(manifest: Manifest) -> str | None:
    """Return why a model's held-out figures do not speak for it: it is no better than its baseline, or may be no better than chance."""
    headline = headline_of(manifest.feature)
    metric, rival = headline.metric.replace("_", " "), headline.rival.replace("_", " ")
    own, prior = manifest.metrics.get(headline.metric), manifest.baselines.get(headline.rival, {}).get(headline.metric)
    if own is None or prior is None:
        return f"its {metric} could not be measured on held-out rows"
    if own >= prior:
        return f"its held-out {metric} {own:.4f} is no better than that of the {rival} baseline, {prior:.4f}"
    low, high = manifest.intervals.get("roc_auc", (1.0, 1.0))
    if low <= _NO_BETTER_THAN_CHANCE:
        return f"nearly no signal: its held-out ROC-AUC may be no better than chance ({low:.3f} to {high:.3f})"
    return None


def _duel(parts: Parts, trained: Trained, judged: Judged, champion: ModelConfig, *, seed: int) -> Decision:
    """Compare with the champion; one whose bundle is of another kind cannot be compared, and the new model is promoted.

    A champion that would answer blindly, for the rows have none of its features, or whose files are damaged, is no measure: then people
    decide.
    """
    from hotcrm_ai.training.promotion_gate import compare_with_champion
    from hotcrm_ai.training.unlearned_rows import unlearned_rows

    try:
        loaded = LocalModelLoader(parts.kept.bundles).load(champion.bundle_digest, model_id=champion.id)
    except ArtifactIntegrity as problem:
        return _undecided(f"the files of the champion {champion.id!r} are damaged ({problem.message})")
    unlearned = unlearned_rows(judged, trained.manifest, loaded.manifest)
    duel = compare_with_champion(judged, loaded.model, champion_id=champion.id, seed=seed, unlearned=unlearned)
    if duel is None:
        return Decision("active")
    if {*duel.missing} == {spec.name for spec in loaded.manifest.signature.features}:
        return _undecided(f"the rows have no field of the champion {champion.id!r}, so the two cannot be compared")
    figures = {**msgspec.to_builtins(duel), "promoted": duel.better}
    if duel.better:
        return Decision("active", () if duel.clean else (f"promoted: {duel.words}",), figures)
    return Decision("testing", (f"not promoted: {duel.words}",), figures)


def _undecided(why: str) -> Decision:
    return Decision("testing", (f"not promoted: {why}; promote it by hand with `ai.registry.promote(ID)`",))


async def _champion(parts: Parts, feature: str, model_id: str) -> ModelConfig | None:
    active = [
        model
        for model in await parts.registry.list_models(status="active")
        if model.feature == feature
        and model.bundle_digest is not None
        and not (model.metrics_source is not None and model.metrics_source.trained_on == "sample")
    ]
    same = next((model for model in active if model.id == model_id), None)
    champion = await parts.registry.champion(feature)
    promoted = next((model for model in active if model.id == champion), None)
    last_trained = max(active, key=lambda model: (model.last_trained or _LONG_AGO, model.id), default=None)
    return same or promoted or last_trained
