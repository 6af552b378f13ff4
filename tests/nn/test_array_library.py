"""Operations stay in the array library that their inputs come from, as CuPy demands.

`Device` is such a library without a GPU: it computes like NumPy, but never turns into a NumPy array
and never mixes with one. An operation that passes here hands every step to the array's own library.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from numpy.lib.mixins import NDArrayOperatorsMixin
from tests.nn.test_operations import cases, directions, outputs

from mulle.nn.operation import Operation, Sample
from mulle.nn.ops import OPS


class Mixed(TypeError):
    """A NumPy array met an array of the device."""


def inside(x: Any) -> Any:
    """The NumPy array within, of anything that may be handed to the device's functions."""
    if isinstance(x, Device):
        return x.hidden
    if isinstance(x, (list, tuple)):
        return type(x)(map(inside, x))
    if isinstance(x, dict):
        return {k: inside(v) for k, v in x.items()}
    if isinstance(x, np.ndarray):
        raise Mixed(f"a NumPy array of shape {x.shape}")
    return x


def wrapped(y: Any) -> Any:
    if isinstance(y, np.ndarray) or (isinstance(y, np.generic) and not np.isscalar(y)):
        return Device(y)
    if isinstance(y, np.generic):
        return Device(np.asarray(y))
    return type(y)(map(wrapped, y)) if isinstance(y, (list, tuple)) else y


class Device(NDArrayOperatorsMixin):
    """An array that lives elsewhere."""

    def __init__(self, hidden: np.ndarray) -> None:
        self.hidden = hidden

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise Mixed("implicit conversion to a NumPy array is not allowed")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        out = kwargs.get("out")
        take = inside_index if method == "at" else inside
        y = getattr(ufunc, method)(*map(take, inputs), **inside(kwargs))
        return out[0] if out is not None and out[0] is not None else wrapped(y)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        out = kwargs.get("out")
        kwargs = {k: v for k, v in kwargs.items() if k != "like"}
        y = func(*inside(args), **inside(kwargs))
        return out if out is not None else wrapped(y)

    def __getitem__(self, index: Any) -> Any:
        return wrapped(self.hidden[inside_index(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self.hidden[inside_index(index)] = inside(value)

    def __len__(self) -> int:
        return len(self.hidden)

    def __bool__(self) -> bool:
        return bool(self.hidden)

    def __float__(self) -> float:
        return float(self.hidden)

    @property
    def T(self) -> Device:  # noqa: N802 - NumPy's name
        return Device(self.hidden.T)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self.hidden, name)
        if not callable(found) or name == "dtype":
            return found

        def method(*args: Any, **kwargs: Any) -> Any:
            out = kwargs.get("out")
            y = found(*inside(args), **inside(kwargs))
            if name in ("item", "tolist"):
                return y
            return out if out is not None else wrapped(y)

        return method


def inside_index(index: Any) -> Any:
    """Indices may be NumPy arrays: CuPy takes them."""
    if isinstance(index, tuple):
        return tuple(map(inside_index, index))
    return index if isinstance(index, np.ndarray) else inside(index)


def on_device(sample: Sample) -> list[Any]:
    return [Device(x.copy()) if isinstance(x, np.ndarray) else x for x in sample.inputs]


@pytest.fixture(autouse=True)
def its_special_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module in which CuPy keeps what NumPy lacks; SciPy's ufuncs serve the device as well."""
    import scipy.special

    monkeypatch.setitem(sys.modules, "cupyx.scipy.special", scipy.special)


@pytest.mark.parametrize(("op", "sample", "dtype"), cases(dtypes=(np.float32,)))
def test_an_operation_stays_in_its_array_library(
    op: Operation, sample: Sample, dtype: type
) -> None:
    y, saved = op.compute(on_device(sample), sample.attrs)
    expected, expected_saved = op.compute(list(sample.inputs), sample.attrs)
    gys = directions(outputs(expected))
    extra = ((None,) * len(sample.inputs),) if op.in_place else ()
    several = isinstance(y, tuple)
    device_gy = tuple(map(Device, gys)) if several else Device(gys[0])
    grads = op.module.backward(device_gy, saved, *extra)
    wanted = op.module.backward(tuple(gys) if several else gys[0], expected_saved, *extra)
    both = [*zip(outputs(y), outputs(expected), strict=True)]
    both += zip(outputs(grads), outputs(wanted), strict=True)
    for ours, theirs in both:
        if theirs is not None:
            assert isinstance(ours, Device), f"{type(ours).__name__} came back"
            np.testing.assert_allclose(ours.hidden, theirs, rtol=1e-6, atol=1e-6)


def test_the_device_refuses_what_cupy_refuses() -> None:
    x = Device(np.ones(3))
    with pytest.raises(Mixed):
        np.ones(3) + x
    with pytest.raises(Mixed):
        np.asarray(x)
    assert isinstance(np.exp(x), Device)
    assert isinstance(np.zeros_like(x), Device)
    assert isinstance(OPS["relu"].compute([x], {})[0], Device)
