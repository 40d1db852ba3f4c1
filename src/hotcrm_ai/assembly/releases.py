"""Lets a model answer, ends A/B tests, and takes a model back: each change has its reason, which stays in the model's history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hotcrm_ai.assembly.ai import AI
from hotcrm_ai.assembly.promotion import held_out_doubt
from hotcrm_ai.domain.errors import ConfigError, InvalidRequest, ModelNotFound, PromotionRefused
from hotcrm_ai.domain.experiment import ExperimentReport
from hotcrm_ai.domain.model import ABTest, ModelConfig

MOST_REASON_CHARACTERS: Final = 1_000


def checked_reason(reason: str) -> str:
    """Return a reason as it is kept, without space around it.

    Raises:
        InvalidRequest: it is empty, too long, or no text.
    """
    kept = reason.strip()
    if not kept or len(kept) > MOST_REASON_CHARACTERS or "\x00" in kept:
        raise InvalidRequest(f"The reason must be text of 1 to {MOST_REASON_CHARACTERS:,} characters; say why.")
    return kept


async def update_model(
    ai: AI,
    model_id: str,
    changes: Mapping[str, Any],
    *,
    reason: str | None = None,
    anyway: bool = False,
    if_revision: int | None = None,
) -> ModelConfig:
    """Change fields of a model; where that makes it active, its held-out figures must speak for it as for any promotion.

    Raises:
        ModelNotFound: there is no such model.
        PromotionRefused: on held-out rows it is no better than its baseline.
        ConfigError, IllegalTransition, ModelInUse, StaleRevision: the registry refuses the change.
    """
    note = None if reason is None else checked_reason(reason)
    model = await _model(ai, model_id)
    expected = if_revision
    if changes.get("status") == "active" and model.status != "active":
        judged = msgspec.structs.replace(model, bundle_digest=changes.get("bundle_digest", model.bundle_digest))
        note = _judged(model_id, note or "", await _doubts(ai, judged), anyway=anyway).strip() or None
        expected = _expected(model, if_revision)
    return await ai.registry.update(model_id, note=note, if_revision=expected, **changes)


async def promote_model(
    ai: AI, model_id: str, *, reason: str, anyway: bool = False, if_revision: int | None = None
) -> ModelConfig:
    """Let a model answer, as the champion of its AI feature, unless its held-out figures speak against it; with ``anyway`` even then.

    See ``ModelRegistry.promote``.

    Raises:
        ModelNotFound: there is no such model.
        PromotionRefused: on held-out rows it is no better than its baseline.
        IllegalTransition, StaleRevision: the registry refuses the change.
    """
    note = checked_reason(reason)
    model = await _model(ai, model_id)
    doubts = await _doubts(ai, model)
    return await ai.registry.promote(
        model_id,
        note=_judged(model_id, note, doubts, anyway=anyway),
        if_revision=_expected(model, if_revision),
    )


async def promote_experiment(
    ai: AI, experiment_id: str, *, reason: str, anyway: bool = False, if_revision: int | None = None
) -> ExperimentReport:
    """End an A/B test in favour of the challenger: it becomes the champion of its AI feature, and the test stops.

    Refused unless the outcomes say clearly that the challenger is better, the split is as configured, and the held-out figures speak for
    it; with ``anyway`` it is promoted in spite of that, and the history says in spite of what. The other arm stays as it is.

    Raises:
        ModelNotFound, ConfigError: there is no such test.
        PromotionRefused: the figures do not speak for the challenger.
        StaleRevision: the challenger was changed meanwhile.
    """
    note = checked_reason(reason)
    report = await ai.experiments.report(experiment_id)
    model = await _model(ai, experiment_id)
    doubts = [] if report.verdict.kind == "challenger_better" else [report.verdict.explanation]
    if report.mismatch:
        doubts.append("The split is not the configured one, so the arms cannot be compared.")
    doubts += await _doubts(ai, model)
    note = _judged(experiment_id, note, doubts, anyway=anyway)
    await ai.registry.promote(model.id, ends_test=True, note=note, if_revision=_expected(model, if_revision))
    return await ai.experiments.report(experiment_id)


async def stop_experiment(
    ai: AI, experiment_id: str, *, reason: str, if_revision: int | None = None
) -> ExperimentReport:
    """End an A/B test in favour of the champion.

    A split goes to 0 %, so that the champion answers everybody, also those who ask for the challenger; a test in shadow is switched off.

    Raises:
        ModelNotFound, ConfigError: there is no such test.
        StaleRevision: the challenger was changed meanwhile.
    """
    note = checked_reason(reason)
    await ai.experiments.report(experiment_id)
    model = await _model(ai, experiment_id)
    test = _test_of(model)
    if test.mode == "shadow":
        stopped = msgspec.structs.replace(test, enabled=False)
    else:
        stopped = msgspec.structs.replace(test, traffic_percentage=0.0)
    await ai.registry.update(model.id, note=note, if_revision=_expected(model, if_revision), ab_test=stopped)
    return await ai.experiments.report(experiment_id)


async def roll_back(
    ai: AI, model_id: str, *, reason: str, to: int | None = None, if_revision: int | None = None
) -> ModelConfig:
    """Make an earlier revision of a model the present one; see ``ModelRegistry.roll_back``."""
    return await ai.registry.roll_back(model_id, to=to, note=checked_reason(reason), if_revision=if_revision)


def _test_of(model: ModelConfig) -> ABTest:
    if model.ab_test is None:
        raise ConfigError(f"Model {model.id!r} is the challenger of no A/B test any more.", model_id=model.id)
    return model.ab_test


def _expected(model: ModelConfig, if_revision: int | None) -> int:
    """Return the revision that was judged, unless the caller names the one that it means."""
    return model.revision if if_revision is None else if_revision


async def _doubts(ai: AI, model: ModelConfig) -> list[str]:
    doubt = await held_out_doubt(ai._parts, model)
    return [] if doubt is None else [f"{doubt[0].upper()}{doubt[1:]}."]


def _judged(model_id: str, note: str, doubts: list[str], *, anyway: bool) -> str:
    """Return the note to keep; raises ``PromotionRefused`` where there are doubts and nobody said to go on."""
    if not doubts:
        return note
    if not anyway:
        raise PromotionRefused(
            f"Model {model_id!r} was not promoted. {' '.join(doubts)} To promote it in spite of this, ask for it with `anyway=True`.",
            model_id=model_id,
            problems=doubts,
        )
    return f"{note} (in spite of: {' '.join(doubts)})"


async def _model(ai: AI, model_id: str) -> ModelConfig:
    model = await ai.registry.get_model(model_id)
    if model is None:
        raise ModelNotFound(
            f"There is no model {model_id[:80]!r}; `ai.registry.list_models()` shows those there are.",
            model_id=model_id,
        )
    return model
