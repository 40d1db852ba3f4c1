"""The log is one JSON object per line, each with its request, and holds no secret in any encoding."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotcrm_ai.domain.secret import Secret, live_secrets
from hotcrm_ai.exporters.secret_scrubber import SecretScrubber
from hotcrm_ai.exporters.structured_log import REQUEST_ID, JSONLines, configure_log


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Where a JSON log is written to; logging is afterwards as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_log("json", "info", worker=2, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("uvicorn", "sqlalchemy", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_a_line_is_an_object_with_its_request_and_worker(written: io.StringIO) -> None:
    """Time, level, logger, message, request and worker; a line below the level is not written."""
    token = REQUEST_ID.set("r-1")
    logging.getLogger("hotcrm_ai.http").warning("the %s is away", "cache", extra={"fields": {"status": 503}})
    logging.getLogger("hotcrm_ai.http").debug("nobody reads this")
    REQUEST_ID.reset(token)
    (line,) = written.getvalue().splitlines()
    told = json.loads(line)
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "warning",
        "logger": "hotcrm_ai.http",
        "message": "the cache is away",
        "requestId": "r-1",
        "worker": 2,
        "status": 503,
    }


def test_nothing_that_is_logged_begins_a_line_of_its_own(written: io.StringIO) -> None:
    """Line ends, escapes and separators in a message, and a traceback, stay inside their object."""
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("hotcrm_ai").exception('forged\r\n{"level":"info"}\x1b[2J\u2028\x7f')
    text = written.getvalue()
    assert len(text.splitlines()) == 1
    assert not any(character in text for character in "\r\x1b\x7f\u2028")
    assert "second" in json.loads(text)["error"]


VALUE = 'p@ss/"wörd"+&9'


@pytest.mark.parametrize(
    "text",
    [
        VALUE,
        quote(VALUE, safe=""),
        quote_plus(VALUE),
        json.dumps(VALUE),
        json.dumps(VALUE, ensure_ascii=False),
        repr(VALUE),
        base64.b64encode(VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
        base64.b64encode(f"user:{VALUE}".encode()).decode(),
        base64.b64encode(f"me:{VALUE}:x".encode()).decode(),
        base64.b64encode(f"u:{VALUE}".encode()).decode(),
        VALUE.encode().hex(),
    ],
)
def test_a_secret_is_taken_out_in_every_encoding(text: str) -> None:
    """Plain, URL, JSON, base64 wherever it begins, hexadecimal."""
    scrubbed = SecretScrubber(lambda: [VALUE]).scrub(f"before {text} after")
    assert "***" in scrubbed
    assert text not in scrubbed
    assert scrubbed.startswith("before ")
    assert scrubbed.endswith(" after")


@given(value=st.text(min_size=8, max_size=40), before=st.binary(max_size=7), after=st.binary(max_size=7))
def test_what_is_left_of_base64_gives_no_secret_away(value: str, before: bytes, after: bytes) -> None:
    """Whatever surrounds it, what remains decodes to no text that holds the secret."""
    text = base64.b64encode(before + value.encode("utf-8", "replace") + after).decode()
    scrubbed = SecretScrubber(lambda: [value.encode("utf-8", "replace").decode()]).scrub(text)
    assert text != scrubbed


def test_a_password_in_a_url_is_a_secret_and_its_host_is_none() -> None:
    """The password alone is taken out, also as it was before it was encoded."""
    scrubber = SecretScrubber(lambda: ["postgresql://crm:s3cr%2Fet99@db.example:5432/crm", "sqlite:////home/x.db"])
    assert scrubber.scrub("s3cr/et99 at db.example s3cr%2Fet99 sqlite:////home/x.db") == (
        "*** at db.example *** sqlite:////home/x.db"
    )


@pytest.mark.parametrize(
    ("url", "told", "left"),
    [
        (
            "https://hooks.slack.com/services/T0123ABCD/B0123ABCD/0123456789abcdefghijklmn",
            "POST /services/T0123ABCD/B0123ABCD/0123456789abcdefghijklmn to hooks.slack.com: 0123456789abcdefghijklmn",
            "POST /*** to hooks.slack.com: ***",
        ),
        (
            "https://chat.example.org/post?key=0123456789abcdefghij&room=ops",
            "key=0123456789abcdefghij&room=ops at chat.example.org",
            "key=***&room=ops at chat.example.org",
        ),
        (
            "postgresql://db.example/crm?user=reader&password=s3cr+et%2F99&sslmode=require",
            "s3cr et/99 and s3cr+et%2F99 of reader with sslmode=require at db.example/crm",
            "*** and *** of reader with sslmode=require at db.example/crm",
        ),
    ],
)
def test_what_is_secret_in_the_path_or_query_of_a_url_is_taken_out(url: str, told: str, left: str) -> None:
    """The address of an incoming webhook is its only secret, and a database takes its password in the query, too."""
    assert SecretScrubber(lambda: [url]).scrub(told) == left


def test_a_line_with_half_a_character_is_not_lost() -> None:
    """Names of files may hold what is no text; it is written as an escape."""
    record = logging.LogRecord("hotcrm_ai", logging.ERROR, "", 1, "no file %s", ("caf\udce9",), None)
    record.fields = {"path": "caf\udce9"}
    told = json.loads(JSONLines().format(record))
    assert (told["message"], told["path"]) == ("no file caf\\udce9", "caf\\udce9")


def test_an_api_key_is_known_by_its_form() -> None:
    """Also one that was never verified, such as a mistyped one."""
    assert SecretScrubber(list).scrub("Bearer hk_ab12cd34_Zx9Zx9Zx9Zx9Zx9Zx9Zx9 refused") == (
        "Bearer hk_ab12cd34_*** refused"
    )


def test_secrets_are_known_as_long_as_they_exist(written: io.StringIO) -> None:
    """Whoever makes a Secret need not tell the log of it."""
    secret = Secret("a-very-live-secret")
    assert "a-very-live-secret" in live_secrets()
    logging.getLogger("hotcrm_ai").error("the upstream said: %s", secret.reveal())
    assert "a-very-live-secret" not in written.getvalue()
    del secret
    assert "a-very-live-secret" not in live_secrets()
