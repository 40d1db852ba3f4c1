"""Asks models on managed online endpoints of Azure Machine Learning: own scoring scripts and MLflow models.

``provider_config.endpoint`` is the whole scoring URI (else the variable ``AZURE_ML_ENDPOINT``). ``provider_config.config``: ``deployment``,
``auth`` (``key``, ``token`` or ``entra``; without it what the credentials tell), ``body``, ``columns``, ``params`` (of MLflow models),
``answers`` (the path of the list of answers), ``health_url``, ``authority``, ``max_bytes``, ``max_records`` and ``timeout_seconds``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec

from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.errors import ProviderError, ProviderMisconfigured
from hotcrm_ai.domain.faults import FaultKind
from hotcrm_ai.domain.model import ModelConfig, ProviderConfig
from hotcrm_ai.domain.performance import ProviderHealth, ProviderScope
from hotcrm_ai.domain.prediction import PredictionInput, PredictionOutput
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.spelling import read_record, to_snake
from hotcrm_ai.providers._bodies import Body, BodyForm, answers_in, bodies
from hotcrm_ai.providers._credentials import Credentials
from hotcrm_ai.providers._faults import fault_of, kind_of_status
from hotcrm_ai.providers._http import HTTPDoor, HTTPReply
from hotcrm_ai.providers._kit import ProviderKit
from hotcrm_ai.providers._reply import read_answers

NAME: Final = "azure-ml"
_ADDRESS_VARIABLE: Final = "AZURE_ML_ENDPOINT"
_AUTHORITY: Final = "https://login.microsoftonline.com"
_SCOPE: Final = "https://ml.azure.com/.default"
_REFRESH_EARLY_SECONDS: Final = 300.0
_LONGEST_SECONDS: Final = 180.0
_INNER_STATUS: Final = "ms-azureml-model-error-statuscode"

Positive = Annotated[int, msgspec.Meta(ge=1)]


class AzureOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What ``provider_config.config`` may say."""

    deployment: str | None = None
    auth: Literal["key", "token", "entra"] | None = None
    body: BodyForm = "instances"
    columns: tuple[str, ...] = ()
    params: dict[str, Any] = {}
    answers: str | None = None
    health_url: str | None = None
    authority: str = _AUTHORITY
    max_bytes: Positive = 1024 * 1024
    max_records: Positive = 100
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = _LONGEST_SECONDS


def create(config: ProviderConfig, kit: ProviderKit) -> AzureMLProvider:
    """Return the provider of one endpoint; raises ``ConfigError`` where its options are not known."""
    return AzureMLProvider(config, kit)


