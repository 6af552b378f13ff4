"""Clipping is PyTorch's; penalties are what autograd makes of their formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.nn import clip
from mulle.nn.optim import groups, optimizer
from mulle.nn.regularize import Penalty


def with_gradients(device: str, scale: float = 1.0) -> tuple[nn.Module, Any]:
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 6), nn.Linear(6, 2)).to(device)
    opt = optimizer("sgd", groups(net, {"*.bias": (1.0, 0.0)}))
    rng = np.random.default_rng(1)
    for p in opt.parameters:
        g = (scale * rng.normal(size=tuple(p.shape))).astype(np.float32)
        p.grad = g if device == "numpy" else __import__("torch").tensor(g)
    return net, opt


def gradients(opt: Any) -> list[np.ndarray]:
    return [np.asarray(p.grad) for p in opt.parameters]


@pytest.mark.parametrize("device", ["numpy", "torch"])
@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("how", ["clip_norm", "clip_each_norm", "clip_value"])
def test_clipping_is_pytorchs(how: str, scale: float, device: str) -> None:
    torch = pytest.importorskip("torch")
    _, opt = with_gradients(device, scale)
    peers = [torch.nn.Parameter(torch.zeros(tuple(p.shape))) for p in opt.parameters]
    for peer, g in zip(peers, gradients(opt), strict=True):
        peer.grad = torch.tensor(g)
    norm = getattr(clip, how)(opt, 0.7)
    utils = torch.nn.utils
    if how == "clip_norm":
        assert norm == pytest.approx(float(utils.clip_grad_norm_(peers, 0.7)), rel=1e-5)
    elif how == "clip_value":
        utils.clip_grad_value_(peers, 0.7)
    else:
        for peer in peers:
            utils.clip_grad_norm_([peer], 0.7)
    for ours, peer in zip(gradients(opt), peers, strict=True):
        np.testing.assert_allclose(ours, peer.grad.numpy(), rtol=2e-6, atol=1e-8)


@pytest.mark.parametrize("device", ["numpy", "torch"])
@pytest.mark.parametrize("penalty", [Penalty(l1=0.3), Penalty(l2=0.2), Penalty(0.1, 0.4)])
def test_a_penalty_is_its_formula(penalty: Penalty, device: str) -> None:
    torch = pytest.importorskip("torch")
    net, opt = with_gradients(device)
    before = {id(p): np.asarray(p.grad).copy() for p in opt.parameters}
    value = penalty.apply(opt)
    expected = 0.0
    for name, p in net.named_parameters():
        peer = torch.tensor(nn.module.as_numpy(p), requires_grad=True)
        factor = 0.0 if name.endswith("bias") else 1.0  # as the groups say
        loss = factor * (penalty.l1 * peer.abs().sum() + penalty.l2 * (peer**2).sum())
        loss.backward()
        expected += loss.item()
        np.testing.assert_allclose(
            np.asarray(p.grad), before[id(p)] + peer.grad.numpy(), rtol=1e-5, atol=1e-6
        )
    assert value == pytest.approx(expected, rel=1e-5)


def test_l1_makes_zeros_and_l2_makes_none() -> None:
    """As with lasso and ridge: of 20 columns 3 matter; 17 weights go to (nearly) nothing by L1."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 20)).astype(np.float32)
    y = x[:, :3] @ np.array([3.0, -2.0, 1.0], np.float32)
    small = {}
    for name, penalty in {"l1": Penalty(l1=0.2), "l2": Penalty(l2=0.2)}.items():
        nn.manual_seed(0)
        net = nn.Sequential(nn.Linear(20, 1, bias=False))
        opt = optimizer("sgd", net.parameters(), lr=0.01)
        for _ in range(1500):
            opt.zero_grad()
            error = net(nn.Tensor(x)).reshape(-1) - y
            (error * error).mean().backward()
            penalty.apply(opt)
            opt.step()
        small[name] = int((abs(opt.w) < 0.005).sum())
    assert small["l1"] == 17
    assert small["l2"] < 10
