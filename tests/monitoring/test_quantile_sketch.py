"""The quantile sketch tells the same percentiles as numpy within 1 %, and merging two gives the sketch of the union."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotcrm_ai.monitoring.quantile_sketch import QuantileSketch

SHARES = (0.5, 0.95, 0.99)


def sketch_of(values: object) -> QuantileSketch:
    sketch = QuantileSketch()
    for value in values:  # type: ignore[attr-defined]
        sketch.add(float(value))
    return sketch


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (range(1, 21), (10.5, 19.05, 19.81)),
        (range(1, 101), (50.5, 95.05, 99.01)),
        ([37.5], (37.5, 37.5, 37.5)),
        ([10, 20], (15.0, 19.5, 19.9)),
    ],
    ids=["1 to 20", "1 to 100", "one sample", "two samples"],
)
def test_known_percentiles_are_told_within_one_percent(values: object, expected: tuple[float, ...]) -> None:
    """P50, P95 and P99 of small known samples are the hand-calculated ones, linear between ranks."""
    sketch = sketch_of(values)
    assert [sketch.quantile(share) for share in SHARES] == [pytest.approx(value, rel=0.01) for value in expected]


def test_one_sample_is_told_exactly() -> None:
    """A single measurement is every percentile, without rounding to a bin."""
    sketch = sketch_of([123.456])
    assert [sketch.quantile(share) for share in (0.0, *SHARES, 1.0)] == [123.456] * 5


@pytest.mark.parametrize("shape", ["lognormal", "exponential", "uniform"])
def test_a_hundred_thousand_random_latencies_match_numpy(shape: str) -> None:
    """Over 100,000 random latencies of several shapes every percentile is within 1 % of numpy's."""
    random = np.random.default_rng(20260731)
    values = {
        "lognormal": random.lognormal(3.0, 1.2, 100_000),
        "exponential": random.exponential(80.0, 100_000),
        "uniform": random.uniform(0.5, 900.0, 100_000),
    }[shape]
    sketch = sketch_of(values)
    for share in (0.01, 0.25, *SHARES, 0.999):
        assert sketch.quantile(share) == pytest.approx(np.percentile(values, 100 * share), rel=0.01)
    assert sketch.count == 100_000
    assert sketch.mean() == pytest.approx(values.mean())


def test_nothing_measured_has_no_percentile() -> None:
    """An empty sketch tells None, not zero."""
    assert QuantileSketch().quantile(0.95) is None
    assert QuantileSketch().mean() is None


latencies = st.lists(st.floats(min_value=0.0, max_value=1e9), max_size=60)


@given(latencies, latencies)
def test_a_merge_is_the_sketch_of_the_union(first: list[float], second: list[float]) -> None:
    """Two merged sketches hold the bins, counts and extremes of one sketch that saw both streams."""
    together = sketch_of(first)
    together.merge(sketch_of(second))
    union = sketch_of([*first, *second]).to_record()
    record = together.to_record()
    assert record.pop("total") == pytest.approx(union.pop("total"))
    assert record == union


@given(st.lists(st.floats(min_value=1e-5, max_value=1e9), min_size=1, max_size=60), st.floats(0.0, 1.0))
def test_every_quantile_of_any_sample_is_within_one_percent(values: list[float], share: float) -> None:
    """For all samples and all shares the told quantile is within 1 % of numpy's linear one."""
    exact = float(np.quantile(values, share))
    assert sketch_of(values).quantile(share) == pytest.approx(exact, rel=0.01, abs=1e-9)


def test_the_number_of_bins_is_bounded() -> None:
    """A million-fold spread of values needs a few thousand bins, however many values come."""
    sketch = sketch_of(10 ** (index % 12_000 / 1000 - 6) for index in range(60_000))
    assert len(sketch.to_record()["bins"]) < 6_000  # type: ignore[arg-type]
