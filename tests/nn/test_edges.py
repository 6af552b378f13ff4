"""Every operation at the edge: zeros of both signs, subnormal, far tails, ties, infinities, nan.

Generated from the registry: in each sample of an operation, each float input gets an edge at one
entry and at all of them; value and gradients must be PyTorch's, nan included. What differs on
purpose stands in `DELIBERATE`, with its reason.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pytest
from tests.nn.test_operations import compute, directions, gradients, in_torch, samples

from mulle.errors import MulleError
from mulle.nn import Tensor
from mulle.nn.operation import Operation, Sample
from mulle.nn.ops import OPS

MOST_SAMPLES = int(os.environ.get("MULLE_EDGE_SAMPLES", "4"))  # of each operation, the first ones
ROUNDING = {np.float32: 1e-4, np.float64: 1e-8}

#: What is not PyTorch's on purpose: the operation, `input=edge type`, and the reason.
DELIBERATE = {
    "gelu": (["x=inf float32", "x=largest float32"], "its kernel overflows; the limit is x"),
    "hardswish": (["x=largest *"], "it overflows in x (x + 3); the limit is x"),
    "softsign": (["* float32", "x=*inf *", "x=*far *"], "it rounds x / (1 + |x|) at each step"),
    "power": (["x=-0 *", "x=-inf *"], "it takes rsqrt for x^-0.5; C's pow forgets the sign of 0"),
    "dropout": (["x=*inf *", "x=nan *"], "its twin here is a choice, not a product"),
    "prelu": (["weight=*inf *", "weight=nan *"], "no choice by signs, which is slow: 0 inf is nan"),
    "gru": (
        ["*=*inf *", "*=nan *"],
        "parts that see only x or only h have weights 0: 0 inf is nan",
    ),
    "group_norm": (["x=tail float32", "x=right float32"], "its mean of equal numbers is rounded"),
    "hierarchical_softmax": (["sign=*"], "the signs of a tree are -1, 0 and 1"),
    **{
        name: (["*=*inf *", "*=nan *"], "cells of the border are multiplied too: 0 inf is nan")
        for name in ("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d")
    },
    "gaussian_kl": (["mean=nan *", "log_var=-inf *", "log_var=nan *"], "its Normal refuses them"),
    "batch_norm": (
        ["x=tail float32", "x=right float32", "rows=*"],
        "its mean of equal numbers is rounded; there are no statistics of no rows",
    ),
    "cross_entropy": (["weight=*0 *", "weight=*inf *", "weight=nan *"], "no weight of a class"),
    "unbind": (["rows=*"], "nothing comes out"),
    "rnn": (["w_hh=inf *"], "inf - inf is added up in another order"),
    **{
        name: (["target=*"], "targets that are no probabilities, or no signs, are refused")
        for name in (
            "binary_cross_entropy_with_logits",
            "soft_cross_entropy",
            "kl_div",
            "hinge_loss",
        )
    },
}
ROUGH = {"gelu": 1e-3}  # PyTorch's float32 kernel is that far from the formula in its tail
DRAWN = {"dropout": 1, "alpha_dropout": 1, "rrelu": 1}  # inputs that layers draw: no edges


def edges(dtype: type, *, local: bool) -> dict[str, float]:
    """Edges by name; those at which sums and products overflow are for operations on entries."""
    info = np.finfo(dtype)
    found = {
        "0": 0.0, "-0": -0.0, "1": 1.0, "-1": -1.0, "tail": -20.0, "right": 20.0,
        "inf": np.inf, "-inf": -np.inf, "nan": np.nan,
    }  # fmt: skip
    if local:
        found |= {
            "subnormal": float(info.smallest_subnormal), "normal": float(info.tiny),
            "-subnormal": -float(info.smallest_subnormal), "largest": float(info.max),
            "lowest": float(info.min), "far tail": -80.0, "far right": 80.0,
            "far": 1e4, "-far": -1e4,
        }  # fmt: skip
    return found


def acts_on_entries(op: Operation) -> bool:
    """Whether each entry of the output depends on one entry of each input."""
    reducing = {"sum", "mean", "max", "softmax", "log_softmax", "matmul", "embedding"}
    return op.name not in reducing and all(a.dims == ("*",) for a in op.contract.inputs)


def at_the_edge(op: Operation, dtype: type) -> Iterator[tuple[str, str, Sample]]:
    """The samples with an edge in each of their float inputs: its name, the input's, the sample."""
    usual = [s for s in samples(op.name, dtype) if not s.refused][:MOST_SAMPLES]
    names = [a.name for a in op.contract.inputs]
    for sample in usual:
        yield "empty", "rows", without_rows(op, sample)
        for i, x in enumerate(sample.inputs):
            if not isinstance(x, np.ndarray) or x.dtype.kind != "f" or not x.size:
                continue
            if DRAWN.get(op.name) == i:
                continue
            for edge, value in edges(dtype, local=acts_on_entries(op)).items():
                for place in (slice(x.size // 2, x.size // 2 + 1), slice(None)):
                    changed = x.copy()
                    changed.reshape(-1)[place] = value
                    inputs = (*sample.inputs[:i], changed, *sample.inputs[i + 1 :])
                    yield edge, names[min(i, len(names) - 1)], sample._replace(inputs=inputs)


def without_rows(op: Operation, sample: Sample) -> Sample:
    """The sample with no rows, in all inputs that have as many as the first."""
    rows = {len(x) for x in sample.inputs if isinstance(x, np.ndarray) and x.ndim}
    first = max(rows, key=lambda n: sum(np.shape(x)[:1] == (n,) for x in sample.inputs))
    cut = [
        x[:0] if a.dims[:1] in {("n",), ("...",), ("*",)} and np.shape(x)[:1] == (first,) else x
        for a, x in zip(op.contract.inputs * len(sample.inputs), sample.inputs, strict=False)
    ]
    return sample._replace(inputs=tuple(cut))


def ours(op: Operation, sample: Sample) -> tuple[list[Any], list[Any]] | None:
    """Values and gradients; None where the sample is refused."""
    try:
        inputs, _ = gradients(op, sample)
        _, ys = compute(op, sample)
    except MulleError:
        return None
    learned = [x.grad for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    return [y.data for y in ys], learned


def theirs(torch: Any, op: Operation, sample: Sample) -> tuple[list[Any], list[Any]] | None:
    """The same of PyTorch."""
    try:
        peers, ys = in_torch(torch, op, sample)
    except (RuntimeError, ValueError, IndexError):
        return None
    towards = directions(tuple(y.detach().numpy() for y in ys))
    used = [(y, d) for y, d in zip(ys, towards, strict=True) if y.requires_grad]
    torch.autograd.backward([y for y, _ in used], [torch.tensor(d) for _, d in used])
    learned = [x for x in peers if hasattr(x, "grad") and x.requires_grad]
    grads = [torch.zeros_like(x) if x.grad is None else x.grad for x in learned]
    return [y.detach().numpy() for y in ys], [g.numpy() for g in grads]


def agree(op: Operation, found: np.ndarray, wanted: np.ndarray, inputs: tuple[Any, ...]) -> bool:
    """Equal up to rounding; what is not finite is equal too, or in sums not finite in both."""
    near, info = ROUNDING[wanted.dtype.type], np.finfo(wanted.dtype)
    if info.dtype == np.float32:
        near = max(near, ROUGH.get(op.name, 0))
    if acts_on_entries(op):  # relative, down to a few of the smallest numbers
        return np.allclose(found, wanted, near, 4 * float(info.smallest_subnormal), equal_nan=True)
    finite = np.isfinite(wanted)
    if not np.array_equal(finite, np.isfinite(found)):
        return False
    floats = [x for x in (wanted, *inputs) if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
    scale = max(float(np.abs(x[np.isfinite(x)]).max(initial=1.0)) for x in floats)
    return np.allclose(found[finite], wanted[finite], near, near * scale * 1e-1)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", OPS)
def test_edges_are_those_of_pytorch(name: str, dtype: type) -> None:
    torch = pytest.importorskip("torch")
    op, wrong = OPS[name], []
    excused, _ = DELIBERATE.get(name, ((), ""))
    for edge, where, sample in at_the_edge(op, dtype):
        if any(fnmatchcase(f"{where}={edge} {dtype.__name__}", pattern) for pattern in excused):
            continue
        with np.errstate(all="ignore"):
            mine, peer = ours(op, sample), theirs(torch, op, sample)
        if (mine is None) != (peer is None):
            wrong.append(f"{where}={edge}: only {'PyTorch' if peer is None else 'we'} refuse")
            continue
        if mine is None or peer is None:
            continue
        for kind, a, b in zip(("value", "gradient"), mine, peer, strict=True):
            for k, (found, wanted) in enumerate(zip(a, b, strict=True)):
                if not agree(op, found, wanted, sample.inputs):
                    told = f"{found.ravel()[:6]}, not {wanted.ravel()[:6]}"
                    wrong.append(f"{where}={edge} {sample.attrs} {kind} {k}: {told}")
    assert not wrong, "\n".join(wrong)
