"""An exported folder is complete or absent, carries only code that it needs, and refuses what a target cannot express."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from hotcrm_ai import ArtifactIntegrity, ConfigError
from hotcrm_ai.ai_features import discover_ai_features
from hotcrm_ai.assembly.preregistered import PACKAGED_MODELS
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.exporters import TARGETS, export_folder
from hotcrm_ai.exporters.own_code import own_code
from hotcrm_ai.local_models.calibration import Calibration
from hotcrm_ai.local_models.encoding import NumberEncoding, TextEncoding
from hotcrm_ai.local_models.linear import LinearPart
from hotcrm_ai.local_models.manifest import Manifest, bundle_digest, pack_bundle
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.local_models.trees import TreeEnsemble

LEAD_SCORING = discover_ai_features()["lead-scoring"]
ANSWER = (
    "import json, sys; from pathlib import Path; from hotcrm_ai.entrypoints.exported.predictor import ExportedModel"
)


@pytest.fixture(scope="module")
def bundle() -> tuple[dict[str, bytes], str]:
    """The bundle of the lead scoring that comes with the package."""
    listed = json.loads((PACKAGED_MODELS / "index.json").read_text())
    digest = next(model["digest"] for model in listed if model["id"] == "lead-scoring-v1")
    return {path.name: path.read_bytes() for path in (PACKAGED_MODELS / digest).iterdir()}, digest


def linear_model(encodings: dict[str, NumberEncoding | TextEncoding]) -> dict[str, bytes]:
    """Return a bundle of a model without trees, whose first column has one straight curve from 0 at 0 to 2 at 10, and -1 where missing."""
    width = sum(encoding.width for encoding in encodings.values())
    model = TabularModel(
        features=tuple(encodings),
        encodings=tuple(encodings.values()),
        intercept=0.5,
        linear=LinearPart(
            starts=np.array([0] + [2] * width, dtype=np.int32),
            x=np.array([0.0, 10.0]),
            y=np.array([0.0, 2.0]),
            missing=np.array([-1.0] + [0.0] * (width - 1)),
        ),
        trees=TreeEnsemble.empty(),
        link=Calibration(),
        background=np.zeros((1, width)),
    )
    kinds = {"NumberEncoding": "number", "TextEncoding": "text"}
    specs = tuple(FeatureSpec(name=name, type=kinds[type(one).__name__]) for name, one in encodings.items())
    manifest = Manifest(
        feature="lead-scoring",
        model_type="classification",
        signature=Signature(features=specs),
        bands={"hot": 0.6, "warm": 0.3},
        metrics={},
        origin={},
    )
    return pack_bundle(manifest, {"model.json": model.to_json()})


def export(members, digest, target, out):
    return export_folder(members, digest, LEAD_SCORING, model_id="lead-scoring-v1", target=target, out=out)


@pytest.mark.parametrize("target", ["sagemaker", "azure-ml", "mlflow"])
def test_a_folder_answers_without_the_package(bundle, target, tmp_path):
    """In a process that sees only the folder and two packages, the folder's own code answers."""
    folder = tmp_path / "out"
    export(*bundle, target, folder)
    code = folder / "code" if target == "mlflow" else folder
    check = f"{ANSWER}; import hotcrm_ai; assert hotcrm_ai.__file__.startswith({str(code)!r}); "
    check += f"print(json.dumps(ExportedModel.open(Path({str(folder / 'bundle')!r})).answer([{{'budget': 3}}])))"
    ran = subprocess.run([sys.executable, "-c", check], cwd=code, capture_output=True, check=True)
    answer = json.loads(ran.stdout)[0]["prediction"]
    assert answer["score"] == 100 * answer["probability"]
    wanted = [line.split("==")[0] for line in (folder / "requirements.txt").read_text().splitlines()]
    assert wanted[:2] == ["msgspec", "numpy"]


def test_only_needed_code_is_carried(bundle, tmp_path):
    """No storage, provider or entrypoint of the workspace goes along."""
    files = export(*bundle, "sagemaker", tmp_path / "out").files
    rooms = {name.split("/")[1] for name in files if name.startswith("hotcrm_ai/") and name.count("/") > 1}
    assert rooms == {"ai_features", "domain", "entrypoints", "local_models", "ports"}
    assert not [name for name in files if "entrypoints/cli" in name or "entrypoints/http" in name]


