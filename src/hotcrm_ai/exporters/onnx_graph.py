"""Builds the ONNX graph of a tabular model: encoder, linear curves, trees and calibration, all in double precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from hotcrm_ai.domain.signature import FeatureSpec
from hotcrm_ai.exporters.request import ExportRequest
from hotcrm_ai.local_models.calibration import MARGIN_LIMIT, Calibration
from hotcrm_ai.local_models.encoding import CategoryEncoding, NumberEncoding, fold
from hotcrm_ai.local_models.tabular import TabularModel
from hotcrm_ai.local_models.trees import TreeEnsemble

_OPSETS: Final = {"": 21, "ai.onnx.ml": 5}
_LEAST_LOG_ODDS: Final = -700.0
_SUM: Final = 1
_AT_MOST: Final = 0
"""ONNX's number for "go left where the value is at most the threshold"."""


class _Graph:
    """The nodes and constants of a graph under construction; its own names begin as no name of ``taken`` does."""

    def __init__(self, taken: Sequence[str]) -> None:
        self._own = "/"
        while any(name.startswith(self._own) for name in taken):
            self._own += "/"
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: dict[str, Any] = {}

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        name = f"{self._own}v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], domain=domain, **attributes))
        return name

    def constant(self, value: Any, kind: npt.DTypeLike = np.float64) -> str:
        """Add a constant and return its name."""
        name = f"{self._own}c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype=kind), name))
        return name


def graph_of(model: TabularModel, request: ExportRequest) -> tuple[bytes, dict[str, str], tuple[str, ...]]:
    """Return the ONNX file, what each of its inputs holds, and the names of its outputs: the chance, and the score where there is one.

    An output that would be called like a feature is called ``predicted_...``, for in a graph every name is of one thing.
    """
    graph = _Graph(model.features)
    matrix, described = _encoder(graph, model, request)
    margin = _margin(graph, model, matrix)
    graph.add("Identity", _link(graph, model.link, margin))
    chance = graph.nodes[-1].output[0] = _free_name("probability", model)
    outputs = [chance]
    if request.feature.scale == "score":
        graph.add("Mul", chance, graph.constant(100.0))
        graph.nodes[-1].output[0] = _free_name("score", model)
        outputs.append(graph.nodes[-1].output[0])
    proto = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "hotcrm_ai",
            list(graph.inputs.values()),
            [helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["records", 1]) for name in outputs],
            initializer=graph.constants,
        ),
        opset_imports=[helper.make_opsetid(domain, number) for domain, number in _OPSETS.items()],
        producer_name="hotcrm-ai",
        ir_version=10,
    )
    helper.set_model_props(proto, {"model_id": request.model_id, "bundle_digest": request.digest})
    onnx.checker.check_model(proto)
    content: bytes = proto.SerializeToString(deterministic=True)
    return content, described, tuple(outputs)


def _free_name(wanted: str, model: TabularModel) -> str:
    while wanted in model.features:
        wanted = f"predicted_{wanted}"
    return wanted


def _encoder(graph: _Graph, model: TabularModel, request: ExportRequest) -> tuple[str, dict[str, str]]:
    blocks: list[str] = []
    described: dict[str, str] = {}
    for name, encoding in zip(model.features, model.encodings, strict=True):
        if not encoding.width:
            continue
        spec = request.manifest.signature.feature(name)
        if isinstance(encoding, CategoryEncoding):
            blocks.append(_category(graph, name, encoding, spec))
            described[name] = "text"
        elif isinstance(encoding, NumberEncoding):
            blocks.append(_number(graph, name))
            described[name] = "double; 0 or 1" if spec is not None and spec.type == "boolean" else "double"
    return graph.add("Concat", *blocks, axis=1), described


def _number(graph: _Graph, name: str) -> str:
    graph.inputs[name] = helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["records", 1])
    return graph.add("Where", graph.add("IsInf", name), graph.constant(np.nan), name)


def _category(graph: _Graph, name: str, encoding: CategoryEncoding, spec: FeatureSpec | None) -> str:
    graph.inputs[name] = helper.make_tensor_value_info(name, TensorProto.STRING, ["records", 1])
    states = {"": len(encoding.keys) + 1, **encoding.states}
    if spec is not None:
        states |= {seen: encoding.state(seen) for seen in spec.categories}
        states |= {text: len(encoding.keys) + 1 for text in spec.missing_texts if fold(text) not in encoding.states}
    state = graph.add(
        "LabelEncoder",
        name,
        domain="ai.onnx.ml",
        keys_strings=list(states),
        values_int64s=list(states.values()),
        default_int64=len(encoding.keys),
    )
    columns = graph.add("Gather", graph.constant(encoding.table), state, axis=0)
    return graph.add("Squeeze", columns, graph.constant([1], np.int64))


def _margin(graph: _Graph, model: TabularModel, matrix: str) -> str:
    parts = graph.add("Add", _curves(graph, model, matrix), graph.constant(model.intercept))
    return graph.add("Add", parts, _trees(graph, model.trees, matrix)) if len(model.trees.roots) else parts


