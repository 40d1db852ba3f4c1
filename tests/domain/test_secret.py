"""A secret shows itself only when asked."""

from __future__ import annotations

import copy

import msgspec
import pytest

from hotcrm_ai.domain.secret import Secret


def test_no_way_of_printing_shows_the_value() -> None:
    """repr, str, format and f-strings give stars."""
    secret = Secret("hunter2")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", "%s" % secret, "{}".format(secret)]  # noqa: UP031, UP032
    assert not any("hunter2" in text for text in shown)
    assert secret.reveal() == "hunter2"


def test_it_cannot_be_serialised() -> None:
    """Neither JSON nor a copy protocol carries the value away."""
    with pytest.raises(TypeError):
        msgspec.json.encode(Secret("hunter2"))
    with pytest.raises(TypeError, match="cannot be serialised"):
        copy.copy(Secret("hunter2"))
