"""Fitting the features of a request to a model's signature."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from hotcrm_ai.domain.errors import InvalidFeatures
from hotcrm_ai.domain.signature import FeatureSpec, Signature, check_features, parse_text

SIGNATURE = Signature(
    features=(
        FeatureSpec(name="company_size", type="number", minimum=1, maximum=1000),
        FeatureSpec(name="industry", type="category", categories=("Technology", "Finance")),
        FeatureSpec(name="newsletter", type="boolean"),
        FeatureSpec(name="created", type="date"),
        FeatureSpec(name="notes", type="text", required=True),
    )
)


def test_values_are_brought_into_the_types_of_the_signature() -> None:
    """Whole numbers become floats and dates ISO 8601 in UTC; everything else stays what it is."""
    fitted = SIGNATURE.fit(
        {"company_size": 500, "industry": "Finance", "newsletter": True, "created": date(2026, 3, 1), "notes": "call"}
    )
    assert fitted.values == {
        "company_size": 500.0,
        "industry": "Finance",
        "newsletter": True,
        "created": "2026-03-01T00:00:00+00:00",
        "notes": "call",
    }
    assert isinstance(fitted.values["company_size"], float)
    assert fitted.warnings == ()


@pytest.mark.parametrize("size", [1, 1.0])
def test_one_and_one_point_zero_are_the_same_value(size: float) -> None:
    """A number has one spelling after fitting."""
    assert repr(SIGNATURE.fit({"company_size": size, "notes": "x"}).values["company_size"]) == "1.0"


@pytest.mark.parametrize(
    ("feature", "value", "reason"),
    [
        ("company_size", "500", "expected a number, got '500' (text)"),
        ("company_size", True, "expected a number, got True (true/false)"),
        ("company_size", float("nan"), "is not a finite number"),
        ("industry", 7, "expected text, got 7 (number)"),
        ("newsletter", 1, "expected true or false, got 1 (number)"),
        (
            "created",
            "9999-12-31T23:00:00-02:00",
            "expected a date that exists in UTC, got '9999-12-31T23:00:00-02:00' (text)",
        ),
        ("created", "yesterday", "expected a date in ISO 8601, for example 2026-03-31, got 'yesterday' (text)"),
    ],
)
def test_a_value_of_another_type_is_refused_with_the_reason(feature: str, value: object, reason: str) -> None:
    """Nothing is coerced between types."""
    with pytest.raises(InvalidFeatures) as caught:
        SIGNATURE.fit({feature: value, "notes": "x"})
    assert caught.value.problems == {feature: reason}


def test_all_problems_are_listed_at_once() -> None:
    """A missing required feature and a wrong type are reported together."""
    with pytest.raises(InvalidFeatures) as caught:
        SIGNATURE.fit({"company_size": "many"}, model_id="m")
    assert set(caught.value.problems) == {"company_size", "notes"}
    assert "for model 'm'" in str(caught.value)


def test_missing_unseen_and_out_of_range_values_are_warnings() -> None:
    """A model may answer for such a record, and says what was odd about it."""
    fitted = SIGNATURE.fit({"company_size": 5000, "industry": "Space", "newsletter": None, "notes": "x"})
    assert fitted.missing == ("newsletter", "created")
    assert fitted.warnings == (
        "company_size = 5000 is above what training saw (up to 1000)",
        "industry = 'Space' (text) was not seen in training; the model treated it as rare",
        "newsletter is missing; the model treated it as unknown",
        "created is missing; the model treated it as unknown",
    )


def test_camel_case_names_find_their_feature_and_unknown_names_are_listed() -> None:
    """JSON callers may write companySize; what no feature is called is handed back."""
    fitted = SIGNATURE.fit({"companySize": 10, "favouriteColour": "red", "notes": "x"})
    assert fitted.values["company_size"] == 10.0
    assert fitted.unknown == ("favouriteColour",)


def test_one_feature_in_two_spellings_is_refused() -> None:
    """Which of the two is meant cannot be known."""
    with pytest.raises(InvalidFeatures, match="is given twice, also as 'companySize'"):
        SIGNATURE.fit({"company_size": 1, "companySize": 2, "notes": "x"})


@pytest.mark.parametrize("name", ["constructor", "__class__", "__proto__"])
def test_names_that_mean_something_to_a_language_are_just_unknown(name: str) -> None:
    """A feature's name is data."""
    assert SIGNATURE.fit({name: 1, "notes": "x"}).unknown == (name,)


