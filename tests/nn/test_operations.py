"""Every operation: NumPy = PyTorch = ONNX, its gradient = autograd's = finite differences.

Generated from the registry: what is in `mulle.nn.ops` is tested on all its samples.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest

from mulle.errors import BundleError, MulleError
from mulle.nn import Tensor
from mulle.nn.operation import Draw, Operation, Sample
from mulle.nn.ops import OPS

TOLERANCE = {
    "torch": {np.float32: 2e-5, np.float64: 1e-10},
    "onnx": {np.float32: 1e-5, np.float64: 1e-9},
}
STEP = 1e-6


def tolerance(op: Operation, kind: str, dtype: type) -> float:
    """The usual one; an operation may ask for more, with a reason."""
    return max(TOLERANCE[kind][dtype], op.tolerance.get(kind, 0.0))


def samples(name: str, dtype: type) -> list[Sample]:
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return list(OPS[name].module.samples(Draw(rng, dtype)))


def cases(*, refused: bool = False, dtypes: tuple[type, ...] = (np.float32, np.float64)) -> Any:
    return [
        pytest.param(OPS[name], sample, dtype, id=f"{name}-{i}-{dtype.__name__}")
        for name in OPS
        for dtype in dtypes
        for i, sample in enumerate(samples(name, dtype))
        if bool(sample.refused) == refused
    ]


def outputs(y: Any) -> tuple[Any, ...]:
    return y if isinstance(y, tuple) else (y,)


def learnable(op: Operation, sample: Sample) -> list[bool]:
    """Which inputs get gradients: floats that the contract does not call fixed."""
    sorts = [a.sort for a in op.contract.inputs]
    sorts += sorts[-1:] * (len(sample.inputs) - len(sorts))
    return [
        isinstance(x, np.ndarray) and sort == "float"
        for x, sort in zip(sample.inputs, sorts, strict=False)
    ]


def compute(op: Operation, sample: Sample) -> tuple[list[Any], tuple[Any, ...]]:
    """The op on tensors that ask for gradients where they can have one."""
    inputs = [
        Tensor(x, requires_grad=learns) if isinstance(x, np.ndarray) else x
        for x, learns in zip(sample.inputs, learnable(op, sample), strict=True)
    ]
    return inputs, outputs(op(*inputs, **sample.attrs))


def directions(ys: tuple[Any, ...]) -> list[Any]:
    rng = np.random.default_rng(7)
    return [rng.normal(size=y.shape).astype(y.dtype) for y in ys]


def gradients(op: Operation, sample: Sample) -> tuple[list[Any], list[Any]]:
    inputs, ys = compute(op, sample)
    towards = directions(ys)
    for y, d in zip(ys[1:], towards[1:], strict=True):
        y.node.receive(y.index, d)
    ys[0].backward(towards[0])
    return inputs, towards


@pytest.mark.parametrize(("op", "sample", "dtype"), cases())
def test_types_and_shapes_are_kept(op: Operation, sample: Sample, dtype: type) -> None:
    before = [x.copy() if isinstance(x, np.ndarray) else x for x in sample.inputs]
    inputs, _ = gradients(op, sample)
    _, ys = compute(op, sample)
    assert all(y.dtype == dtype for y in ys if y.dtype.kind == "f")
    for x in inputs:
        if isinstance(x, Tensor) and x.requires_grad:
            assert (x.grad.shape, x.grad.dtype) == (x.shape, dtype)
    for x, b in zip(sample.inputs, before, strict=True):
        np.testing.assert_array_equal(x, b, err_msg="an input was written to")


def in_torch(torch: Any, op: Operation, sample: Sample) -> tuple[list[Any], tuple[Any, ...]]:
    inputs = [
        torch.tensor(x, requires_grad=learns) if isinstance(x, np.ndarray) else x
        for x, learns in zip(sample.inputs, learnable(op, sample), strict=True)
    ]
    return inputs, outputs(op(*inputs, **sample.attrs))


@pytest.mark.parametrize(("op", "sample", "dtype"), cases())
def test_forward_is_that_of_pytorch(op: Operation, sample: Sample, dtype: type) -> None:
    torch = pytest.importorskip("torch")
    _, ours = compute(op, sample)
    _, theirs = in_torch(torch, op, sample)
    close = tolerance(op, "torch", dtype)
    for y, t in zip(ours, theirs, strict=True):
        assert y.shape == tuple(t.shape)
        np.testing.assert_allclose(y.data, t.detach().numpy(), rtol=close, atol=close)


@pytest.mark.parametrize(("op", "sample", "dtype"), cases())
def test_backward_is_that_of_pytorch(op: Operation, sample: Sample, dtype: type) -> None:
    torch = pytest.importorskip("torch")
    inputs, towards = gradients(op, sample)
    peers, ys = in_torch(torch, op, sample)
    used = [(y, torch.tensor(d)) for y, d in zip(ys, towards, strict=True) if y.requires_grad]
    torch.autograd.backward([y for y, _ in used], [d for _, d in used])
    close = 5 * tolerance(op, "torch", dtype)
    for x, t in zip(inputs, peers, strict=True):
        if isinstance(x, Tensor) and x.requires_grad:
            assert x.grad is not None, "no gradient"
            np.testing.assert_allclose(x.grad, t.grad.numpy(), rtol=close, atol=close)


@pytest.mark.parametrize(("op", "sample", "dtype"), cases(dtypes=(np.float64,)))
def test_backward_is_the_slope(op: Operation, sample: Sample, dtype: type) -> None:
    """Central differences along a random direction, in float64."""
    if sample.kink:
        pytest.skip("the slope is not defined here")
    inputs, towards = gradients(op, sample)
    rng = np.random.default_rng(3)
    learned = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    ways = {i: rng.normal(size=inputs[i].shape) for i in learned}

    def total(h: float) -> float:
        moved = list(sample.inputs)
        for i in learned:
            moved[i] = moved[i] + h * ways[i]
        y, _ = op.compute(moved, sample.attrs)
        return float(sum((a * b).sum() for a, b in zip(outputs(y), towards, strict=True)))

    slope = (total(STEP) - total(-STEP)) / (2 * STEP)
    ours = sum(float((inputs[i].grad * ways[i]).sum()) for i in learned)
    assert ours == pytest.approx(slope, rel=1e-5, abs=1e-7 * max(1.0, abs(total(0.0))))


@pytest.mark.parametrize("runtime", ["reference", "onnxruntime"])
@pytest.mark.parametrize(("op", "sample", "dtype"), cases())
def test_onnx_answers_as_forward(op: Operation, sample: Sample, dtype: type, runtime: str) -> None:
    if runtime in sample.not_in:
        pytest.skip(f"{runtime} cannot compute it rightly")
    _, ys = compute(op, sample)
    model, feeds = as_model(op, sample)
    try:
        theirs = evaluate(model, feeds, runtime)
    except BundleError as error:
        if dtype is np.float64 and "NOT_IMPLEMENTED" in error.what:
            pytest.skip("onnxruntime has this operator in float32 only")
        raise
    close = tolerance(op, "onnx", dtype)
    for y, t in zip(ys, theirs, strict=True):
        assert y.shape == t.shape
        np.testing.assert_allclose(t, y.data, rtol=close, atol=close)


def as_model(op: Operation, sample: Sample) -> tuple[bytes, dict[str, Any]]:
    from spox import Tensor as Type
    from spox import argument

    from mulle.graph import to_model
    from mulle.nn.symbol import Symbol, Trace

    trace = Trace()
    arrays = {f"x{i}": x for i, x in enumerate(sample.inputs) if isinstance(x, np.ndarray)}
    variables = {name: argument(Type(x.dtype, x.shape)) for name, x in arrays.items()}
    inputs = [
        Symbol(variables[f"x{i}"], x, trace) if isinstance(x, np.ndarray) else x
        for i, x in enumerate(sample.inputs)
    ]
    ys = outputs(op(*inputs, **sample.attrs))
    return to_model(variables, {f"y{i}": y.var for i, y in enumerate(ys)}), arrays


def evaluate(model: bytes, feeds: dict[str, Any], runtime: str) -> list[Any]:
    import onnx

    needed = {i.name for i in onnx.load_from_string(model).graph.input}
    feeds = {k: v for k, v in feeds.items() if k in needed}
    if runtime == "reference":
        from onnx.reference import ReferenceEvaluator

        return list(ReferenceEvaluator(model).run(None, feeds))
    from mulle.graph import open_session, run

    return run(open_session(model), feeds)


@pytest.mark.parametrize(("op", "sample", "dtype"), cases(refused=True, dtypes=(np.float32,)))
def test_what_does_not_fit_is_refused(op: Operation, sample: Sample, dtype: type) -> None:
    with pytest.raises(MulleError) as error:
        compute(op, sample)
    assert op.name in error.value.what
    assert sample.refused in error.value.fix


@pytest.mark.parametrize("name", OPS)
def test_samples_are_many_enough(name: str) -> None:
    found = samples(name, np.float32)
    assert sum(not s.refused for s in found) >= 2
