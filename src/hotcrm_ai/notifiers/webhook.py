"""Tells alerts to a URL as signed JSON, by the Standard Webhooks specification, for which many languages have a verifier.

The signature is HMAC-SHA256 over ``id.timestamp.body`` (https://www.standardwebhooks.com).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

import msgspec

from hotcrm_ai.domain.alert import AlertMessage
from hotcrm_ai.domain.alert_settings import WebhookSettings
from hotcrm_ai.domain.errors import AlertNotDelivered
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.notifiers._posting import post_json
from hotcrm_ai.notifiers._references import ReferenceReader
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.http_post import HTTPPost

_PREFIX: Final = "whsec_"
_LEAST_KEY_BYTES: Final = 24


class WebhookSink:
    """Posts ``{"type": "alert", "timestamp": ..., "data": {...}}``; the receiver drops a ``webhook-id`` that it has seen."""

    def __init__(self, settings: WebhookSettings, *, post: HTTPPost, clock: Clock, read: ReferenceReader) -> None:
        self._settings = settings
        self._post = post
        self._clock = clock
        self._read = read

    async def send(self, message: AlertMessage) -> None:
        """Post one message; raises ``AlertNotDelivered`` where the receiver did not take it."""
        body = msgspec.json.encode(
            {
                "type": message.kind,
                "timestamp": message.created_at,
                "data": {
                    "title": message.title,
                    "text": message.text,
                    "workspace": message.workspace,
                    "incident": message.incident,
                },
            }
        )
        timestamp = int(self._clock.now().timestamp())
        secret = self._read(self._settings.secret)
        headers = {
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature_of(secret, message.id, timestamp, body),
        }
        await post_json(self._post, self._settings.url, headers, body)


def signature_of(secret: Secret, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message sent at a moment (seconds since 1970); raises ``AlertNotDelivered`` where the secret is none."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    digest = hmac.new(_key_of(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _key_of(secret: Secret) -> bytes:
    text = secret.reveal().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:  # binascii.Error is one; letters outside ASCII are another
        key = b""
    if len(key) < _LEAST_KEY_BYTES:
        raise AlertNotDelivered(
            f"The webhook's secret is not {_PREFIX} and Base64 of at least {_LEAST_KEY_BYTES} bytes; make one with: "
            f"python -c \"import base64, os; print('{_PREFIX}' + base64.b64encode(os.urandom(32)).decode())\""
        )
    return key
