"""Tells alerts in a channel: Slack's incoming webhooks, and those of Mattermost and Rocket.Chat, which take the same."""

from __future__ import annotations

import msgspec

from hotcrm_ai.domain.alert import AlertMessage
from hotcrm_ai.domain.alert_settings import SlackSettings
from hotcrm_ai.notifiers._posting import post_json
from hotcrm_ai.notifiers._references import ReferenceReader
from hotcrm_ai.ports.http_post import HTTPPost


class SlackSink:
    """Posts ``{"text": ...}``; names are escaped, so a model's name can neither link nor call anybody."""

    def __init__(self, settings: SlackSettings, *, post: HTTPPost, read: ReferenceReader) -> None:
        self._settings = settings
        self._post = post
        self._read = read

    async def send(self, message: AlertMessage) -> None:
        """Post one message; raises ``AlertNotDelivered`` where the channel did not take it."""
        text = f"{_escaped(message.title)}\n{_escaped(message.text)}"
        url = self._read(self._settings.url)
        await post_json(self._post, url.reveal(), {}, msgspec.json.encode({"text": text}))


def _escaped(text: str) -> str:
    """Replace the three characters that have a meaning in Slack's text, as its documentation asks."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
