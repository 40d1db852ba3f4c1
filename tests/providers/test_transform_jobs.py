"""A table is answered by Batch Transform, once, in order, and also when the process that started it is gone."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from hotcrm_ai import AI, ConfigError, InvalidFeatures, ProviderError, ProviderMisconfigured, Settings
from hotcrm_ai.assembly.jobs import run_job
from hotcrm_ai.entrypoints.cli.predict_file import FileQuestion
from hotcrm_ai.entrypoints.cli.predict_job import predict_by_job
from hotcrm_ai.testing import ModelServer

RECORDS = [{"x": float(number)} for number in range(30)]


def _front():
    path = Path(__file__).with_name("sagemaker_front.py")
    spec = importlib.util.spec_from_file_location("sagemaker_front", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault("sagemaker_front", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


front_module = _front()


@pytest.fixture
async def place(tmp_path, monkeypatch):
    """S3 and SageMaker in memory, a workspace whose model runs there, and the file of a ticket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", front_module.KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", front_module.KEY)
    front = front_module.TransformFront()
    async with (
        ModelServer(front) as server,
        AI.open(Settings(home=tmp_path / "home", provider_hosts=(server.host,))) as ai,
    ):
        await ai.registry.register(
            {
                "id": "remote",
                "status": "active",
                "provider_config": {
                    "provider": "aws-sagemaker",
                    "endpoint": server.url,
                    "config": {
                        "endpoint_name": "leads",
                        "region": front_module.REGION,
                        "job": {"place": "s3://leads-bucket/scores", "model_name": "leads-1"},
                    },
                    "credentials": {
                        "access_key_id": {"env": "AWS_ACCESS_KEY_ID"},
                        "secret_access_key": {"env": "AWS_SECRET_ACCESS_KEY"},
                    },
                },
                "provider": "aws-sagemaker",
                "signature": {"features": [{"name": "x", "type": "number"}]},
                "parameters": {"output": {"as": "probability", "path": "score"}},
            }
        )
        yield front, ai, tmp_path / "ticket.json"


class Interrupted(Exception):
    """Stands for the end of a process."""


async def test_a_killed_process_takes_up_its_job_again(place, monkeypatch):
    """The second run finds the job of the first by its ticket, starts none of its own, and gets the answers in order."""
    front, ai, ticket = place
    provider = ai.providers.for_model(await ai.registry.get_model("remote"))
    submit = provider.submit_job

    async def submit_and_die(*given):
        await submit(*given)
        raise Interrupted

    monkeypatch.setattr(provider, "submit_job", submit_and_die)
    with pytest.raises(Interrupted):
        await run_job(ai, "remote", RECORDS, ticket, poll_seconds=0)
    assert ticket.exists()
    front.finish()
    answers = await run_job(ai, "remote", RECORDS, ticket, poll_seconds=0)
    assert [answer.prediction["probability"] for answer in answers] == [number / 100 for number in range(30)]
    assert front.created == 1


async def test_a_job_says_how_lines_are_split_and_joined(place):
    """Line by line in, line by line out, in the place that was configured."""
    front, ai, _ = place
    model = await ai.registry.get_model("remote")
    provider = ai.providers.for_model(model)
    ticket = provider.ticket(model, RECORDS)
    await provider.submit_job(model, ticket, RECORDS)
    await provider.submit_job(model, ticket, RECORDS)
    asked = front.jobs[ticket.job_id]
    assert front.created == 1
    assert asked["ModelName"] == "leads-1"
    assert asked["TransformInput"]["SplitType"] == "Line"
    assert asked["TransformOutput"]["AssembleWith"] == "Line"
    assert asked["TransformOutput"]["S3OutputPath"] == f"s3://leads-bucket/scores/{ticket.job_id}/out"
    assert front.files[f"/leads-bucket/scores/{ticket.job_id}/in/records"].count(b"\n") == 30


async def test_a_file_is_answered_in_order_with_its_wrong_records(place, tmp_path):
    """The job gets the records that fit; each line of the answers belongs to its record, and a wrong one says why."""
    front, ai, ticket = place
    front.is_quick = True
    (tmp_path / "in.jsonl").write_text('{"x": 40}\n{"x": "many"}\n{"x": 5}\n')
    out = tmp_path / "out.jsonl"
    asked = FileQuestion(model_id="remote", source=tmp_path / "in.jsonl", out=out)
    result = await predict_by_job(ai, asked, ticket, poll_seconds=0)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert (result.rows, result.answered, result.failed) == (3, 2, 1)
    assert [line["row"] for line in lines] == [1, 2, 3]
    assert lines[0]["prediction"] == {"probability": 0.4}
    assert lines[1]["error"]["code"] == "invalid_features"
    assert lines[2]["prediction"] == {"probability": 0.05}


async def test_a_failed_job_is_an_error(place):
    """Nothing is made up for a job that failed; the message names it."""
    front, ai, ticket = place
    front.status = "Failed"
    with pytest.raises(ProviderError, match=r"hotcrm-ai-[0-9a-f]{40}"):
        await run_job(ai, "remote", RECORDS, ticket, poll_seconds=0)


async def test_a_ticket_is_for_its_records_only(place):
    """A ticket of other records is refused, so answers never land beside wrong records."""
    front, ai, ticket = place
    front.status = "Failed"
    with pytest.raises(ProviderError):
        await run_job(ai, "remote", RECORDS, ticket, poll_seconds=0)
    with pytest.raises(ConfigError, match="another job"):
        await run_job(ai, "remote", RECORDS[1:], ticket, poll_seconds=0)


async def test_too_few_answers_are_no_answers(place):
    """A file of answers that lacks one cannot be matched with its records."""
    front, ai, ticket = place
    model = await ai.registry.get_model("remote")
    provider = ai.providers.for_model(model)
    made = provider.ticket(model, RECORDS)
    await provider.submit_job(model, made, RECORDS)
    front.finish()
    path = f"/leads-bucket/scores/{made.job_id}/out/records.out"
    front.files[path] = front.files[path].rpartition(b"\n")[0]
    with pytest.raises(ProviderError, match="29 answers to 30 questions"):
        await run_job(ai, "remote", RECORDS, ticket, poll_seconds=0)


async def test_what_does_not_fit_is_refused_before_anything_is_sent(place):
    """A wrong record, and a model that runs no jobs, cost no upload."""
    front, ai, ticket = place
    with pytest.raises(InvalidFeatures):
        await run_job(ai, "remote", [{"x": "many"}], ticket)
    with pytest.raises(ConfigError, match="runs no jobs"):
        await run_job(ai, "lead-scoring-v1", RECORDS, ticket)
    assert front.files == {}
    assert not ticket.exists()


async def test_jobs_need_a_place():
    """Without a place in S3 the error says what to set."""
    from hotcrm_ai.domain.model import ProviderConfig
    from hotcrm_ai.ports.clock import SystemClock
    from hotcrm_ai.providers import ProviderKit, aws_sagemaker

    kit = ProviderKit(models=None, features={}, clock=SystemClock(), environ={})
    wrong = {"endpoint_name": "leads", "job": {"place": "a-folder", "model_name": "m"}}
    for config, words in (({"endpoint_name": "leads"}, "set job in"), (wrong, "s3://bucket/folder")):
        provider = aws_sagemaker.create(ProviderConfig(provider="aws-sagemaker", config=config), kit)
        with pytest.raises(ProviderMisconfigured, match=words):
            provider.ticket(None, [])
