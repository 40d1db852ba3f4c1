"""What training reads as missing is written into the signature."""

from __future__ import annotations

from hotcrm_ai.training.infer_types import infer_types
from hotcrm_ai.training.reading import read_table


def test_the_signature_knows_the_texts_that_were_read_as_missing() -> None:
    """A form's prompt, a word for nothing, and the caller's own text; an empty cell needs no entry."""
    rows = [
        {"city": city, "visits": visits}
        for city, visits in [("Select", "1"), ("Rome", "N/A"), ("?", ""), ("Oslo", "4")] * 5
    ]
    columns = infer_types(read_table(rows), missing_values=["?"]).columns
    assert columns["city"].spec().missing_texts == ("?", "select")
    assert columns["visits"].spec().missing_texts == ("n/a",)
