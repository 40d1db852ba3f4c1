"""Equal things have equal bytes, different things different ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotcrm_ai.domain.canonical import canonical_bytes, canonical_value, digest_of

_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(st.text(), _values, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(features: dict[str, object], random: object) -> None:
    """A shuffled mapping has the same bytes."""
    keys = list(features)
    random.shuffle(keys)  # type: ignore[attr-defined]
    shuffled = {key: features[key] for key in keys}
    assert canonical_bytes(canonical_value(features)) == canonical_bytes(canonical_value(shuffled))


@given(st.integers(-(2**53), 2**53))
def test_whole_numbers_and_their_floats_are_the_same(number: int) -> None:
    """1 and 1.0 are one value, and so are 0.0 and -0.0."""
    assert digest_of(canonical_value(number)) == digest_of(canonical_value(float(number)))
    assert digest_of(canonical_value(0.0)) == digest_of(canonical_value(-0.0))


@given(st.integers(2**53, 2**63))
def test_neighbours_among_long_whole_numbers_stay_apart(number: int) -> None:
    """An id of 16 digits or more is no other id, though a float could not tell the two apart."""
    assert digest_of(canonical_value(number)) != digest_of(canonical_value(number + 1))
    assert canonical_value(1_234_567_890_123_456_789) == 1_234_567_890_123_456_789


def test_number_text_and_truth_differ() -> None:
    """1, "1" and true are three values, and null is a fourth."""
    digests = {digest_of(canonical_value(value)) for value in (1, "1", True, None)}
    assert len(digests) == 4


def test_parts_do_not_run_into_each_other() -> None:
    """The border between two parts is part of the digest."""
    assert digest_of("ab", "c") != digest_of("a", "bc")
