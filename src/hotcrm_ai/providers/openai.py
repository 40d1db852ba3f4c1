"""Asks OpenAI's models, by Responses or Chat Completions, and any server that speaks the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal
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
    read_chances,
    read_config,
)

NAME: Final = "openai"
HOME: Final = "https://api.openai.com/v1"
_TOP_CHANCES: Final = 20
_QUOTA_CODES: Final = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "credit_balance_exhausted"}
)
_OPTIONS: Final = frozenset({"temperature", "top_p", "reasoning", "service_tier", "seed", "reasoning_effort", "user"})


class OpenAIConfig(LanguageModelConfig, frozen=True, kw_only=True):
    """What ``ProviderConfig.config`` may hold.

    ``api`` is ``responses`` at OpenAI's own address and ``chat-completions`` elsewhere unless given. For servers that know less than
    OpenAI's, ``omit`` lists keys that are not sent (``store``), and ``max_tokens_field`` names the cap (``max_tokens``).
    """

    api: Literal["responses", "chat-completions"] | None = None
    organization: str | None = None
    project: str | None = None
    omit: tuple[str, ...] = ()
    max_tokens_field: str | None = None


def create(config: ProviderConfig, kit: ProviderKit) -> LanguageModelProvider:
    """Return the provider of one configuration; raises ``ProviderMisconfigured`` where its address may not be asked, or ``config`` holds
    unknown keys.
    """
    home = (config.endpoint or HOME).rstrip("/")
    is_own = urlsplit(home).netloc == urlsplit(HOME).netloc
    own = read_config(config, OpenAIConfig, provider=NAME)
    api = own.api or ("responses" if is_own else "chat-completions")
    wire = ResponsesWire(home, own) if api == "responses" else ChatWire(home, own)
    variables = {"api_key": "OPENAI_API_KEY"} if is_own else None
    credentials = Credentials(config, environ=kit.environ, variables=variables)
    return LanguageModelProvider(
        wire, kit, credentials, needs_key=needs_key(config, is_own=is_own), concurrency=own.concurrency
    )


class _OpenAIWire:
    """What both interfaces share: addresses, headers and errors."""

    provider = NAME
    options = _OPTIONS
    gives_chances = True
    path = ""

    def __init__(self, home: str, config: OpenAIConfig) -> None:
        root = home.removesuffix("/responses").removesuffix("/chat/completions")
        self.url = f"{root}{self.path}"
        self.health_url = f"{root}/models"
        self._config = config

    def headers(self, key: Secret | None, *, prediction_id: str | None = None) -> dict[str, str]:
        """Return the headers of a call; a server of one's own may need no key."""
        headers = {"content-type": "application/json"}
        if key is not None:
            headers["authorization"] = f"Bearer {key.reveal()}"
        if self._config.organization:
            headers["openai-organization"] = self._config.organization
        if self._config.project:
            headers["openai-project"] = self._config.project
        if prediction_id is not None:
            headers["x-client-request-id"] = prediction_id
        return headers

    def fault(self, reply: HTTPReply, *, model_id: str) -> ProviderError:
        """Return the error of a reply that is no success; ``x-should-retry`` is obeyed, and an empty purse is never asked again."""
        error = body_of(reply).get("error")
        known = error if isinstance(error, Mapping) else {}
        wish = {"true": True, "false": False}.get(reply.headers.get("x-should-retry", "").strip().lower())
        kind: FaultKind | None = None
        if reply.status == 429 and {str(known.get("code")), str(known.get("type"))} & _QUOTA_CODES:
            kind, wish = "quota_spent", False
        return fault_of(reply.status, reply.headers, provider=NAME, model_id=model_id, kind=kind, retryable=wish)

    def _without_omitted(self, body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name not in self._config.omit}


