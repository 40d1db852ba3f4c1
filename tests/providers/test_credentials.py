"""Credentials are references that are resolved at each call, and never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.domain.errors import ProviderMisconfigured
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.providers._credentials import Credentials


def made(environ: dict[str, str] | None = None, variables: dict[str, str] | None = None, **given: Any) -> Credentials:
    config = ProviderConfig(provider="openai", credentials=given)
    return Credentials(config, environ=environ if environ is not None else {}, variables=variables)


def test_every_kind_of_reference_is_resolved(tmp_path: Path) -> None:
    """Variable, file (without the line's end), function, literal and secret, under either spelling of the name."""
    file = tmp_path / "key"
    file.write_text("from-file\n", encoding="utf-8")
    values = [{"env": "MY_KEY"}, {"file": str(file)}, lambda: "from-function", "literal", Secret("secret")]
    found = [made({"MY_KEY": "from-env"}, apiKey=value).get("api_key").reveal() for value in values]
    assert found == ["from-env", "from-file", "from-function", "literal", "secret"]


def test_a_rotated_key_is_used_from_the_next_call_on(tmp_path: Path) -> None:
    """Variable and file are read anew, and the fingerprint follows them without showing them."""
    environ, file = {"MY_KEY": "one"}, tmp_path / "token"
    file.write_text("first", encoding="utf-8")
    credentials = made(environ, api_key={"env": "MY_KEY"}, token={"file": str(file)})
    prints = [credentials.fingerprint()]
    environ["MY_KEY"] = "two"
    prints.append(credentials.fingerprint())
    file.write_text("second", encoding="utf-8")
    prints.append(credentials.fingerprint())
    assert (credentials.get("api_key").reveal(), credentials.get("token").reveal()) == ("two", "second")
    assert len(set(prints)) == 3
    assert not any(value in text for text in prints for value in ("one", "two", "first", "second"))


def test_the_usual_variable_is_read_where_nothing_is_named() -> None:
    """What the configuration names wins over it."""
    environ = {"OPENAI_API_KEY": "usual", "MINE": "mine"}
    assert made(environ, {"api_key": "OPENAI_API_KEY"}).get("api_key").reveal() == "usual"
    assert made(environ, {"api_key": "OPENAI_API_KEY"}, api_key={"env": "MINE"}).get("api_key").reveal() == "mine"
    assert made(environ).find("api_key") is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "set the environment variable OPENAI_API_KEY, or give a reference"),
        ({"api_key": {"env": "MINE"}}, "set the environment variable MINE"),
        ({"api_key": {"file": "/nowhere/key"}}, "cannot be read from its file"),
        ({"api_key": {"vault": "x"}}, "is no reference"),
        ({"api_key": lambda: 7}, "not text"),
    ],
)
def test_what_is_missing_is_named_with_where_to_set_it(given: dict[str, Any], words: str) -> None:
    """One line, before any call."""
    with pytest.raises(ProviderMisconfigured, match=words):
        made(variables={"api_key": "OPENAI_API_KEY"}, **given).require("api_key")


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "HOTCRM_AI_CRM_URL"])
def test_the_keys_of_others_are_refused(name: str) -> None:
    """Another provider's variable, or a setting of this product, is never sent anywhere."""
    with pytest.raises(ProviderMisconfigured, match=name):
        made({name: "value"}, api_key={"env": name})
