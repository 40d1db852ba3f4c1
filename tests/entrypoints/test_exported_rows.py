"""An exported model tells what it cannot read instead of breaking off."""

from __future__ import annotations

import csv

import pytest

from hotcrm_ai import AI, InvalidRequest, Settings
from hotcrm_ai.assembly.exporting import export_for
from hotcrm_ai.entrypoints.exported.predictor import ExportedModel


async def test_a_cell_that_no_csv_holds_is_a_wrong_request(tmp_path):
    """A container answers it with 400; before, its connection was closed without an answer."""
    async with AI.open(Settings(home=tmp_path / "home")) as ai:
        await export_for(ai, "lead-scoring-v1", "sagemaker", tmp_path / "out")
    model = ExportedModel.open(tmp_path / "out" / "bundle")
    with pytest.raises(InvalidRequest, match="cannot be read: field larger than field limit"):
        model.rows_of(b"5,x,1,CTO," + b"9" * (csv.field_size_limit() + 1), "text/csv")
