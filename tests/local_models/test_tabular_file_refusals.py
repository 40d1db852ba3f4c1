"""A model file may come from anywhere: whatever is wrong with it, it is refused before use."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotcrm_ai.domain.errors import ArtifactIntegrity
from hotcrm_ai.local_models.tabular import TabularModel


def damage(content: bytes, path: str, value: object) -> bytes:
    """Return the file with one value replaced, the path written like ``trees.left.0``."""
    document = json.loads(content)
    target = document
    *parents, last = path.split(".")
    for step in parents:
        target = target[int(step) if step.isdigit() else step]
    target[int(last) if last.isdigit() else last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("trees.left.0", 0),  # a circle of one
        ("trees.left.2", 0),  # a circle through the root
        ("trees.left.2", 1),  # a node with two parents
        ("trees.right.0", 99),
        ("trees.right.0", -1),
        ("trees.column.0", 3),
        ("trees.column.0", -2),
        ("trees.column.1", 1),  # a leaf turned into a node without children
        ("trees.roots.0", 2),
        ("trees.roots", [0, 0]),
        ("trees.roots", []),
        ("trees.roots", [2**40]),
        ("trees.threshold.0", None),
        ("trees.value", [1.0]),
        ("trees.missingLeft.0", 1),
        ("linear.starts", [0, 2, 4]),
        ("linear.starts", [0, 4, 2, 6]),
        ("linear.starts", [0, 2, 4, 7]),
        ("linear.starts", []),
        ("linear.x.1", 0.0),
        ("linear.y", [0.0]),
        ("linear.missing", [0.0]),
        ("link.lower", 0.0),
        ("link.upper", -1.0),
        ("background.0", [1.0]),
        ("background", []),
        ("features.0.encoding.indicators", 5),
        ("features.0.encoding.indicators", -3),
        ("features.0.encoding.keys", ["a", "a"]),
        ("features.0.encoding.rates", [0.5]),
        ("features.0.encoding.type", "pickle"),
        ("features.1.name", "industry"),
        ("features", []),
        ("intercept", "0"),
        ("intercept", None),
        ("format", "hotcrm-ai/tabular/2"),
        ("surprise", 1),
    ],
)
def test_damaged_file_is_refused(two_feature_model, path, value):
    """A structure that is no sound model raises the integrity error."""
    content = damage(two_feature_model.to_json(), path, value)
    if path == "background":
        assert TabularModel.from_json(content).background.shape == (0, 3)
        return
    with pytest.raises(ArtifactIntegrity):
        TabularModel.from_json(content)


def test_number_too_large_for_a_float_is_refused(two_feature_model):
    """A number that would become infinite is no number."""
    content = two_feature_model.to_json().replace(b'"intercept":0.3', b'"intercept":1e400')
    with pytest.raises(ArtifactIntegrity):
        TabularModel.from_json(content)


@settings(max_examples=150, deadline=None)
@given(position=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_changed_byte_is_refused_or_still_a_sound_model(position, byte):
    """Whatever byte is changed, reading ends with the integrity error or with a model that answers."""
    content = bytearray(SMALL_FILE)
    content[position % len(content)] = byte
    try:
        model = TabularModel.from_json(bytes(content))
    except ArtifactIntegrity:
        return
    assert 0.0 <= model.predict_one({"n": 1.0}) <= 1.0


SMALL_FILE = (
    b'{"format":"hotcrm-ai/tabular/1","features":[{"name":"n","encoding":{"type":"number"}}],"intercept":0.5,'
    b'"linear":{"starts":[0,2],"x":[0.0,1.0],"y":[0.1,0.2],"missing":[0.0]},'
    b'"trees":{"column":[0,-1,-1],"threshold":[0.5,0.0,0.0],"missingLeft":[true,false,false],"left":[1,0,0],'
    b'"right":[2,0,0],"value":[0.0,1.0,-1.0],"roots":[0]},"link":{"lower":1.0,"upper":1.0,"shift":0.0},"background":[[null]]}'
)
