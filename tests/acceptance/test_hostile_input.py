"""Hostile bodies at every route that takes one: never a 5xx, little CPU, little memory, and the server is as before afterwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.sample import ensure_sample_crm
from hotcrm_ai.entrypoints.dashboard.pages import discover_pages
from hotcrm_ai.entrypoints.http.operations import OPERATIONS

pytestmark = pytest.mark.alone  # it measures time, so nothing else may run beside it

MIB = 1024 * 1024
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
MOST_CPU_MILLISECONDS = 100.0
MOST_MEMORY_MIB = 64.0
ROUTES = {f"{one.method} {one.path}": one for one in OPERATIONS if one.method in ("POST", "PATCH")}
LEAD = {"company_size": 500, "industry": "Technology", "engagement_score": 85}
WHY = {"reason": "to see what happens", "anyway": True}
PLAIN = {
    "POST /v1/predict": {"modelId": "lead-scoring-v1", "features": LEAD},
    "POST /v1/predict/batch": {"modelId": "lead-scoring-v1", "features": [LEAD, LEAD]},
    "POST /v1/explain": {"modelId": "lead-scoring-v1", "features": LEAD},
    "POST /v1/compare": {"modelId": "lead-scoring-v1", "features1": LEAD, "features2": {}},
    "POST /v1/what-if": {"modelId": "lead-scoring-v1", "features": LEAD, "changeable": ["budget"], "goal": "hot"},
    "POST /v1/outcomes": {"predictionId": "never-there", "actual": True},
    "POST /v1/leads/{id}/score": {},
    "POST /v1/leads/score": {"ids": ["never-there"]},
    "POST /v1/opportunities/{id}/score": {},
    "POST /v1/opportunities/score": {"ids": ["never-there"]},
    "POST /v1/accounts/{id}/churn": {},
    "POST /v1/accounts/churn": {"ids": ["never-there"]},
    "POST /v1/emails/{id}/sentiment": {},
    "POST /v1/emails/sentiment": {"ids": ["never-there"]},
    "POST /v1/revenue-series/{id}/forecast": {},
    "POST /v1/revenue-series/forecast": {"ids": ["never-there"]},
    "POST /v1/accounts/{id}/recommendations": {},
    "POST /v1/accounts/recommendations": {"ids": ["never-there"]},
    "POST /v1/models": {"id": "hostile", "version": "1"},
    "PATCH /v1/models/{id}": {"description": "none"},
    "POST /v1/models/{id}/promote": WHY,
    "POST /v1/models/{id}/rollback": WHY | {"revision": 1},
    "POST /v1/experiments/{id}/promote": WHY,
    "POST /v1/experiments/{id}/stop": WHY,
}
"""A plain body for every route, whose values are replaced by hostile ones; whoever adds a route adds its body here."""

VALUES = {
    "not a number": "NaN",
    "beyond all numbers": "1e400",
    "largest number": "1.7976931348623157e308",
    "smallest number": "4.9e-324",
    "minus nought": "-0.0",
    "64 bits": "18446744073709551616",
    "400 digits": "9" * 400,
    "5,000 digits": "9" * 5_000,
    "33 levels": "[" * 33 + "]" * 33,
    "10,000 levels": "[" * 10_000 + "]" * 10_000,
    "controls": r'"\u0000\u001b[2J\r\n\u007f\u0085\u2028"',
    "bidirectional": r'"\u202e\u2066exe.fdp\u2069"',
    "half a surrogate": r'"\ud800"',
    "markup": '"<script>alert(1)</script>{{7*7}}${7*7}"',
    "formula": '"=1+1|cmd"',
    "query": '"\'; DROP TABLE ai_prediction; --"',
    "path": '"../../../../etc/passwd"',
    "long text": '"' + "a" * 70_000 + '"',
    "many values": "[" + "1," * 40_000 + "1]",
    "prototype": '{"__proto__":{"x":1},"constructor":1,"__class__":1}',
    "many names": "{" + ",".join(f'"n{n}":1' for n in range(2_000)) + "}",
    "name twice": '{"a":1,"a":2}',
    "both spellings": '{"objectType":"a","object_type":"b"}',
    "null": "null",
    "true": "true",
    "nothing": '""',
}
WHOLE = {
    "empty": b"",
    "cut off": b'{"modelId":"lead',
    "no utf-8": b'{"modelId":"\xff\xfe"}',
    "utf-16": '{"modelId":"x"}'.encode("utf-16"),
    "mebibyte of brackets": b"[" * (MIB - 1),
    "mebibyte of tiny lists": b'{"features":[' + b"[]," * (MIB // 3 - 10) + b"[]]}",
    "mebibyte of slow numbers": b'{"features":[' + b"1.7976931348623157e308," * (MIB // 23 - 10) + b"1]}",
    "one byte too many": b" " * (MIB + 1),
}


class Watched:
    """A server process, its address, and what it used."""

    def __init__(self, home: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
        command = [sys.executable, "-c", "from hotcrm_ai.entrypoints.cli import main; main()", "serve", "--port", "0"]
        self.log = home / "server.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--home", str(home)],
                env={**kept, "OMP_NUM_THREADS": "1"},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", self.process.stdout.readline())
        assert found is not None, self.log.read_text()
        self.url = found.group()
        self.client = httpx.Client(base_url=self.url, timeout=30)

    def cpu_milliseconds(self) -> float:
        """CPU time of all threads so far."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e6

    def memory_mib(self, name: str) -> float:
        """Memory in use (``VmRSS``), or at its peak (``VmHWM``)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
        assert found is not None
        return int(found[1]) / 1024

    def forget_peak(self) -> None:
        """Let the peak of memory begin anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def stop(self) -> str:
        """Stop the process and return its log."""
        self.client.close()
        self.process.terminate()
        self.process.communicate(timeout=30)
        return self.log.read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A server with a small sample CRM; what it does at a first request is done, and its log has to stay free of unexpected errors."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    with AI.open_sync(Settings(home=home)) as ai:
        ai.run(ensure_sample_crm, leads=60, accounts=20)
    watched = Watched(home)
    for name, body in PLAIN.items():
        watched.client.request(*at(name), json=body)
    yield watched
    assert "unexpected error" not in watched.stop()


