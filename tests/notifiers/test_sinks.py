"""Each sink against a real receiver on this machine: what arrives, and what is said where nothing does."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from hotcrm_ai.assembly.alerting import Poster
from hotcrm_ai.domain.alert import AlertMessage, Incident
from hotcrm_ai.domain.alert_settings import read_alert_settings
from hotcrm_ai.domain.errors import AlertNotDelivered
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.notifiers import open_sinks
from hotcrm_ai.notifiers.webhook import signature_of
from hotcrm_ai.ports.alert_sink import AlertSink
from hotcrm_ai.testing import FakeClock, ModelServer, Said

OpenSink = Callable[[dict[str, Any], dict[str, str]], AlertSink]

BEGAN = datetime(2026, 3, 31, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def message(subject: str = "lead-scoring-v1") -> AlertMessage:
    incident = Incident(
        id="i1", rule="model_unhealthy", subject=subject, reason="High error rate: 50.0% (50 of 100)", opened_at=BEGAN
    )
    return AlertMessage(id="i1-alert", kind="alert", workspace="ours", incident=incident, created_at=BEGAN)


@pytest.fixture
async def sink() -> AsyncIterator[OpenSink]:
    """A function that opens the sink of a table of settings, with these variables."""
    post = Poster()

    def opened(table: dict[str, Any], environ: dict[str, str]) -> AlertSink:
        settings = read_alert_settings({"sinks": {"ops": table}})
        return open_sinks(settings, post=post, clock=FakeClock(now=BEGAN), environ=environ)["ops"]

    yield opened
    await post.aclose()


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the Standard Webhooks specification gives its published signature."""
    body = b'{"test": 2432232314}'
    assert signature_of(Secret(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


async def test_a_webhook_gets_signed_json(sink: OpenSink) -> None:
    """Id, time and signature come as headers, the incident in the body; the signature covers exactly what arrived."""
    async with ModelServer(lambda _: Said(status=204)) as server:
        table = {"kind": "webhook", "url": f"{server.url}/hooks/ai", "secret": {"env": "HOOK"}}
        await sink(table, {"HOOK": SECRET}).send(message())
    (heard,) = server.heard
    assert (heard.method, heard.path) == ("POST", "/hooks/ai")
    assert heard.headers["webhook-id"] == "i1-alert"
    sent_at = int(heard.headers["webhook-timestamp"])
    assert sent_at == 1774958400
    assert heard.headers["webhook-signature"] == signature_of(Secret(SECRET), "i1-alert", sent_at, heard.body)
    assert heard.json() == {
        "type": "alert",
        "timestamp": "2026-03-31T12:00:00Z",
        "data": {
            "title": "Alert: lead-scoring-v1 is unhealthy",
            "text": "High error rate: 50.0% (50 of 100) (since 2026-03-31 12:00:00 UTC). Look at it: hotcrm-ai health.",
            "workspace": "ours",
            "incident": {
                "id": "i1",
                "rule": "model_unhealthy",
                "subject": "lead-scoring-v1",
                "reason": "High error rate: 50.0% (50 of 100)",
                "openedAt": "2026-03-31T12:00:00Z",
                "closedAt": None,
            },
        },
    }


async def test_a_channel_gets_text_that_cannot_link_or_call(sink: OpenSink) -> None:
    """Slack's own characters in a name are escaped."""
    async with ModelServer(lambda _: Said(body="ok")) as server:
        table = {"kind": "slack", "url": {"env": "SLACK"}}
        await sink(table, {"SLACK": f"{server.url}/services/T/B/x"}).send(message("<!channel> & co"))
    text = server.heard[0].json()["text"]
    assert text.startswith("Alert: &lt;!channel&gt; &amp; co is unhealthy\n")


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_refusal_is_no_delivery_and_tells_no_secret(sink: OpenSink, status: int) -> None:
    """Any status outside 200 to 299 counts as not delivered; neither the address nor the reply is repeated."""
    async with ModelServer(lambda _: Said(status=status, body="secret-reply")) as server:
        with pytest.raises(AlertNotDelivered, match=f"status {status}") as caught:
            await sink({"kind": "slack", "url": {"env": "SLACK"}}, {"SLACK": f"{server.url}/planted-path"}).send(
                message()
            )
    assert "planted-path" not in repr(caught.value)
    assert "secret-reply" not in repr(caught.value)


async def test_nobody_there_and_missing_secrets_are_no_delivery(sink: OpenSink, tmp_path: Path) -> None:
    """A dead port, a variable that is not set, a file that is not there and a secret that is none are each said."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}/x"
    hook = {"kind": "webhook", "url": dead, "secret": {"env": "HOOK"}}
    with pytest.raises(AlertNotDelivered, match="Nobody took the message"):
        await sink(hook, {"HOOK": SECRET}).send(message())
    with pytest.raises(AlertNotDelivered, match="'HOOK' is not set"):
        await sink(hook, {}).send(message())
    with pytest.raises(AlertNotDelivered, match="at least 24 bytes"):
        await sink(hook, {"HOOK": "whsec_c2hvcnQ="}).send(message())
    with pytest.raises(AlertNotDelivered, match="at least 24 bytes"):
        await sink(hook, {"HOOK": "whsec_Schlüssel"}).send(message())
    absent = {"kind": "slack", "url": {"file": str(tmp_path / "none")}}
    with pytest.raises(AlertNotDelivered, match="cannot be read"):
        await sink(absent, {}).send(message())


class Mailbox:
    """What a mail server received; it refuses the recipient ``full@example.com``."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address == "full@example.com":
            return "552 mailbox is full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"right", handled=False)


@pytest.fixture
def mail_server() -> Any:
    """A mail server on a free port of this machine."""
    mailbox = Mailbox()
    controller = Controller(
        mailbox, hostname="127.0.0.1", port=0, authenticator=mailbox.authenticate, auth_require_tls=False
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    yield mailbox, controller.port
    controller.stop()


def email(port: int, **changes: Any) -> dict[str, Any]:
    plain = {"kind": "email", "host": "127.0.0.1", "port": port, "security": "none", "sender": "ai@example.com"}
    return {**plain, "recipients": ["ops@example.com"], **changes}


async def test_mail_arrives_with_subject_and_text(sink: OpenSink, mail_server: Any) -> None:
    """A real mail server takes the message, after a login with the password that the environment holds."""
    mailbox, port = mail_server
    table = email(port, user="ai", password={"env": "MAIL"})
    await sink(table, {"MAIL": "right"}).send(message())
    (mail,) = mailbox.mails
    assert mail["Subject"] == "[HotCRM AI] Alert: lead-scoring-v1 is unhealthy"
    assert (mail["From"], mail["To"]) == ("ai@example.com", "ops@example.com")
    assert mail["Message-ID"] == "<i1-alert@example.com>"
    assert "High error rate: 50.0% (50 of 100)" in mail.get_content()
    assert mailbox.logins == [(b"ai", b"right")]


async def test_a_name_cannot_write_headers(sink: OpenSink, mail_server: Any) -> None:
    """Line breaks in a model's name stay in the subject as text."""
    mailbox, port = mail_server
    await sink(email(port), {}).send(message("x\r\nBcc: thief@example.com"))
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert "thief" in mail["Subject"]


@pytest.mark.parametrize(
    ("changes", "environ", "words"),
    [
        ({"user": "ai", "password": {"env": "MAIL"}}, {"MAIL": "wrong"}, "refused user and password"),
        ({"user": "ai", "password": {"env": "MAIL"}}, {"MAIL": "Schlüssel"}, "only ASCII"),
        ({"recipients": ["full@example.com"]}, {}, "refused every recipient"),
        ({"security": "starttls"}, {}, "could not be used"),
    ],
)
async def test_mail_that_was_refused_is_no_delivery(
    sink: OpenSink, mail_server: Any, changes: dict[str, Any], environ: dict[str, str], words: str
) -> None:
    """A wrong password, a full mailbox and a server without encryption are each said; nothing is sent unencrypted instead."""
    _, port = mail_server
    with pytest.raises(AlertNotDelivered, match=words):
        await sink(email(port, **changes), environ).send(message())


async def test_one_refused_recipient_does_not_mail_the_others_twice(
    sink: OpenSink, mail_server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A mail that one of two recipients got is delivered; the log names the other one."""
    mailbox, port = mail_server
    await sink(email(port, recipients=["ops@example.com", "full@example.com"]), {}).send(message())
    assert len(mailbox.mails) == 1
    assert "'full@example.com'" in caplog.text


async def test_the_log_is_always_a_sink(caplog: pytest.LogCaptureFixture) -> None:
    """Without any table the alert still stands in the log of the process, as a warning."""
    sinks = open_sinks(read_alert_settings({}), post=Poster(), clock=FakeClock(), environ={})
    with caplog.at_level(logging.INFO, logger="hotcrm_ai.alerts"):
        await sinks["log"].send(message())
    assert list(sinks) == ["log"]
    assert [(record.levelname, record.message[:35]) for record in caplog.records] == [
        ("WARNING", "Alert: lead-scoring-v1 is unhealthy")
    ]
