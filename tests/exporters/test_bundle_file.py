"""A model's file carries it to another workspace; a file that was altered in any way is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile

import pytest

from hotcrm_ai import AI, ArtifactIntegrity, ConfigError, ModelConflict, Settings, StorageError
from hotcrm_ai.assembly.exporting import export_to_file, import_from_file

MODEL = "lead-scoring-v1"


@pytest.fixture
async def ai(tmp_path):
    """A workspace."""
    async with AI.open(Settings(home=tmp_path / "home")) as opened:
        yield opened


@pytest.fixture
async def parts(ai, tmp_path) -> dict[str, bytes]:
    """The members of the file of the model that comes with the package."""
    await export_to_file(ai, MODEL, tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes], path):
    """Write a file of these members."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


async def test_a_model_comes_in_under_another_id_and_answers_the_same(ai, parts, tmp_path):
    """What was exported is published, registered as testing, and gives the same number once it is active."""
    imported = await import_from_file(ai, tmp_path / "model.zip", model_id="from-elsewhere")
    assert (imported.id, imported.status, imported.provider) == ("from-elsewhere", "testing", "local")
    await ai.registry.update_status("from-elsewhere", "active")
    one, other = [await ai.predict(name, {"budget": 3}) for name in (MODEL, "from-elsewhere")]
    assert one.prediction == other.prediction


async def test_figures_are_those_of_the_bundle(ai, parts, tmp_path):
    """Better metrics, another type or another origin written into the file's configuration are not taken for measured."""
    config = json.loads(parts["model-config.json"])
    config |= {"type": "nlp", "metrics": {"auc": 99.9}, "metricsSource": {"kind": "measured", "rows": 1_000_000}}
    forged = packed({**parts, "model-config.json": json.dumps(config).encode()}, tmp_path / "forged.zip")
    imported, here = await import_from_file(ai, forged, model_id="forged"), await ai.registry.get_model(MODEL)
    assert (imported.type, imported.metrics) == ("classification", here.metrics)
    assert (imported.metrics_source.rows, imported.metrics_source.trained_on) == (here.metrics_source.rows, "sample")


def test_a_full_disk_leaves_no_half_file(tmp_path):
    """What could not be written whole is not there, so that the next attempt finds its name free."""
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from hotcrm_ai import ModelConfig, StorageError\n"
        "from hotcrm_ai.exporters import write_bundle_file\n"
        "members = {f'{n}.json': bytes(range(256)) * 40 for n in range(3)}\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    write_bundle_file(ModelConfig(id='m'), members, Path(sys.argv[1]))\n"
        "except StorageError as problem:\n"
        "    print(problem)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "m.zip")], capture_output=True, text=True, check=True
    ).stdout
    assert "could not be written: File too large" in told
    assert not (tmp_path / "m.zip").exists()


async def test_an_id_that_exists_is_not_replaced(ai, parts, tmp_path):
    """Importing never changes a model that is here."""
    with pytest.raises(ModelConflict, match="another id"):
        await import_from_file(ai, tmp_path / "model.zip")


async def test_a_file_that_exists_is_not_replaced(ai, parts, tmp_path):
    """Exporting never writes over a file."""
    with pytest.raises(ConfigError, match="there already"):
        await export_to_file(ai, MODEL, tmp_path / "model.zip")


async def test_what_belongs_to_the_workspace_stays_there(ai, parts):
    """Neither revision nor A/B test nor addresses go along."""
    config = json.loads(parts["model-config.json"])
    assert config["revision"] == 0
    assert config["status"] == "testing"
    assert [config.get(name) for name in ("abTest", "providerConfig", "endpoint", "fallbackModelId")] == [None] * 4


def altered(parts: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Return the file's members, changed in every way that matters."""
    config = json.loads(parts["model-config.json"])
    swapped = {**parts, "bundle/model.json": parts["bundle/model.json"].replace(b'"intercept":', b'"intercept":1')}
    return {
        "a member altered": swapped,
        "the manifest altered": {**parts, "bundle/manifest.json": parts["bundle/manifest.json"] + b" "},
        "a member missing": {name: part for name, part in parts.items() if name != "bundle/model.json"},
        "a member too many": {**parts, "bundle/more.json": b"{}"},
        "a file outside": {**parts, "../evil": b""},
        "a path outside": {**parts, "bundle/../../evil": b""},
        "no configuration": {name: part for name, part in parts.items() if name != "model-config.json"},
        "an unreadable configuration": {**parts, "model-config.json": b"{"},
        "an unknown key": {**parts, "model-config.json": json.dumps({**config, "hook": "x"}).encode()},
        "another digest": {**parts, "model-config.json": json.dumps({**config, "bundleDigest": "0" * 64}).encode()},
        "no digest": {**parts, "model-config.json": json.dumps({**config, "bundleDigest": None}).encode()},
    }


async def test_an_altered_file_is_refused(ai, parts, tmp_path):
    """Whatever was changed, nothing is published or registered."""
    for number, (what, content) in enumerate(altered(parts).items()):
        path = packed(content, tmp_path / f"{number}.zip")
        with pytest.raises(ArtifactIntegrity):
            await import_from_file(ai, path, model_id="evil")
        assert await ai.registry.get_model("evil") is None, what
    assert not (tmp_path / "evil").exists()


async def test_what_is_no_such_file_is_refused(ai, parts, tmp_path):
    """Garbage, a cut file and an absent one each have their error."""
    whole = (tmp_path / "model.zip").read_bytes()
    spoiled = bytearray(whole)
    spoiled[len(whole) // 2] ^= 0xFF
    for name, content in {"empty": b"", "text": b"hello", "cut": whole[:-100], "spoiled": bytes(spoiled)}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ArtifactIntegrity):
            await import_from_file(ai, tmp_path / name, model_id="evil")
    with pytest.raises(StorageError):
        await import_from_file(ai, tmp_path / "absent", model_id="evil")


async def test_a_file_brings_no_address_and_no_leave_with_it(ai, parts, tmp_path):
    """Nobody signs the configuration: what leads elsewhere, names a credential or joins a test is dropped, and the model is local."""
    remote = {
        "provider": "custom",
        "endpoint": "http://127.0.0.1:9",
        "credentials": {"api_key": {"file": "/etc/passwd"}},
    }
    test = {"championModelId": MODEL, "trafficPercentage": 100, "enabled": True}
    planted = {"status": "active", "provider": "custom", "endpoint": "http://127.0.0.1:9", "fallbackModelId": MODEL}
    config = json.loads(parts["model-config.json"]) | planted | {"providerConfig": remote, "abTest": test}
    path = packed({**parts, "model-config.json": json.dumps(config).encode()}, tmp_path / "planted.zip")
    model = await import_from_file(ai, path, model_id="planted")
    assert (model.status, model.provider) == ("testing", "local")
    assert (model.endpoint, model.provider_config, model.ab_test, model.fallback_model_id) == (None, None, None, None)


async def test_a_bomb_is_not_unpacked(ai, parts, tmp_path):
    """A member that says it is huge is refused by what it says, before it is read."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model-config.json", parts["model-config.json"])
        with archive.open("bundle/model.json", "w", force_zip64=True) as member:
            for _ in range(520):
                member.write(bytes(1024 * 1024))
    (tmp_path / "bomb.zip").write_bytes(content.getvalue())
    with pytest.raises(ArtifactIntegrity, match="no model is so large"):
        await import_from_file(ai, tmp_path / "bomb.zip", model_id="evil")
