"""A secret shows itself only when asked."""

from __future__ import annotations

import copy
import sys
import threading

import msgspec
import pytest

from hotcrm_ai.domain.secret import Secret, live_secrets


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


def test_live_secrets_are_told_while_others_come_and_go() -> None:
    """A log line that one thread writes does not fail because another one reads a credential."""
    kept, done, interval = Secret("hunter2"), threading.Event(), sys.getswitchinterval()

    def make() -> None:
        while not done.is_set():
            [Secret("another") for _ in range(100)]

    maker = threading.Thread(target=make)
    sys.setswitchinterval(1e-6)
    maker.start()
    try:
        assert all(kept.reveal() in live_secrets() for _ in range(20_000))
    finally:
        done.set()
        maker.join()
        sys.setswitchinterval(interval)