def test_general_limits_hold_for_models_without_a_signature() -> None:
    """Non-finite numbers, endless texts and names, also inside lists, are refused by name."""
    with pytest.raises(InvalidFeatures) as caught:
        check_features({"a": float("inf"), "b": "x" * 65_537, "c": [1.0, float("nan")], "n" * 129: 1, "ok": 1})
    assert set(caught.value.problems) == {"a", "b", "c", "n" * 128}


def test_more_than_a_thousand_features_are_refused() -> None:
    """The limit is named in the message."""
    with pytest.raises(InvalidFeatures, match="1001 features are more than the limit of 1000"):
        check_features({f"f{number}": 1 for number in range(1001)})


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", " 1,234.5 ", 1234.5),
        ("number", "", None),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ("category", "Finance", "Finance"),
        ("number_list", "[1, 2.5]", [1.0, 2.5]),
        ("date", "2026-03-01", "2026-03-01T00:00:00+00:00"),
    ],
)
def test_cells_of_a_text_file_are_read_in_the_declared_type(kind: str, text: str, value: object) -> None:
    """A file knows only text; the signature says what it means."""
    assert parse_text(FeatureSpec(name="x", type=kind), text) == value  # type: ignore[arg-type]


def test_a_time_with_an_offset_is_brought_to_utc() -> None:
    """Two spellings of one moment are one value."""
    spec = Signature(features=(FeatureSpec(name="at", type="date"),))
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert spec.fit({"at": "2026-01-01T14:00:00+02:00"}).values == spec.fit({"at": moment}).values


def test_texts_that_training_read_as_missing_are_missing_in_a_prediction_too() -> None:
    """A form's prompt is no category at either time, whatever its case."""
    signature = Signature(
        features=(
            FeatureSpec(name="city", type="category", categories=("Rome",), missing_texts=("n/a", "select")),
            FeatureSpec(name="visits", type="number", missing_texts=("n/a",)),
        )
    )
    fitted = signature.fit({"city": " Select", "visits": "N/A"})
    assert fitted.values == {}
    assert fitted.missing == ("city", "visits")
    assert parse_text(signature.features[1], "n/a") is None


@pytest.mark.parametrize("kind", ["number", "category", "boolean", "date", "text", "number_list", "category_list"])
@pytest.mark.parametrize("blank", ["", "  ", "\t\n"])
def test_a_blank_text_is_missing_whatever_belongs_there(kind: str, blank: str) -> None:
    """A blank is told as missing in a request as in a file; a required feature is not there then."""
    spec = FeatureSpec(name="x", type=kind)  # type: ignore[arg-type]
    fitted = Signature(features=(spec,)).fit({"x": blank})
    assert (fitted.values, fitted.missing, parse_text(spec, blank)) == ({}, ("x",), None)
    with pytest.raises(InvalidFeatures, match="is required"):
        Signature(features=(FeatureSpec(name="x", type=kind, required=True),)).fit({"x": blank})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text", "example"),
    [
        ("number_list", "1 2", "[1200, 1350]"),
        ("category_list", "P-1;P-2", '["P-1", "P-2"]'),
        ("number_list", "[" * 9999, "[1"),
    ],
)
def test_a_cell_that_is_no_list_is_refused_with_an_example(kind: str, text: str, example: str) -> None:
    """Lists stand in one cell as JSON, and the message shows how."""
    with pytest.raises(ValueError, match=re.escape(f"expected a list written like {example}")):
        parse_text(FeatureSpec(name="x", type=kind), text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (FeatureSpec(name="x", type="number"), " N/A ", None),
        (FeatureSpec(name="x", type="date"), "null", None),
        (FeatureSpec(name="x", type="boolean"), "-", None),
        (FeatureSpec(name="x", type="category", categories=("DE", "FR")), "NA", None),
        (FeatureSpec(name="x", type="category", categories=("DE", "NA")), "NA", "NA"),
        (FeatureSpec(name="x", type="category"), "NA", "NA"),
        (FeatureSpec(name="x", type="text"), "none", "none"),
    ],
)
def test_a_word_for_no_value_is_missing_where_it_can_be_no_value(spec: FeatureSpec, text: str, value: object) -> None:
    """Training reads such words as missing, so a file for prediction does; a category that is called so stays one."""
    assert parse_text(spec, text) == value