def test_code_for_type_checkers_is_left_out():
    """Imports of others are named once, those of the standard library not at all."""
    files, others = own_code(["hotcrm_ai.entrypoints.exported.container"])
    assert "hotcrm_ai/settings/settings.py" not in files
    assert others == ("msgspec", "numpy")


def test_a_folder_in_use_is_left_alone(bundle, tmp_path):
    """What is there already is never overwritten, and an unknown target or a failure leaves nothing behind."""
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(ConfigError, match="not an empty folder"):
        export(*bundle, "mlflow", tmp_path)
    with pytest.raises(ConfigError, match="known are sagemaker, azure-ml, mlflow, onnx"):
        export(*bundle, "somewhere", tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]


@pytest.mark.parametrize("target", TARGETS)
def test_an_altered_bundle_is_not_exported(bundle, target, tmp_path):
    """The bundle is checked before anything is written."""
    members, digest = bundle
    with pytest.raises(ArtifactIntegrity):
        export({**members, "model.json": members["model.json"] + b" "}, digest, target, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_onnx_says_what_it_cannot_express(tmp_path):
    """A model that reads words is refused, naming the feature and the way out."""
    members = linear_model({"note": TextEncoding(tokens=("demo",))})
    with pytest.raises(ConfigError, match=r"texts or dates \(note\).*mlflow"):
        export(members, bundle_digest(members), "onnx", tmp_path / "out")


def test_the_onnx_graph_computes_the_curve(tmp_path):
    """By hand: beyond its ends the curve is flat, half way up it is 1, and missing or infinite counts as missing."""
    evaluator = pytest.importorskip("onnx.reference").ReferenceEvaluator
    members = linear_model({"x": NumberEncoding()})
    export(members, bundle_digest(members), "onnx", tmp_path / "out")
    values = np.array([[-5.0], [0.0], [5.0], [10.0], [99.0], [np.nan], [np.inf]])
    probability, score = evaluator(str(tmp_path / "out" / "model.onnx")).run(None, {"x": values})
    margins = np.array([0.5, 0.5, 1.5, 2.5, 2.5, -0.5, -0.5])
    np.testing.assert_allclose(probability[:, 0], 1 / (1 + np.exp(-margins)), rtol=1e-12)
    np.testing.assert_allclose(score, 100 * probability)


@pytest.mark.parametrize("name", ["score", "probability", "v0", "c1", "/v0"])
def test_an_onnx_graph_takes_features_of_any_name(name, tmp_path):
    """A column called like an answer or an inner value of the graph is an input like others; the answer has another name then."""
    evaluator = pytest.importorskip("onnx.reference").ReferenceEvaluator
    members = linear_model({name: NumberEncoding()})
    export(members, bundle_digest(members), "onnx", tmp_path / "out")
    graph = evaluator(str(tmp_path / "out" / "model.onnx"))
    called = [f"predicted_{one}" if one == name else one for one in ("probability", "score")]
    assert (graph.input_names, graph.output_names) == ([name], called)
    probability, _ = graph.run(None, {name: np.array([[5.0]])})
    np.testing.assert_allclose(probability[:, 0], 1 / (1 + np.exp(-1.5)), rtol=1e-12)
    readme = (tmp_path / "out" / "README.md").read_text()
    assert all(f"`{one}` is" in readme for one in called)


def test_equal_models_give_equal_folders(bundle, tmp_path):
    """Exporting twice gives the same bytes, ONNX included."""
    for target in TARGETS:
        one = export(*bundle, target, tmp_path / f"{target}-1")
        export(*bundle, target, tmp_path / f"{target}-2")
        for name in one.files:
            first, second = (Path(tmp_path, f"{target}-{number}", name).read_bytes() for number in (1, 2))
            assert first == second, name


def test_what_was_written_is_told(bundle, tmp_path):
    """The result names every file and the bytes of all of them."""
    folder = export(*bundle, "azure-ml", tmp_path / "out")
    found = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert sorted(folder.files) == sorted(str(path.relative_to(tmp_path / "out")) for path in found)
    assert folder.bytes_written == sum(path.stat().st_size for path in found)
    assert msgspec.json.decode(msgspec.json.encode(folder))["bundleDigest"] == bundle[1]
