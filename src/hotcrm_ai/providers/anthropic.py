"""Asks Anthropic's models, by Messages, and any server that speaks the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from hotcrm_ai.domain.errors import ProviderError
from hotcrm_ai.domain.faults import FaultKind
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.spending import TokenUsage
from hotcrm_ai.providers._credentials import Credentials
from hotcrm_ai.providers._faults import fault, fault_of
from hotcrm_ai.providers._http import HTTPReply
from hotcrm_ai.providers._kit import ProviderKit
from hotcrm_ai.providers._language_models import (
    Ask,
    Completion,
    LanguageModelConfig,
    LanguageModelProvider,
    body_of,
    count_at,
    needs_key,
    read_config,
)

NAME: Final = "anthropic"
HOME: Final = "https://api.anthropic.com"
_PATH: Final = "/v1/messages"
_SPEND_LIMIT: Final = "enforced_spend_limit_reached"
_KIND_OF_STATUS: Final[Mapping[int, FaultKind]] = {499: "timeout"}
_UNFINISHED: Final = "did not finish its answer (stop reason {reason!r}); look at max_output_tokens"
_STOP_REASONS: Final = frozenset(
    {"max_tokens", "stop_sequence", "tool_use", "pause_turn", "model_context_window_exceeded"}
)


class AnthropicConfig(LanguageModelConfig, frozen=True, kw_only=True):
    """What ``ProviderConfig.config`` may hold: the version of the interface, names of beta features, calls of one batch at a time."""

    version: str = "2026-10-21"
    beta: tuple[str, ...] = ()


def create(config: ProviderConfig, kit: ProviderKit) -> LanguageModelProvider:
    """Return the provider of one configuration; raises ``ProviderMisconfigured`` where its address may not be asked, or ``config`` holds
    unknown keys.
    """
    home = (config.endpoint or HOME).rstrip("/")
    is_own = urlsplit(home).netloc == urlsplit(HOME).netloc
    own = read_config(config, AnthropicConfig, provider=NAME)
    variables = {"api_key": "ANTHROPIC_API_KEY"} if is_own else None
    credentials = Credentials(config, environ=kit.environ, variables=variables)
    wire = MessagesWire(home, own)
    return LanguageModelProvider(
        wire, kit, credentials, needs_key=needs_key(config, is_own=is_own), concurrency=own.concurrency
    )


class MessagesWire:
    """``POST /v1/messages``."""

    provider = NAME
    options = frozenset({"temperature", "top_p", "top_k", "thinking", "service_tier", "metadata"})
    gives_chances = False

    def __init__(self, home: str, config: AnthropicConfig) -> None:
        root = home.removesuffix(_PATH).removesuffix("/v1")
        self.url = f"{root}{_PATH}"
        self.health_url = f"{root}/v1/models"
        self._config = config

    def headers(self, key: Secret | None, *, prediction_id: str | None = None) -> dict[str, str]:  # noqa: ARG002 - the wire's signature
        """Return the headers of a call; a server of one's own may need no key."""
        headers = {"content-type": "application/json", "anthropic-version": self._config.version}
        if key is not None:
            headers["x-api-key"] = key.reveal()
        if self._config.beta:
            headers["anthropic-beta"] = ",".join(self._config.beta)
        return headers

    def body(self, ask: Ask) -> dict[str, Any]:
        """Return the body of a call."""
        return {
            **ask.options,
            "model": ask.model,
            "max_tokens": ask.max_output_tokens,
            "system": ask.instruction,
            "messages": [{"role": "user", "content": [{"type": "text", "text": ask.record}]}],
            "output_config": {"format": {"type": "json_schema", "schema": ask.schema}},
        }

    def completion(self, body: Mapping[str, Any], *, model_id: str) -> Completion:
        """Read a reply: its text, unless it was cut short or refused; only ``end_turn`` is a whole answer."""
        usage = _usage(body.get("usage"))
        reason = body["stop_reason"]
        if reason == "refusal":
            return Completion(fault=_bad("refused to answer", model_id), usage=usage)
        if reason != "end_turn":
            named = reason if reason in _STOP_REASONS else "unknown"
            return Completion(fault=_bad(_UNFINISHED.format(reason=named), model_id), usage=usage)
        texts = [block["text"] for block in body["content"] if block["type"] == "text"]
        if not texts or not all(isinstance(text, str) for text in texts):
            return Completion(fault=_bad("gave no text", model_id), usage=usage)
        return Completion(text="".join(texts), usage=usage)

    def fault(self, reply: HTTPReply, *, model_id: str) -> ProviderError:
        """Return the error of a reply that is no success; a spend limit that was reached is never asked again."""
        error = body_of(reply).get("error")
        details = error.get("details") if isinstance(error, Mapping) else None
        kind = _KIND_OF_STATUS.get(reply.status)
        wish = None
        if isinstance(details, Mapping) and details.get("error_code") == _SPEND_LIMIT:
            kind, wish = "quota_spent", False
        return fault_of(reply.status, reply.headers, provider=NAME, model_id=model_id, kind=kind, retryable=wish)


def _usage(found: Any) -> TokenUsage | None:
    if not isinstance(found, Mapping):
        return None
    return TokenUsage(
        input_tokens=count_at(found, "input_tokens"),
        cached_tokens=count_at(found, "cache_read_input_tokens"),
        cache_write_tokens=count_at(found, "cache_creation_input_tokens"),
        output_tokens=count_at(found, "output_tokens"),
    )


def _bad(words: str, model_id: str) -> ProviderError:
    return fault("bad_answer", words, provider=NAME, model_id=model_id)