def _curves(graph: _Graph, model: TabularModel, matrix: str) -> str:
    """Each curve is its first height, plus for each straight piece its slope times the way gone on it; beyond the ends it is flat."""
    linear = model.linear
    first_x, first_y, missing = np.zeros(linear.n_columns), np.zeros(linear.n_columns), np.zeros(linear.n_columns)
    columns: list[int] = []
    begins: list[float] = []
    widths: list[float] = []
    slopes: list[float] = []
    for column in range(linear.n_columns):
        start, stop = int(linear.starts[column]), int(linear.starts[column + 1])
        if start == stop:
            continue
        x, y = linear.x[start:stop], linear.y[start:stop]
        first_x[column], first_y[column], missing[column] = x[0], y[0], linear.missing[column]
        columns += [column] * (len(x) - 1)
        begins += x[:-1].tolist()
        widths += np.diff(x).tolist()
        slopes += (np.diff(y) / np.diff(x)).tolist()
    absent = graph.add("IsNaN", matrix)
    gaps = graph.add("Cast", absent, to=TensorProto.DOUBLE)
    base = graph.add("MatMul", gaps, graph.constant((missing - first_y)[:, None]))
    base = graph.add("Add", base, graph.constant(first_y.sum()))
    if not columns:
        return base
    filled = graph.add("Where", absent, graph.constant(first_x), matrix)
    values = graph.add("Gather", filled, graph.constant(columns, np.int64), axis=1)
    gone = graph.add("Max", graph.add("Sub", values, graph.constant(begins)), graph.constant(0.0))
    gone = graph.add("Min", gone, graph.constant(widths))
    return graph.add("Add", base, graph.add("MatMul", gone, graph.constant(np.array(slopes)[:, None])))


def _trees(graph: _Graph, trees: TreeEnsemble, matrix: str) -> str:
    inner = np.flatnonzero(trees.column >= 0)
    lone = [int(root) for root in trees.roots if trees.column[root] < 0]
    leaves = np.flatnonzero(trees.column < 0)
    number = {int(node): place for place, node in enumerate(inner)}
    leaf_number = {int(node): place for place, node in enumerate(leaves)}
    # A tree of one leaf has no test: it gets one whose two sides are that leaf.
    number |= {root: len(inner) + place for place, root in enumerate(lone)}

    def target(node: int) -> tuple[int, int]:
        is_leaf = trees.column[node] < 0
        return (leaf_number[node] if is_leaf else number[node]), int(is_leaf)

    lefts = [target(int(trees.left[node])) for node in inner] + [(leaf_number[root], 1) for root in lone]
    rights = [target(int(trees.right[node])) for node in inner] + [(leaf_number[root], 1) for root in lone]
    count = len(inner) + len(lone)
    splits = np.concatenate([trees.threshold[inner], np.zeros(len(lone))])
    return graph.add(
        "TreeEnsemble",
        matrix,
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function=_SUM,
        post_transform=0,
        tree_roots=[number[int(root)] for root in trees.roots],
        nodes_featureids=[*trees.column[inner].tolist(), *([0] * len(lone))],
        nodes_splits=numpy_helper.from_array(splits.astype(np.float64), "splits"),
        nodes_modes=numpy_helper.from_array(np.full(count, _AT_MOST, dtype=np.uint8), "modes"),
        nodes_missing_value_tracks_true=[*trees.missing_left[inner].astype(int).tolist(), *([0] * len(lone))],
        nodes_truenodeids=[place for place, _ in lefts],
        nodes_trueleafs=[is_leaf for _, is_leaf in lefts],
        nodes_falsenodeids=[place for place, _ in rights],
        nodes_falseleafs=[is_leaf for _, is_leaf in rights],
        leaf_targetids=[0] * len(leaves),
        leaf_weights=numpy_helper.from_array(trees.value[leaves].astype(np.float64), "weights"),
    )


def _link(graph: _Graph, link: Calibration, margin: str) -> str:
    bounded = graph.add("Min", graph.add("Max", margin, graph.constant(-MARGIN_LIMIT)), graph.constant(MARGIN_LIMIT))
    low = graph.add("Mul", _softplus(graph, graph.add("Neg", bounded)), graph.constant(-link.lower))
    high = graph.add("Mul", _softplus(graph, bounded), graph.constant(link.upper))
    log_odds = graph.add("Add", graph.add("Add", low, high), graph.constant(link.shift))
    log_odds = graph.add("Max", log_odds, graph.constant(_LEAST_LOG_ODDS))
    odds = graph.add("Add", graph.add("Exp", graph.add("Neg", log_odds)), graph.constant(1.0))
    return graph.add("Div", graph.constant(1.0), odds)


def _softplus(graph: _Graph, value: str) -> str:
    tail = graph.add("Exp", graph.add("Neg", graph.add("Abs", value)))
    tail = graph.add("Log", graph.add("Add", tail, graph.constant(1.0)))
    return graph.add("Add", graph.add("Max", value, graph.constant(0.0)), tail)