class AzureMLProvider:
    """Calls a scoring URI; a batch is as few calls as bytes and count allow, one after the other.

    An instance answers one request at a time unless its deployment says otherwise, so calls of one batch do not run beside one another.
    """

    def __init__(self, config: ProviderConfig, kit: ProviderKit) -> None:
        self._kit = kit
        self._options = read_record(AzureOptions, config.config, what="azure-ml configuration")
        self._given = {to_snake(name) for name, reference in config.credentials.items() if reference is not None}
        from_environment = kit.environ.get(_ADDRESS_VARIABLE)
        self._url = config.endpoint or from_environment or ""
        is_own = bool(from_environment) and _host(self._url) == _host(from_environment or "")
        is_azure = _host(self._url).endswith((".inference.ml.azure.com", ".azureml.ms", ".azureml.net"))
        variables = {"api_key": "AZURE_ML_API_KEY"} if is_own or is_azure else {}
        self._credentials = Credentials(config, environ=kit.environ, variables=variables)
        # What the operator's own variable names needs no second mention in the list of hosts.
        hosts = AllowedHosts([_listed(self._url)]) if is_own and "://" in self._url else kit.hosts
        self._door = HTTPDoor(allowed=hosts, provider=NAME, connect_seconds=kit.connect_seconds)
        self._token = _EntraToken(self._credentials, self._options.authority, kit)

    async def validate(self) -> None:
        """Raise ``ProviderMisconfigured`` naming the address or credential that is missing, and where to set it."""
        self._door.check(self._address())
        match self._auth():
            case "entra":
                self._credentials.require("tenant_id", "client_id", "client_secret")
            case "token":
                self._credentials.require("token")
            case _:
                self._credentials.require("api_key")
        self._door.require_client()

    async def predict(self, model: ModelConfig, input: PredictionInput) -> PredictionOutput:  # noqa: A002 - the port's name
        """Answer one request."""
        return (await self.batch_predict(model, [input]))[0]

    async def batch_predict(self, model: ModelConfig, inputs: Sequence[PredictionInput]) -> list[PredictionOutput]:
        """Answer several requests, in order."""
        options = self._options
        parts = bodies(
            [one.features for one in inputs],
            model,
            form=options.body,
            columns=options.columns,
            max_bytes=options.max_bytes,
            max_records=options.max_records,
        )
        seconds = min([options.timeout_seconds, *(one.timeout_seconds for one in inputs if one.timeout_seconds)])
        ends_at = self._kit.clock.monotonic() + seconds
        outputs: list[PredictionOutput] = []
        for part in parts:
            left = max(0.001, ends_at - self._kit.clock.monotonic())
            outputs += await self._ask(model, part, inputs[len(outputs)].prediction_id, left)
        return outputs

    async def health_check(self) -> ProviderHealth:
        """Ask the endpoint for the description of its interface (``/swagger.json``), with the credentials of a prediction."""
        began = self._kit.clock.monotonic()
        problem: str | None = None
        try:
            parts = urlsplit(self._address())
            url = self._options.health_url or urlunsplit((parts.scheme, parts.netloc, "/swagger.json", "", ""))
            headers = self._headers(await self._sent_key(5.0))
            reply = await self._door.request("GET", url, headers=headers, timeout_seconds=5.0)
            if reply.status != 200:
                problem = fault_of(reply.status, reply.headers, provider=NAME).message
        except ProviderError as error:
            problem = error.message
        latency = 1000.0 * (self._kit.clock.monotonic() - began)
        return ProviderHealth(healthy=problem is None, latency=latency, error=problem)

    def scope(self, model: ModelConfig) -> ProviderScope:  # noqa: ARG002 - the endpoint is the configuration's, not the model's
        """Return the endpoint with its deployment and the live credentials, whose failures count together."""
        return ProviderScope(
            provider=NAME,
            endpoint=f"{_host(self._url)}/{self._options.deployment or ''}".rstrip("/"),
            credential=self._credentials.fingerprint(),
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._door.aclose()
        await self._token.aclose()

    async def _ask(self, model: ModelConfig, body: Body, request_id: str, seconds: float) -> list[PredictionOutput]:
        key = await self._sent_key(seconds)
        headers = self._headers(key)
        headers |= {"content-type": body.content_type, "accept": body.content_type}
        if request_id.isascii() and request_id.isprintable() and len(request_id) <= 100:
            headers["x-ms-client-request-id"] = request_id
        content = self._with_params(body)
        reply = await self._door.request(
            "POST", self._address(), headers=headers, content=content, timeout_seconds=seconds
        )
        if reply.status != 200:
            raise self._error(reply, model, key)
        answers = answers_in(
            reply.body,
            reply.headers.get("content-type", "application/json"),
            model,
            count=body.count,
            place=self._options.answers,
            twice=True,
        )
        deployment = reply.headers.get("azureml-model-deployment")
        metadata = {"remote_variant": deployment} if deployment else {}
        return read_answers(answers, model, body.count, features=self._kit.features, metadata=metadata)

    def _with_params(self, body: Body) -> bytes:
        if not self._options.params or self._options.body != "input_data":
            return body.content
        return body.content[:-1] + b',"params":' + msgspec.json.encode(self._options.params) + b"}"

    def _error(self, reply: HTTPReply, model: ModelConfig, key: _SentKey) -> ProviderError:
        kind, hint = kind_of_reply(reply)
        retryable: bool | None = None
        if reply.status == 401:
            self._token.forget(key.secret)
            retryable = key.may_be_old
        elif reply.status == 404:
            retryable = False
        return fault_of(
            reply.status, reply.headers, provider=NAME, model_id=model.id, kind=kind, hint=hint, retryable=retryable
        )

    async def _sent_key(self, seconds: float) -> _SentKey:
        auth = self._auth()
        if auth == "entra":
            return await self._token.get(seconds)
        # Keys and AML tokens are read anew for each call, so one that is refused was the newest there is.
        secret = self._credentials.get("token" if auth == "token" else "api_key")
        return _SentKey(secret=secret, may_be_old=False)

    def _headers(self, key: _SentKey) -> dict[str, str]:
        headers = {"authorization": f"Bearer {key.secret.reveal()}"}
        if self._options.deployment is not None:
            headers["azureml-model-deployment"] = self._options.deployment
        return headers

    def _auth(self) -> Literal["key", "token", "entra"]:
        if self._options.auth is not None:
            return self._options.auth
        if "client_secret" in self._given:
            return "entra"
        return "token" if "token" in self._given else "key"

    def _address(self) -> str:
        if not self._url:
            raise ProviderMisconfigured(
                f"Provider {NAME!r} has no scoring URI; set the environment variable {_ADDRESS_VARIABLE}, or provider_config.endpoint.",
                provider=NAME,
                missing=["endpoint"],
            )
        return self._url


class _SentKey(msgspec.Struct, frozen=True, kw_only=True):
    """What one call is sent with, and whether a newer one may be had where it is refused."""

    secret: Secret
    may_be_old: bool


class _EntraToken:
    """The access token of a service principal, fetched by the client-credentials flow and renewed before it ends."""

    def __init__(self, credentials: Credentials, authority: str, kit: ProviderKit) -> None:
        self._credentials = credentials
        self._authority = authority.rstrip("/")
        self._clock = kit.clock
        hosts = AllowedHosts([_host(_AUTHORITY)]) if self._authority == _AUTHORITY else kit.hosts
        self._door = HTTPDoor(allowed=hosts, provider=NAME, connect_seconds=kit.connect_seconds)
        self._token: Secret | None = None
        self._for = ""
        self._ends_at = 0.0

    async def get(self, seconds: float) -> _SentKey:
        """Return a token that is good for the next minutes.

        Raises:
            ProviderMisconfigured: a credential is missing, or the service principal was refused.
            ProviderError: the authority could not be asked.
        """
        fingerprint = self._credentials.fingerprint()
        if self._token is not None and self._for == fingerprint and self._clock.monotonic() < self._ends_at:
            return _SentKey(secret=self._token, may_be_old=True)
        return _SentKey(secret=await self._fetch(seconds, fingerprint), may_be_old=False)

    def forget(self, refused: Secret) -> None:
        """Drop a token that was refused, unless another call has renewed it by now."""
        if self._token == refused:
            self._token = None

    async def aclose(self) -> None:
        """Close all connections."""
        await self._door.aclose()

    async def _fetch(self, seconds: float, fingerprint: str) -> Secret:
        self._credentials.require("tenant_id", "client_id", "client_secret")
        tenant = self._credentials.get("tenant_id").reveal()
        if not tenant.replace("-", "").replace(".", "").isalnum():
            raise ProviderMisconfigured(
                f"The tenant_id of provider {NAME!r} is none; give its id or domain.", provider=NAME
            )
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.get("client_id").reveal(),
            "client_secret": self._credentials.get("client_secret").reveal(),
            "scope": _SCOPE,
        }
        reply = await self._door.request(
            "POST",
            f"{self._authority}/{tenant}/oauth2/v2.0/token",
            headers={"content-type": "application/x-www-form-urlencoded"},
            content=urlencode(form).encode(),
            timeout_seconds=seconds,
        )
        if reply.status != 200:
            refused = 400 <= reply.status < 500 and reply.status != 429
            kind: FaultKind = "auth" if refused else kind_of_status(reply.status)
            hint = (
                "did not get a token for this service principal; check tenant_id, client_id and client_secret"
                if refused
                else None
            )
            raise fault_of(
                reply.status, reply.headers, provider=NAME, kind=kind, hint=hint, retryable=False if refused else None
            )
        try:
            answer = msgspec.json.decode(reply.body, type=_TokenAnswer)
        except (msgspec.DecodeError, UnicodeError):
            raise fault_of(
                reply.status, reply.headers, provider=NAME, kind="bad_answer", hint="sent no token"
            ) from None
        token = Secret(answer.access_token)
        self._token, self._for = token, fingerprint
        # A token of a short life is still used for half of it.
        life = max(answer.expires_in - _REFRESH_EARLY_SECONDS, answer.expires_in / 2.0)
        self._ends_at = self._clock.monotonic() + life
        return token


class _TokenAnswer(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: float = 3600.0


def kind_of_reply(reply: HTTPReply) -> tuple[FaultKind, str | None]:
    """Return what sort of fault a reply is: of the front end, or of the container behind it."""
    if reply.status == 404:
        return (
            "not_ready",
            "has no such address, or no deployment there takes traffic; check the scoring URI and the traffic rules",
        )
    if reply.status == 424:
        inner = reply.headers.get(_INNER_STATUS, "")
        status = int(inner) if inner.isdecimal() and len(inner) == 3 else 0
        if status in (408, 504):
            return "timeout", None
        if status in (429, 502, 503):
            return "overloaded", None
        shown = f" with status {status}" if status else ""
        return "model_bug", f"says that the scoring script failed{shown}; look at the deployment's log"
    if reply.status == 500 and reply.headers.get("x-ms-run-function-failed", "").lower() == "true":
        return "model_bug", "says that the scoring script failed; look at the deployment's log"
    return kind_of_status(reply.status), None


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _listed(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme == "http" else parts.netloc
