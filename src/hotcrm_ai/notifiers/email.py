"""Tells alerts by e-mail over SMTP, encrypted unless the settings say otherwise."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from hotcrm_ai.domain.alert import AlertMessage
from hotcrm_ai.domain.alert_settings import EmailSettings
from hotcrm_ai.domain.errors import AlertNotDelivered
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.value_text import printable
from hotcrm_ai.notifiers._references import ReferenceReader

SMTP_SECONDS: Final = 15.0

_logger: Final = logging.getLogger("hotcrm_ai.alerts")


class EmailSink:
    """Sends one mail to all recipients; it is delivered once the server took it for one of them, and the log names the others."""

    def __init__(self, settings: EmailSettings, *, read: ReferenceReader, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._read = read
        self._tls = tls

    async def send(self, message: AlertMessage) -> None:
        """Send one message; raises ``AlertNotDelivered`` where the mail server did not take it."""
        password = None if self._settings.password is None else self._read(self._settings.password)
        mail = self._mail(message)
        try:
            await asyncio.to_thread(self._send, mail, password)
        except smtplib.SMTPAuthenticationError:
            raise AlertNotDelivered("The mail server refused user and password; check both.") from None
        except UnicodeError:
            raise AlertNotDelivered(
                "User or password has letters that a mail server cannot be given (only ASCII); choose others."
            ) from None
        except smtplib.SMTPResponseException as problem:
            raise AlertNotDelivered(f"The mail server refused the message with code {problem.smtp_code}.") from None
        except smtplib.SMTPRecipientsRefused:
            raise AlertNotDelivered("The mail server refused every recipient; check the addresses.") from None
        except (OSError, smtplib.SMTPException) as problem:
            raise AlertNotDelivered(
                f"The mail server at {self._settings.host}:{self._settings.port} could not be used ({type(problem).__name__})."
            ) from None

    def _mail(self, message: AlertMessage) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = f"[HotCRM AI] {printable(message.title)}"
        mail["From"] = self._settings.sender
        mail["To"] = ", ".join(self._settings.recipients)
        mail["Date"] = format_datetime(message.created_at)
        mail["Message-ID"] = f"<{message.id}@{self._settings.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(
            f"{printable(message.text)}\n\nWorkspace: {message.workspace}\nIncident: {message.incident.id}\n"
        )
        return mail

    def _send(self, mail: EmailMessage, password: Secret | None) -> None:
        tls = self._tls or ssl.create_default_context()
        host, port = self._settings.host, self._settings.port
        if self._settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=tls)
        else:
            server = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
        with server:
            if self._settings.security == "starttls":
                server.starttls(context=tls)
            if self._settings.user is not None and password is not None:
                server.login(self._settings.user, password.reveal())
            refused = server.send_message(mail)
        for address in refused:
            _logger.warning("the mail server refused the recipient %r of an alert; the others have it", address)
