"""``doctor`` says which remote model lacks its credential, and where to set it."""

from __future__ import annotations

import json

REMOTE = {
    "id": "remote-v1",
    "status": "active",
    "provider": "mlflow",
    "providerConfig": {
        "provider": "mlflow",
        "endpoint": "https://models.example.com",
        "credentials": {"apiKey": {"env": "REMOTE_MODEL_KEY"}},
    },
}


def test_doctor_names_the_variable_of_a_missing_credential(cli, home, monkeypatch):
    """Broken without the variable, well with it; nobody is asked for either."""
    monkeypatch.setenv("HOTCRM_AI_PROVIDER_HOSTS", "models.example.com")
    assert cli("models", "register", json.dumps(REMOTE)).code == 0
    for value, status, code in ((None, "broken", 1), ("a-key", "ok", 0)):
        if value is not None:
            monkeypatch.setenv("REMOTE_MODEL_KEY", value)
        answer = cli("doctor", "--json")
        (found,) = [one for one in answer.document["findings"] if one["part"] == "provider of remote-v1"]
        assert (found["status"], answer.code) == (status, code)
        assert ("REMOTE_MODEL_KEY" in found["found"]) == (value is None)


def test_an_address_that_is_not_listed_is_refused_with_the_setting_to_change(cli):
    """One line, exit code 2, and the name of the variable."""
    answer = cli("models", "register", json.dumps(REMOTE))
    assert answer.code == 2
    assert "HOTCRM_AI_PROVIDER_HOSTS" in answer.err