class ResponsesWire(_OpenAIWire):
    """``POST /v1/responses``."""

    path = "/responses"

    def body(self, ask: Ask) -> dict[str, Any]:
        """Return the body of a call; nothing of it is kept by the provider (``store: false``)."""
        body: dict[str, Any] = {
            **ask.options,
            "model": ask.model,
            "instructions": ask.instruction,
            "input": [{"role": "user", "content": [{"type": "input_text", "text": ask.record}]}],
            "text": {"format": {"type": "json_schema", "name": ask.schema_name, "schema": ask.schema, "strict": True}},
            "store": False,
            self._config.max_tokens_field or "max_output_tokens": ask.max_output_tokens,
        }
        if ask.wants_chances:
            body |= {"include": ["message.output_text.logprobs"], "top_logprobs": _TOP_CHANCES}
        return self._without_omitted(body)

    def completion(self, body: Mapping[str, Any], *, model_id: str) -> Completion:
        """Read a reply: every part of text in its messages, unless it was cut short or refused."""
        usage = _usage(body.get("usage"), read="input_tokens", written="output_tokens")
        if body["status"] != "completed":
            return Completion(fault=self._unfinished(body, model_id), usage=usage)
        parts = [part for item in body["output"] if item["type"] == "message" for part in item["content"]]
        if any(part["type"] == "refusal" for part in parts):
            return Completion(fault=_bad("refused to answer", model_id), usage=usage)
        texts = [part for part in parts if part["type"] == "output_text"]
        if not texts:
            return Completion(fault=_bad("gave no text", model_id), usage=usage)
        chances = read_chances([entry for part in texts for entry in part.get("logprobs") or []])
        return Completion(text="".join(_text(part["text"]) for part in texts), usage=usage, chances=chances)

    def _unfinished(self, body: Mapping[str, Any], model_id: str) -> ProviderError:
        error = body.get("error")
        code = error.get("code") if isinstance(error, Mapping) else None
        if body["status"] == "failed" and code == "rate_limit_exceeded":
            return fault("throttled", provider=NAME, model_id=model_id)
        if body["status"] == "failed" and code == "server_error":
            return fault("overloaded", provider=NAME, model_id=model_id)
        return _bad("did not finish its answer; look at max_output_tokens and at its content filter", model_id)


class ChatWire(_OpenAIWire):
    """``POST /v1/chat/completions``."""

    path = "/chat/completions"

    def body(self, ask: Ask) -> dict[str, Any]:
        """Return the body of a call."""
        body: dict[str, Any] = {
            **ask.options,
            "model": ask.model,
            "messages": [
                {"role": "system", "content": ask.instruction},
                {"role": "user", "content": ask.record},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": ask.schema_name, "schema": ask.schema, "strict": True},
            },
            "store": False,
            self._config.max_tokens_field or "max_completion_tokens": ask.max_output_tokens,
        }
        if ask.wants_chances:
            body |= {"logprobs": True, "top_logprobs": _TOP_CHANCES}
        return self._without_omitted(body)

    def completion(self, body: Mapping[str, Any], *, model_id: str) -> Completion:
        """Read a reply: the text of its one choice, unless it was cut short or refused."""
        usage = _usage(body.get("usage"), read="prompt_tokens", written="completion_tokens")
        answered = body["choices"][0]
        if answered["message"].get("refusal"):
            return Completion(fault=_bad("refused to answer", model_id), usage=usage)
        if answered["finish_reason"] != "stop":
            words = "did not finish its answer; look at max_output_tokens and at its content filter"
            return Completion(fault=_bad(words, model_id), usage=usage)
        chances = (answered.get("logprobs") or {}).get("content")
        return Completion(text=_text(answered["message"]["content"]), usage=usage, chances=read_chances(chances))


def _usage(found: Any, *, read: str, written: str) -> TokenUsage | None:
    if not isinstance(found, Mapping):
        return None
    cached = count_at(found, f"{read}_details", "cached_tokens")
    kept = count_at(found, f"{read}_details", "cache_write_tokens")
    return TokenUsage(
        input_tokens=max(0, count_at(found, read) - cached - kept),
        cached_tokens=cached,
        cache_write_tokens=kept,
        output_tokens=count_at(found, written),
    )


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError("the text of an answer is no text")
    return found


def _bad(words: str, model_id: str) -> ProviderError:
    return fault("bad_answer", words, provider=NAME, model_id=model_id)