def at(name: str) -> tuple[str, str]:
    """Return method and path of a route, with an id that fits nothing."""
    method, path = name.split(" ")
    return method, path.replace("{id}", "never-there")


def hostile_bodies(plain: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    """Yield bodies: hostile as a whole, and with each value of the plain body, also those further in, replaced by a hostile one."""
    yield from WHOLE.items()
    marked: list[str] = []
    for field, value in plain.items():
        marked.append(json.dumps({**plain, field: "@@"}))
        inner = value[0] if isinstance(value, list) and isinstance(value[0], dict) else value
        for name in inner if isinstance(inner, dict) else ():
            changed: object = {**inner, name: "@@"}
            marked.append(json.dumps({**plain, field: [changed] if isinstance(value, list) else changed}))
    marked.append(json.dumps({**plain, "context": {"userId": "@@"}}))
    for text in marked:
        for what, hostile in VALUES.items():
            yield f"{what} in {text[:90]}", text.replace('"@@"', hostile).encode()


def test_every_route_that_takes_a_body_is_in_the_corpus() -> None:
    """A route that is added is added here."""
    assert set(PLAIN) == set(ROUTES)


@pytest.mark.slow  # some two hundred requests for each of thirteen routes, to a server of its own
@pytest.mark.parametrize("name", list(PLAIN))
def test_no_body_harms_a_server(server: Watched, name: str) -> None:
    """Each is answered with a 2xx or 4xx within 100 ms of CPU; all together take no more than 64 MiB of memory."""
    server.forget_peak()
    before = server.memory_mib("VmRSS")
    complaints = []
    for what, body in hostile_bodies(PLAIN[name]):
        spent = server.cpu_milliseconds()
        answer = server.client.request(*at(name), content=body, headers=JSON)
        spent = server.cpu_milliseconds() - spent
        if answer.status_code >= 500 or (spent > MOST_CPU_MILLISECONDS and answer.status_code >= 400):
            complaints.append(f"{what}: {answer.status_code} {answer.text[:200]}, {spent:.0f} ms")
    assert complaints == []
    assert server.memory_mib("VmHWM") - before < MOST_MEMORY_MIB


@pytest.mark.parametrize(
    "headers", [{"idempotency-key": "k" * 256}, {"idempotency-key": "\x07"}, {"if-match": '"' * 900}]
)
def test_no_header_harms_a_server(server: Watched, headers: dict[str, str]) -> None:
    """Headers that no client would send are answered as the mistakes that they are."""
    for name in PLAIN:
        answer = server.client.request(*at(name), json=PLAIN[name], headers=headers)
        assert answer.status_code < 500, (name, answer.text)


FORMS = {
    "no utf-8": b"theme=%ff%fe&back=%ff&key=%ff",
    "many fields": b"&".join(b"f%d=1" % n for n in range(5_000)),
    "too long": b"key=" + b"k" * 70_000,
    "controls": b"theme=%00%0d%0aSet-Cookie:x&back=/%0d%0aSet-Cookie:x&key=%00",
    "markup": b"theme=%3Cscript%3E&back=javascript:alert(1)&key=%3Cscript%3Ealert(1)%3C/script%3E",
    "elsewhere": b"back=//evil.example&theme=dark&key=x",
    "high bytes": b"theme=\xe4\xff",
}


@pytest.mark.parametrize(
    "page", [page for page in discover_pages() if page.method == "POST"], ids=lambda page: page.path
)
def test_no_form_harms_a_server(server: Watched, page: object) -> None:
    """Each form of the dashboard answers hostile fields without a 5xx, leads to no other site and sets no cookie of theirs."""
    path = re.sub(r"\{[^}]*\}", "never-there", page.path)  # type: ignore[attr-defined]
    for what, body in FORMS.items():
        spent = server.cpu_milliseconds()
        answer = server.client.post(path, content=body, headers={**FORM, "origin": server.url})
        assert answer.status_code < 500, (what, answer.text)
        assert server.cpu_milliseconds() - spent < MOST_CPU_MILLISECONDS, what
        assert "evil" not in answer.headers.get("location", ""), what
        assert "set-cookie:x" not in str(answer.headers).lower().replace(" ", ""), what
        assert "<script>alert" not in answer.text, what


def test_a_plain_request_is_answered_afterwards(server: Watched) -> None:
    """After all of it the server is ready and predicts."""
    assert server.client.get("/readyz").status_code == 200
    assert server.cpu_milliseconds() > 100  # what the bounds are measured with does measure
    answer = server.client.post("/v1/predict", json=PLAIN["POST /v1/predict"])
    assert answer.status_code == 200
    assert 0 <= answer.json()["prediction"]["score"] <= 100
