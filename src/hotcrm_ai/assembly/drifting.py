"""Compares what a model is asked now with what it was judged on when it was trained."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from hotcrm_ai.domain.drift import DriftReport
from hotcrm_ai.domain.errors import InvalidRequest, ModelNotFound, NotExplainable
from hotcrm_ai.local_models.drift_reference import drift_reference
from hotcrm_ai.monitoring.drift import report_drift
from hotcrm_ai.storage.logged_rows import read_asked

if TYPE_CHECKING:
    from hotcrm_ai.assembly.opening import Parts

USUAL_WINDOW_SECONDS: Final = 7 * 86_400.0
LONGEST_WINDOW_SECONDS: Final = 366 * 86_400.0
MOST_PREDICTIONS: Final = 10_000


async def drift_of(
    parts: Parts, model_id: str, *, window_seconds: float = USUAL_WINDOW_SECONDS, most: int = MOST_PREDICTIONS
) -> DriftReport:
    """Return the drift of a model over a window that ends now, from its newest predictions in it, at most ``most``.

    Raises:
        ModelNotFound: there is no such model.
        NotExplainable: it was not trained here on a table, so it is not known what it was judged on.
        InvalidRequest: the window is none.
        ArtifactIntegrity, StorageError: its files or the log cannot be read.
    """
    if not 0.0 < window_seconds <= LONGEST_WINDOW_SECONDS:
        raise InvalidRequest(f"The window must be above 0 and at most {LONGEST_WINDOW_SECONDS:,.0f} seconds.")
    model = await parts.registry.get_model(model_id)
    if model is None:
        raise ModelNotFound(
            f"There is no model {model_id[:80]!r}; `ai.registry.list_models()` shows those there are.",
            model_id=model_id,
        )
    reference = None
    if model.bundle_digest is not None:
        loaded = await asyncio.to_thread(parts.loader.load, model.bundle_digest, model_id=model.id)
        reference = await asyncio.to_thread(drift_reference, loaded)
    if reference is None:
        raise NotExplainable(
            f"Model {model.id!r} keeps no distribution of its training records, so drift cannot be measured; "
            "models trained here on tables do.",
            model_id=model.id,
        )
    since = parts.clock.now() - timedelta(seconds=window_seconds)
    await parts.kept.log.flush()
    rows = await read_asked(parts.kept.database, parts.kept.workspace, model.id, since=since, most=most)
    features = model.signature.features if model.signature is not None else ()
    personal = frozenset(spec.name for spec in features if spec.personal)
    return await asyncio.to_thread(report_drift, model, reference, rows, since=since, personal=personal)
