"""Plants secrets and personal data wherever they may be given, uses the whole product, and finds none where it must not be."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest

from hotcrm_ai import AI, ModelConfig, ProviderConfig, Settings
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.entrypoints.dashboard.pages import discover_pages
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.testing import Heard, ModelServer, Said

SECRETS = {
    "REMOTE_KEY": "sk-live/77b1c2+d3e4f5&a6b7",
    "OPENAI_API_KEY": "sk-openai-planted-0b5cc9d1",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/planted",
    "SLACK_URL": "http://127.0.0.1:9/services/T0/B0/planted-slack-path",
    "SMTP_PASSWORD": 'smtp"pläntëd\\pass',
    "HOOK_SECRET": "whsec_cGxhbnRlZC1ob29rLXNlY3JldC0wMTIzNDU2Nzg5",
}
REDIS_PASSWORD = "redis-planted-4be1"
CRM_PASSWORD = "crm-planted-93aa"
PERSON = "planted.person@example.com"
PHONE = "+49-170-planted-5551"

SINKS = """
[alerts]
every_seconds = 1
[alerts.sinks.channel]
kind = "slack"
url = { env = "SLACK_URL" }
[alerts.sinks.pager]
kind = "webhook"
url = "http://127.0.0.1:9/hooks"
secret = { env = "HOOK_SECRET" }
[alerts.sinks.team]
kind = "email"
host = "127.0.0.1"
port = 9
security = "none"
sender = "ai@example.com"
recipients = ["ops@example.com"]
user = "ai"
password = { env = "SMTP_PASSWORD" }
"""


def forms_of(secret: str) -> set[bytes]:
    """Return a secret as it may stand somewhere: plain, in URLs, in JSON, in Python, in hexadecimal, in Base64 wherever it begins."""
    raw = secret.encode()
    forms = {
        raw,
        raw.hex().encode(),
        quote(secret).encode(),
        quote(secret, safe="").encode(),
        quote_plus(secret).encode(),
    }
    forms |= {
        json.dumps(secret)[1:-1].encode(),
        json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        repr(secret)[1:-1].encode(),
    }
    for shift in range(3):
        standard = base64.b64encode(b"\0" * shift + raw)
        certain = standard[4 if shift else 0 : len(standard) // 4 * 4 - 4]
        forms |= {certain, certain.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def found(secrets: Iterable[str], places: dict[str, bytes]) -> list[str]:
    """Return where a secret is, in whatever form."""
    return [
        f"{secret} in {place}"
        for secret in secrets
        for place, content in places.items()
        if any(form in content for form in forms_of(secret))
    ]


@pytest.mark.parametrize(
    "leaked",
    [
        "x {} y",
        '{{"a": {json}}}',
        "/path?key={url}",
        "Basic {base64}",
        "bytes {hex}",
    ],
)
@pytest.mark.parametrize("secret", [*SECRETS.values(), PERSON])
def test_the_sweep_finds_broken_twins(leaked: str, secret: str) -> None:
    """One leak, in any encoding, in the middle of something harmless, is found; nothing is found where there is none."""
    encoded = base64.b64encode(f"user:{secret}".encode()).decode()
    words = {"json": json.dumps(secret), "url": quote(secret, safe=""), "base64": encoded, "hex": secret.encode().hex()}
    place = leaked.format(secret, **words)
    assert found([secret], {"log": b"before\n" + place.encode() + b"\nafter"}) == [f"{secret} in log"]
    assert found([secret], {"log": b"before and after"}) == []


@dataclass
class Used:
    """A product that was used: what each part of it told, and the secrets that came into being meanwhile."""

    home: Path
    environment: dict[str, str]
    told: dict[str, bytes] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)

    def run(self, *arguments: str) -> str:
        """Run a command and keep what it wrote."""
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from hotcrm_ai.entrypoints.cli import main; main()",
                *arguments,
                "--home",
                str(self.home),
            ],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        self.told[f"command {' '.join(arguments[:3])}"] = (done.stdout + done.stderr).encode()
        return done.stdout


def _remote_model(url: str) -> ModelConfig:
    features = (
        FeatureSpec(name="engagement", type="number"),
        FeatureSpec(name="email", type="text", personal=True),
        FeatureSpec(name="phone", type="category", personal=True),
    )
    config = ProviderConfig(provider="mlflow", endpoint=url, credentials={"api_key": {"env": "REMOTE_KEY"}})
    return ModelConfig(
        id="remote",
        status="active",
        provider="mlflow",
        feature="lead-scoring",
        endpoint=url,
        provider_config=config,
        signature=Signature(features=features),
        parameters={"output": {"as": "probability"}, "background": [{"engagement": 20}, {"engagement": 60}]},
    )


def _echo(heard: Heard) -> Said:
    """Answer, and where the engagement is above 90, refuse like a server that repeats all that it was sent."""
    if heard.path == "/ping":
        return Said(body=b"\n")
    table = heard.json()["dataframe_split"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    if any(row["engagement"] > 90 for row in rows):
        return Said(status=401, body={"refused": heard.headers, "body": heard.body.decode()})
    return Said(body={"predictions": [row["engagement"] / 100 for row in rows]})


@pytest.fixture
async def used(tmp_path: Path, redis_server: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Used]:
    """The server, the commands and the dashboard, used with secrets and personal data in every place that takes them."""
    redis_server.say("CONFIG", "SET", "requirepass", REDIS_PASSWORD)
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text(SINKS)
    async with ModelServer(_echo) as upstream:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
        more = {
            "OMP_NUM_THREADS": "1",
            "REDIS_URL": f"redis://:{REDIS_PASSWORD}@127.0.0.1:{redis_server.port}/0",
            "HOTCRM_AI_CRM_URL": f"postgresql://crm:{CRM_PASSWORD}@127.0.0.1:9/crm",
            "HOTCRM_AI_PROVIDER_HOSTS": upstream.host,
            "HOTCRM_AI_LOG_LEVEL": "debug",
        }
        product = Used(home, {**kept, **more})
        async with AI.open(Settings(home=home, provider_hosts=(upstream.host,))) as ai:
            await ai.registry.register(_remote_model(upstream.url))
            made = [await ai.keys.create(name=scope, scopes=[scope]) for scope in ("admin", "read")]
        product.keys = [one.secret.reveal() for one in made]
        import asyncio

        await asyncio.to_thread(_use, product, redis_server, tmp_path)
        assert any(SECRETS["REMOTE_KEY"] in str(heard.headers) for heard in upstream.heard)
        assert found([PERSON, PHONE], {str(place): heard.body for place, heard in enumerate(upstream.heard)}) == []
        yield product


def _use(product: Used, redis_server: Any, folder: Path) -> None:
    """Use everything, and keep what it told."""
    log = folder / "server.log"
    command = [sys.executable, "-c", "from hotcrm_ai.entrypoints.cli import main; main()", "serve", "--port", "0"]
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*command, "--workers", "2", "--home", str(product.home)],
            env=product.environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address is not None, log.read_text()
        with httpx.Client(base_url=address.group(), timeout=30) as client:
            _call_everything(product, client)
        product.told["processes"] = _command_lines(process.pid)
        redis_server.say("AUTH", REDIS_PASSWORD)
        product.told["redis"] = _dump(redis_server)
    finally:
        process.terminate()
        product.told["standard output"] = process.communicate(timeout=30)[0].encode()
    product.told["log"] = log.read_bytes()
    for arguments in (
        ("doctor",), ("models", "show", "remote", "--json"), ("keys", "list"),
        ("alerts", "test", "channel"), ("alerts", "test", "pager"), ("alerts", "test", "team"),
        ("score", "leads", "--all", "--debug"),
        ("predict", "remote", "--features", json.dumps({"engagement": 95}), "--debug"),
        ("models", "export", "lead-scoring-v1", "--out", str(folder / "model.zip")),
        ("models", "export", "lead-scoring-v1", "--for", "mlflow", "--out", str(folder / "exported")),
    ):  # fmt: skip
        product.run(*arguments)
    with zipfile.ZipFile(folder / "model.zip") as archive:
        product.told["exported file"] = b"".join(archive.read(name) for name in archive.namelist())
    product.told["exported folder"] = b"".join(
        file.read_bytes() for file in (folder / "exported").rglob("*") if file.is_file()
    )
    product.told["workspace"] = b"".join(file.read_bytes() for file in product.home.rglob("*") if file.is_file())


def _call_everything(product: Used, client: httpx.Client) -> None:
    admin = {"authorization": f"Bearer {product.keys[0]}"}
    literal = {"api_key": SECRETS["OPENAI_API_KEY"]}
    person = {"engagement": 40, "email": PERSON, "phone": PHONE}
    bodies: dict[str, Any] = {
        "/v1/predict": {"modelId": "remote", "features": person},
        "/v1/predict?again": {"modelId": "remote", "features": {**person, "engagement": 95}},
        "/v1/predict/batch": {"modelId": "remote", "features": [person, {**person, "engagement": 96}], "onError": "collect"},
        "/v1/what-if": {"modelId": "remote", "features": person, "changeable": ["email"], "goal": 0.9},
        "/v1/explain": {"modelId": "remote", "features": person},
        "/v1/compare": {"modelId": "remote", "features1": {**person, "email": "other"}, "features2": person},
        "/v1/compare?again": {"modelId": "remote", "features1": {**person, "engagement": 97}, "features2": person},
        "/v1/outcomes": {"objectType": "Lead", "objectId": "1", "modelId": "remote", "actual": True},
        "/v1/leads/score": {"ids": ["1"]},
        "/v1/models": {"id": "x", "provider": "openai", "providerConfig": {"provider": "openai", "credentials": literal}},
    }  # fmt: skip
    for path, body in bodies.items():
        for more in ({}, {"idempotency-key": f"swept-{path}"}):
            answer = client.post(path.split("?")[0], json=body, headers={**admin, **more})
            product.told[f"answer of {path} {more}"] = answer.content + str(answer.headers).encode()
    for operation in OPERATIONS:
        if operation.method == "GET":
            answer = client.get(operation.path.replace("{id}", "remote"), headers=admin)
            product.told[f"answer of {operation.path}"] = answer.content + str(answer.headers).encode()
    for headers in (
        {"x-api-key": product.keys[0]},
        {"authorization": f"Basic {product.keys[0]}"},
        {"cookie": f"a={product.keys[0]}"},
    ):
        product.told[f"answer to {sorted(headers)}"] = client.get(
            f"/v1/models/{product.keys[0]}", headers=headers
        ).content
    signed_in = client.post(
        "/sign-in", data={"key": product.keys[1]}, headers={"origin": str(client.base_url).rstrip("/")}
    )
    assert signed_in.status_code == 303
    token = signed_in.headers["set-cookie"].split(";")[0].split("=", 1)[1]
    for page in discover_pages():
        if page.method == "GET":
            path = re.sub(r"\{object_type\}", "Lead", page.path)
            answer = client.get(re.sub(r"\{[^}]*\}", "remote", path))
            product.told[f"page {page.path}"] = answer.content + str(answer.headers).encode()
    product.keys.append(token)


def _secret_part(text: str) -> str:
    """Return what nobody may learn of an API key; the token of a sign-in is that as a whole, whatever characters it is made of."""
    return text.rsplit("_", 1)[-1] if text.startswith("hk_") else text


def _command_lines(pid: int) -> bytes:
    """Return the arguments of a process and of all that it started."""
    lines, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        lines.append(Path(f"/proc/{one}/cmdline").read_bytes())
        waiting += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
    assert len(lines) >= 3
    return b"\n".join(lines)


def _dump(redis_server: Any) -> bytes:
    """Return every key of the Redis server with its value."""
    import redis

    client = redis.Redis(port=redis_server.port, password=REDIS_PASSWORD)
    try:
        content = [key + b" " + (client.dump(key) or b"") for key in client.scan_iter()]
    finally:
        client.close()
    assert content
    return b"\n".join(content)


@pytest.mark.slow  # a server with two workers and a dozen commands, each a process
async def test_no_secret_and_nothing_personal_is_anywhere(used: Used) -> None:
    """Credentials, passwords and keys are nowhere; personal data are neither kept nor told, but to who sent them for that."""
    secrets = [*SECRETS.values(), REDIS_PASSWORD, CRM_PASSWORD, *map(_secret_part, used.keys)]
    assert found(secrets, used.told) == []
    reflects = ("answer of /v1/explain", "answer of /v1/compare", "answer of /v1/what-if")
    assert (
        found([PERSON, PHONE], {place: text for place, text in used.told.items() if not place.startswith(reflects)})
        == []
    )
    log = used.told["log"]
    assert log.count(b"\n") > 50
    assert b"/v1/predict" in log
    assert any(b"postgresql" in text or b"CRM" in text for text in used.told.values())
