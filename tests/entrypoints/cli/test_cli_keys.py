"""``keys``: a key is shown once and never again, and its text is never an argument."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

KEY = re.compile(r"hk_[a-z2-7]{8}_[a-z2-7]{47}")


def test_a_key_is_the_only_line_of_standard_output(cli):
    """Standard output is the key and nothing else; what people must know of it is on standard error, without the key."""
    made = cli("keys", "create", "--scope", "predict", "--scope", "read", "--name", "CRM")
    assert made.code == 0
    assert KEY.fullmatch(made.out.strip())
    assert "not shown again" in made.err
    assert made.out.strip() not in made.err


def test_json_gives_the_record_and_the_secret_once(cli):
    """The JSON has the key's record beside its text; the list that comes after has the record only."""
    made = cli("keys", "create", "--scope", "write", "--name", "CRM", "--expires", "12h", "--json").document
    key, secret = made["key"], made["secret"]
    assert KEY.fullmatch(secret)
    assert (key["name"], key["scopes"]) == ("CRM", ["write"])
    lifetime = datetime.fromisoformat(key["expiresAt"]) - datetime.fromisoformat(key["createdAt"])
    assert lifetime == timedelta(hours=12)
    listed = cli("keys", "list", "--json")
    assert [(one["id"], one["state"]) for one in listed.document["keys"]] == [(key["id"], "active")]
    for answer in (listed, cli("keys", "list"), cli("keys", "revoke", key["id"]), cli("keys", "list")):
        assert secret not in answer.out + answer.err
        assert secret.split("_")[2] not in answer.out + answer.err


def test_the_list_tells_the_state_of_each_key(cli):
    """Active and revoked keys are told apart, and an empty list says what that means."""
    assert "No key was made yet" in cli("keys", "list").out
    first = cli("keys", "create", "--scope", "read", "--expires", "never", "--json").document["key"]["id"]
    second = cli("keys", "create", "--scope", "admin", "--json").document["key"]["id"]
    assert "Revoked the key" in cli("keys", "revoke", first).out
    shown = cli("keys", "list").out
    assert re.search(rf"{first}.*read.*revoked.*never", shown)
    assert re.search(rf"{second}.*admin.*active", shown)


def test_a_key_may_have_a_rate_of_its_own(cli):
    """The list tells what each key may send; one without a rate goes by the settings."""
    kept = [cli("keys", "create", "--scope", "read", *rate, "--json").document["key"] for rate in
            ((), ("--rate", "2.5"), ("--rate", "0"))]  # fmt: skip
    assert [key["rate"] for key in kept] == [None, 2.5, 0.0]
    shown = cli("keys", "list").out
    assert re.search(rf"{kept[1]['id']}.*read.*2\.5/s.*active", shown)
    assert re.search(rf"{kept[2]['id']}.*read.*no limit.*active", shown)


@pytest.mark.parametrize(
    "arguments",
    [
        ("create",),
        ("create", "--scope", "root"),
        ("create", "--scope", "read", "--expires", "soon"),
        ("create", "--scope", "read", "--expires", "0d"),
        ("create", "--scope", "read", "--expires", "11y"),
        ("create", "--scope", "read", "--name", "x" * 101),
        ("create", "--scope", "read", "--rate", "-1"),
        ("create", "--scope", "read", "--rate", "0.0001"),
        ("revoke", "nothing"),
    ],
)
def test_what_cannot_be_is_code_2_in_one_line(cli, arguments):
    """No scope, an unknown one, no time, too long a time or name, and an id that does not exist are refused."""
    answer = cli("keys", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
