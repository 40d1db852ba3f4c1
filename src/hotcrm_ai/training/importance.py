"""Measures how much each feature moves the probability: by shuffling it among held-out rows."""

from __future__ import annotations

from typing import Final

import numpy as np

from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.training.typed_table import TypedTable

_ROWS: Final = 2_000


def shuffle_importance(model: TabularModel, table: TypedTable, *, seed: int) -> dict[str, float]:
    """Return for each feature, largest first, the mean change of the probability when its values are dealt to other rows."""
    drawn = np.random.default_rng(seed)
    matrix = model.encode_columns(table.cells(), n_rows=table.row_count)
    if len(matrix) > _ROWS:
        matrix = matrix[np.sort(drawn.permutation(len(matrix))[:_ROWS])]
    usual = model.probabilities(matrix)
    found: dict[str, float] = {}
    for position, name in enumerate(model.features):
        mine = np.flatnonzero(model.column_group == position)
        shuffled = matrix.copy()
        shuffled[:, mine] = matrix[drawn.permutation(len(matrix))][:, mine]
        found[name] = float(np.abs(model.probabilities(shuffled) - usual).mean())
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
