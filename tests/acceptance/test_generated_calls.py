"""Calls that are generated from the published OpenAPI document never meet a failure of the server or an answer outside of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hotcrm_ai import AI, Settings
from hotcrm_ai.assembly.sample import ensure_sample_crm
from hotcrm_ai.entrypoints.http.openapi import build_document
from hotcrm_ai.entrypoints.http.operations import OPERATIONS

CALLS = int(os.environ.get("HOTCRM_AI_GENERATED_CALLS", "400"))
"""How many calls are made in all; `make generated-calls` makes 10,000."""

CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SERVE = "import sys; from hotcrm_ai.entrypoints.http import serve; serve(port=int(sys.argv[1]))"
DOCUMENT = build_document(OPERATIONS)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
NAMES = sorted(
    (operation for operation in OPERATIONS), key=lambda operation: (operation.method == "DELETE", operation.name)
)
MODELS = (
    "lead-scoring-v1",
    "churn-prediction-v1",
    "sentiment-analysis-v1",
    "revenue-forecast-v1",
    "product-recommendation-v1",
)
SCRATCH = ("scratch-1", "scratch-2")
LEADS = ("LD-000001", "LD-000007")
CHANGES = ("PATCH", "DELETE", "POST")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the packaged models, a challenger and a small CRM."""
    home: Path = tmp_path_factory.mktemp("workspace")
    with AI.open_sync(Settings(home=home)) as ai:
        ai.run(ensure_sample_crm, leads=100, accounts=20)
        ai.registry.register({"id": "scratch-1", "status": "active"})
        test = {"champion_model_id": "scratch-1", "traffic_percentage": 50}
        ai.registry.register({"id": "scratch-2", "status": "active", "ab_test": test})
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOTCRM_AI_")}
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "0"],
            env={**environment, "HOTCRM_AI_HOME": str(home), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found is not None
        yield found[0]
        process.terminate()
        process.communicate(timeout=30)


def aimed(case: Any, data: st.DataObject, method: str, path: str) -> None:
    """Point a generated call at something that exists, more often than not, for a random id finds nothing."""
    known = LEADS if path.startswith("/v1/leads") else SCRATCH if method in CHANGES else (*MODELS, *SCRATCH)
    if isinstance(case.path_parameters, dict) and "id" in case.path_parameters and data.draw(st.booleans()):
        case.path_parameters["id"] = data.draw(st.sampled_from(known))
    if isinstance(case.body, dict) and "modelId" in case.body and data.draw(st.booleans()):
        case.body["modelId"] = data.draw(st.sampled_from(MODELS))


def sendable() -> Iterator[Any]:
    """Every operation with valid calls, and with broken ones where there is anything to break."""
    for operation in NAMES:
        yield pytest.param(operation, schemathesis.GenerationMode.POSITIVE, id=operation.name)
        described = DOCUMENT["paths"][operation.path][operation.method.lower()]
        if described["parameters"] or "requestBody" in described:
            yield pytest.param(operation, schemathesis.GenerationMode.NEGATIVE, id=f"{operation.name}-broken")


@pytest.mark.parametrize(("operation", "mode"), list(sendable()))
def test_generated_calls_meet_only_published_answers(server: str, operation: Any, mode: Any) -> None:
    """No 5xx, no status, header or body that the document does not have; with valid calls and with broken ones."""
    found = SCHEMA[operation.path][operation.method]
    share = max(1, CALLS // (2 * len(NAMES)))

    @settings(
        max_examples=share,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=found.as_strategy(generation_mode=mode), data=st.data())
    def call(case: Any, data: st.DataObject) -> None:
        aimed(case, data, operation.method, operation.path)
        case.call_and_validate(base_url=server, checks=CHECKS, timeout=30)

    call()


def test_the_server_is_well_after_all_that(server: str) -> None:
    """It is ready and its registry can be listed."""
    assert httpx.get(f"{server}/readyz").json() == {"status": "ready"}
    assert httpx.get(f"{server}/v1/models").status_code == 200
