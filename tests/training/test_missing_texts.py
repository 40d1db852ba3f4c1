"""What training learns of a file's habits is written into the signature, and what we wrote ourselves is not learned from."""

from __future__ import annotations

from hotcrm_ai.domain.signature import parse_text
from hotcrm_ai.training.infer_types import infer_types
from hotcrm_ai.training.prepare import prepare_rows
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


def test_the_signature_knows_how_numbers_are_written() -> None:
    """A file with decimal commas is read alike in training and in predictions."""
    rows = [{"spend": text} for text in ("2.100,61", "211,42", "1.500", "17,5")]
    spec = infer_types(read_table(rows)).columns["spend"].spec()
    assert spec.decimal_sign == ","
    assert [parse_text(spec, row["spend"]) for row in rows] == [2100.61, 211.42, 1500.0, 17.5]


def test_columns_that_scoring_wrote_back_are_kept_out() -> None:
    """A model that read its predecessor's scores would look better than it is."""
    rows = [
        {"visits": number % 7, "ai_score": number % 90, "ai_explanation": f"because {number}", "won": number % 3 == 0}
        for number in range(200)
    ]
    prepared = prepare_rows(read_table(rows), target="won")
    assert {one.column: one.kind for one in prepared.excluded} == {
        "ai_score": "written back",
        "ai_explanation": "written back",
    }
