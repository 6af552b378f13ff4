"""The end of a network: from the numbers that come out of it to probabilities or values.

softmax   logits [N, C] of C labels: p_i = exp(x_i) / sum_j exp(x_j)
sigmoid   a logit [N, 1] of the second of two labels: p = 1 / (1 + exp(-x)), and 1 - p of the first
none      probabilities [N, C], that of the second of two labels [N, 1], or values [N, 1]

Which of them it is, is not guessed: numbers that look like probabilities on every row are taken as
such, and of all others a person says what they are.

catalogue  act-softmax act-sigmoid
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from mulle.arrays import Array
from mulle.errors import UsageError
from mulle.graph import g

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

SUM_TOLERANCE = 1e-3  # of probabilities in float32 or less, from 1
_PASSING = {"Cast", "Identity", "Reshape", "Squeeze", "Flatten", "Unsqueeze"}
_PICKING = {"ArrayFeatureExtractor": 1, "Gather": 1, "LabelEncoder": 0}
_SIGMOIDS, _SOFTMAXES = {"Sigmoid", "HardSigmoid"}, {"Softmax"}
_WITHIN_NODE = {"LinearClassifier", "TreeEnsembleClassifier", "SVMClassifier", "Normalizer"}


class Activation(StrEnum):
    """What makes probabilities of the numbers that come out of a network."""

    softmax = "softmax"
    sigmoid = "sigmoid"
    none = "none"


def cut_heads(model: ModelProto) -> dict[str, str]:
    """Return for outputs that only name the largest number, or put names to numbers, the numbers.

    Returns:
        By name of the output, the name of the tensor [N, C] that it is made from.
    """
    makers = {name: node for node in model.graph.node for name in node.output}
    found = {}
    for output in model.graph.output:
        node = makers.get(output.name)
        while node is not None and node.op_type in {*_PASSING, *_PICKING}:
            node = makers.get(node.input[_PICKING.get(node.op_type, 0)])
        if node is not None and node.op_type in {"ArgMax", "ZipMap"}:
            found[output.name] = node.input[0]
    return found


def last_operator(model: ModelProto) -> str:
    """Return the operator that computes the one output of a graph, past those that only reshape."""
    makers = {name: node for node in model.graph.node for name in node.output}
    node: NodeProto | None = makers.get(model.graph.output[0].name)
    while node is not None and node.op_type in _PASSING:
        node = makers.get(node.input[0])
    return "" if node is None else str(node.op_type)


def choose_activation(
    given: Activation | None, raw: Array, labels: int, last: str, where: str = ""
) -> Activation:
    """Return what makes probabilities (or values) of a network's numbers.

    Args:
        given: what a person says; None for nothing.
        raw: numbers [N, M] of the network for some rows.
        labels: how many there are; 0 where values are predicted.
        last: from `last_operator`; "" where it is not known.
        where: the network, for errors.

    Raises:
        UsageError: it is not plain to see, does not fit, or would be applied twice.
    """
    width = raw.shape[1]
    if not labels:
        return _of_values(given, width, where)
    if width != labels and not (width == 1 and labels == 2):
        raise UsageError("network-labels", where=where, labels=labels, width=width)
    span = {"least": float(raw.min()), "most": float(raw.max())}
    seen = _are_probabilities(raw)
    sure = seen and (width > 1 or last in _SIGMOIDS or last in _WITHIN_NODE)
    if given is None:
        if not sure:
            code = "network-activation-one" if width == 1 else "network-activation"
            raise UsageError(code, where=where, width=width, **span)
        return Activation.none
    if given is Activation.none and not seen:
        raise UsageError("network-no-probabilities", where=where, width=width, **span)
    if given is Activation.sigmoid and width > 1:
        raise UsageError("network-sigmoid-many", where=where, width=width)
    if given is Activation.softmax and width == 1:
        raise UsageError("network-softmax-one", where=where)
    if given is not Activation.none and (sure or last in _SIGMOIDS | _SOFTMAXES):
        raise UsageError("network-activation-twice", where=where, given=given.value)
    return given


def _of_values(given: Activation | None, width: int, where: str) -> Activation:
    if width != 1:
        raise UsageError("network-values", where=where, width=width)
    if given not in (None, Activation.none):
        raise UsageError("network-activation-values", where=where, given=str(given))
    return Activation.none


def _are_probabilities(raw: Array) -> bool:
    """Tell whether all rows are probabilities: of all classes, or of one."""
    if not (np.isfinite(raw).all() and (raw >= 0).all() and (raw <= 1 + SUM_TOLERANCE).all()):
        return False
    return raw.shape[1] == 1 or bool((np.abs(raw.sum(axis=1) - 1) <= SUM_TOLERANCE).all())


def finish(raw: Array, activation: Activation, labels: int) -> Array:
    """Return probabilities [N, C] or values [N] in float64, from numbers [N, M], with NumPy."""
    x = raw.astype(np.float64)
    if activation is Activation.softmax:
        with np.errstate(invalid="ignore"):
            powers = np.exp(x - x.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    if activation is Activation.sigmoid:
        small = np.exp(-np.abs(x))  # of the sign that cannot overflow
        x = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    if not labels:
        return np.asarray(x[:, 0])
    return np.concatenate([1.0 - x, x], axis=1) if x.shape[1] == 1 else x


def finish_onnx(raw: Any, activation: Activation, labels: int, width: int) -> Any:
    """Return the same as a graph variable, values as [N, 1]."""
    x = g.reshape(raw, g.constant_of(np.array([-1, width], np.int64)))
    x = g.cast(x, to=np.float64)
    if activation is Activation.softmax:
        return g.softmax(x, axis=1)
    if activation is Activation.sigmoid:
        x = g.sigmoid(x)
    if labels and width == 1:
        return g.concat([g.sub(g.constant_of(np.float64(1.0)), x), x], axis=1)
    return x
