"""Convolutions of many bands of columns answer as PyTorch's, whatever the windows look like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from mulle import nn
from mulle.nn import functional as F
from mulle.nn import parallel
from mulle.nn.ops import _convolution

WINDOWS: dict[str, dict[str, Any]] = {
    "as wide as before": {"padding": 1},
    "no border": {},
    "a border that no window needs": {"padding": 4},
    "dilated": {"padding": 2, "dilation": 2},
    "with strides": {"stride": 2, "padding": 1},
    "strides along one axis": {"stride": (1, 3), "padding": (0, 1)},
    "in groups": {"padding": 1, "groups": 3},
    "in groups with strides": {"stride": 2, "groups": 3},
}


def drawn(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("settings", WINDOWS.values(), ids=WINDOWS.keys())
@pytest.mark.parametrize("threads", [1, 3])
def test_convolutions_in_bands_are_those_of_pytorch(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], threads: int
) -> None:
    monkeypatch.setattr(_convolution, "BAND", 1 << 11)
    x, bias = drawn(24, 6, 17, 13), drawn(9)
    weight = drawn(9, 6 // settings.get("groups", 1), 3, 3)
    ours = [nn.Tensor(a, requires_grad=True) for a in (x, weight, bias)]
    theirs = [torch.tensor(a, requires_grad=True) for a in (x, weight, bias)]
    with parallel.limit(threads):
        y = F.conv2d(*ours, **settings)
        (y * y).sum().backward()
    z = torch.nn.functional.conv2d(*theirs, **settings)
    (z * z).sum().backward()
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-4, atol=1e-4)
    for a, b in zip(ours, theirs, strict=True):
        assert b.grad is not None
        scale = float(b.grad.abs().max())
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-4, atol=1e-5 * scale)


def test_along_one_axis_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_convolution, "BAND", 1 << 10)
    x, weight = (nn.Tensor(a, requires_grad=True) for a in (drawn(8, 4, 300), drawn(5, 4, 7)))
    a, b = (torch.tensor(t.data, requires_grad=True) for t in (x, weight))
    (F.conv1d(x, weight, padding=3) ** 2.0).sum().backward()
    (torch.nn.functional.conv1d(a, b, padding=3) ** 2).sum().backward()
    for ours, theirs in ((x, a), (weight, b)):
        assert theirs.grad is not None
        scale = float(theirs.grad.abs().max())
        np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-4, atol=1e-5 * scale)


def test_what_windows_see_is_not_kept_as_often_as_it_is_seen() -> None:
    x, weight = drawn(16, 8, 40, 40), drawn(8, 8, 3, 3)
    _, saved = F.conv2d.module.forward(x, weight, padding=1)
    seen = saved[0]
    assert seen.size > 8 * x.size
    owner = seen
    while owner.base is not None:
        owner = owner.base
    assert owner.size < 1.2 * x.size
