"""A value that comes back from a shared server is used only where it is certainly our own."""

from __future__ import annotations

import json
import pickle

import pytest

from hotcrm_ai.caches.sealed_value import seal, unseal

PLACE = {"workspace": "sales", "group": "lead-scoring-v1", "key": "ab12"}


def test_a_sealed_value_opens_as_it_was() -> None:
    """What was sealed comes back byte by byte, and is JSON meanwhile."""
    sealed = seal(b'{"score":92.50}', **PLACE)
    assert unseal(sealed, **PLACE) == b'{"score":92.50}'
    assert json.loads(sealed)["value"] == {"score": 92.5}


@pytest.mark.parametrize("changed", [{"workspace": "service"}, {"group": "churn"}, {"key": "cd34"}])
def test_a_value_from_another_place_does_not_open(changed: dict[str, str]) -> None:
    """Another workspace, group or key is refused, also where somebody copied the whole value."""
    assert unseal(seal(b"1", **PLACE), **(PLACE | changed)) is None


def test_a_changed_byte_does_not_open() -> None:
    """Whichever byte of the value is changed, it is refused."""
    sealed = seal(b'{"score":92}', **PLACE)
    start = sealed.index(b'{"score"')
    for place in range(start, start + len(b'{"score":92}')):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        assert unseal(changed, **PLACE) is None, place


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{" * 100_000,
        seal(b"1", **PLACE)[:-1],
        seal(b"1", **PLACE).replace(b'"format":1', b'"format":2'),
        seal(b"1", **PLACE).replace(b'"format":1', b'"extra":1,"format":1'),
        pickle.dumps({"score": 1}),
    ],
)
def test_garbage_does_not_open(garbage: bytes) -> None:
    """Truncated, foreign or hostile bytes are refused without being run."""
    assert unseal(garbage, **PLACE) is None
