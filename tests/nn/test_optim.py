"""Every optimizer goes PyTorch's way: same start, same data, the same 50 steps."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.errors import DataError, UnknownName, UsageError
from mulle.nn.optim import OPTIMIZERS, Group, groups, optimizer
from mulle.nn.optim.newton import curvature, hessian

F = nn.functional
STEPS = 50
PENALTY = 0.02
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "sgd": [
        {"lr": 0.1},
        {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.01},
        {"lr": 0.05, "momentum": 0.9, "dampening": 0.5},
        {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    ],
    "adagrad": [
        {},
        {"lr": 0.1, "lr_decay": 0.05, "weight_decay": 0.01, "initial_accumulator_value": 0.1},
    ],
    "rmsprop": [
        {},
        {"lr": 0.003, "momentum": 0.9, "weight_decay": 0.01},
        {"alpha": 0.9, "centered": True, "momentum": 0.5},
    ],
    "adam": [{}, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.1}],
    "adamw": [{}, {"lr": 0.02, "betas": (0.8, 0.95), "weight_decay": 0.5}],
    "nadam": [{}, {"lr": 0.02, "weight_decay": 0.1, "momentum_decay": 0.02}],
    "lbfgs": [
        {"lr": 0.3, "max_iter": 4},
        {"lr": 1.0, "max_iter": 5, "history_size": 4, "line_search_fn": "strong_wolfe"},
    ],
}
ALONE = {"bfgs", "newton", "hessian-free"}  # PyTorch has none
CASES = [(name, setting) for name in OPTIMIZERS if name not in ALONE for setting in SETTINGS[name]]


def network(dtype: type) -> nn.Module:
    nn.manual_seed(1)
    net = nn.Sequential(nn.Linear(5, 8), Tanh(), nn.Linear(8, 3))
    for p in net.parameters():
        p.data = p.data.astype(dtype)
    return net


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


class Tanh(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.tanh(x)


def rows(dtype: type) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 5)).astype(dtype), rng.integers(3, size=40)


def closure(net: nn.Module, opt: Any, x: Any, y: Any) -> Any:
    def compute() -> Any:
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        value = float(loss.item())
        for p in net.parameters():  # without a penalty, some would grow for ever
            w = p.detach()
            w = w.data if isinstance(w, nn.Tensor) else w
            p.grad = p.grad + PENALTY * w
            value += PENALTY / 2 * float((w * w).sum())
        return value

    return compute


def trajectory(net: nn.Module, opt: Any, dtype: type, steps: int = STEPS) -> list[np.ndarray]:
    """All parameters after each step, over batches of 20, or all rows where it wants a closure."""
    x, y = rows(dtype)
    torch_mode = type(net.parameters()[0]).__module__.startswith("torch")
    path = []
    for step in range(steps):
        half = slice(None) if opt.wants_closure else slice(20 * (step % 2), 20 * (step % 2) + 20)
        bx, by = x[half], y[half]
        if torch_mode:
            import torch

            bx, by = torch.tensor(bx), torch.tensor(by)
        else:
            bx = nn.Tensor(bx)
        compute = closure(net, opt, bx, by)
        if opt.wants_closure:
            opt.step(compute)
        else:
            compute()
            opt.step()
        path.append(np.concatenate([v.ravel() for v in net.state_dict().values()]))
    return path


def agree(ours: list[np.ndarray], theirs: list[np.ndarray], dtype: type, loose: float = 1) -> None:
    tolerance = loose * (1e-9 if dtype is np.float64 else 2e-4)
    for step, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=f"step {step}")


def test_every_optimizer_has_settings_to_be_compared_at() -> None:
    assert set(SETTINGS) | ALONE == set(OPTIMIZERS)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "setting"), CASES)
def test_it_goes_pytorchs_way(name: str, setting: dict[str, Any], dtype: type) -> None:
    torch = pytest.importorskip("torch")
    net, theirs = network(dtype), network(dtype).to("torch")
    opt = optimizer(name, net.parameters(), **setting)
    # L-BFGS makes several moves a step, and its line search amplifies what rounding leaves.
    steps = STEPS if name != "lbfgs" else 10 if dtype is np.float64 else 5
    ours = trajectory(net, opt, dtype, steps)
    # PyTorch's own class, with the settings given to it by name.
    peer = getattr(torch.optim, type(opt).__name__)(theirs.parameters(), **setting)
    peer.wants_closure = opt.wants_closure
    loose = 100 if name == "lbfgs" else 1
    agree(ours, trajectory(theirs, peer, dtype, steps), dtype, loose)


@pytest.mark.parametrize(("name", "setting"), CASES)
def test_on_parameters_in_pytorch_pytorch_does_the_work(name: str, setting: Any) -> None:
    pytest.importorskip("torch")
    net, theirs = network(np.float64), network(np.float64).to("torch")
    ours = trajectory(net, optimizer(name, net.parameters(), **setting), np.float64, 10)
    peer = optimizer(name, theirs.parameters(), **setting)
    agree(ours, trajectory(theirs, peer, np.float64, 10), np.float64, 100)


@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if n not in {*ALONE, "lbfgs"}])
def test_groups_learn_at_rates_of_their_own(name: str) -> None:
    torch = pytest.importorskip("torch")
    net, theirs = network(np.float64), network(np.float64).to("torch")
    factors = {"*.bias": (0.1, 0.0), "0.*": (6.0, 0.5)}
    opt = optimizer(name, groups(net, factors), lr=0.01, weight_decay=0.1)
    ours = trajectory(net, opt, np.float64)
    known = getattr(torch.optim, type(opt).__name__)
    named = dict(theirs.named_parameters())
    peer = known(
        [
            {"params": [named["0.bias"], named["2.bias"]], "lr": 0.001, "weight_decay": 0.0},
            {"params": [named["0.weight"]], "lr": 0.06, "weight_decay": 0.05},
            {"params": [named["2.weight"]]},
        ],
        lr=0.01,
        weight_decay=0.1,
    )
    peer.wants_closure = False
    agree(ours, trajectory(theirs, peer, np.float64), np.float64)
    moved = network(np.float64).to("torch")
    handed = optimizer(name, groups(moved, factors), lr=0.01, weight_decay=0.1)
    agree(ours, trajectory(moved, handed, np.float64), np.float64)


@pytest.mark.parametrize("device", ["numpy", "torch"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_saved_state_goes_on_where_it_was(name: str, device: str) -> None:
    if device == "torch":
        pytest.importorskip("torch")
        if name in {*ALONE, "lbfgs"}:
            pytest.skip("no counterpart, or its memory is refused")
    first, second = network(np.float64).to(device), network(np.float64).to(device)
    a, b = (optimizer(name, n.parameters(), lr=0.1) for n in (first, second))
    trajectory(first, a, np.float64, 4)
    second.load_state_dict(first.state_dict())
    b.load_state_dict(a.state_dict())
    agree(
        trajectory(first, a, np.float64, 4), trajectory(second, b, np.float64, 4), np.float64, 1e-6
    )
    wrong = {**a.state_dict(), "else": np.zeros(3)}
    with pytest.raises(DataError, match="saved state"):
        b.load_state_dict(wrong)


def convex(name: str) -> tuple[Any, Any]:
    """An optimizer of a logistic regression with a penalty, and the closure of its loss."""
    nn.manual_seed(2)
    net = nn.Sequential(nn.Linear(5, 3))
    for p in net.parameters():
        p.data = p.data.astype(np.float64)
    opt = optimizer(name, net.parameters())
    x, y = rows(np.float64)
    return opt, closure(net, opt, nn.Tensor(x), y)


@pytest.mark.parametrize("name", ["lbfgs", "bfgs", "newton", "hessian-free"])
def test_the_lowest_point_is_scipys(name: str) -> None:
    from scipy.optimize import minimize

    opt, compute = convex(name)

    def at(w: np.ndarray) -> tuple[float, np.ndarray]:
        point = opt.look(compute, w)
        return point.loss, point.grad

    begin = opt.w.copy()
    method = {"newton": "Newton-CG", "hessian-free": "Newton-CG", "bfgs": "BFGS"}
    best = minimize(at, begin, jac=True, method=method.get(name, "L-BFGS-B"), tol=1e-10).fun
    opt.w[...] = begin
    losses = [opt.step(compute) for _ in range(30)]
    assert losses[-1] == pytest.approx(best, abs=1e-8)
    assert all(b <= a + 1e-9 for a, b in pairwise(losses))
    if name == "newton":
        assert losses[5] == pytest.approx(best, abs=1e-8)  # quadratic convergence


def test_curvature_is_that_of_autograd() -> None:
    torch = pytest.importorskip("torch")
    opt, compute = convex("newton")

    def in_torch(w: Any) -> Any:
        x, y = (torch.tensor(a) for a in rows(np.float64))
        logits = x @ w[:15].reshape(3, 5).T + w[15:]
        return torch.nn.functional.cross_entropy(logits, y) + PENALTY / 2 * (w * w).sum()

    w, v = opt.w.copy(), np.random.default_rng(3).normal(size=18)
    at = lambda w: opt.look(compute, w)  # noqa: E731
    _, theirs = torch.autograd.functional.hvp(in_torch, torch.tensor(w), torch.tensor(v))
    np.testing.assert_allclose(curvature(at, w, v), theirs.numpy(), rtol=1e-6, atol=1e-8)
    full = torch.autograd.functional.hessian(in_torch, torch.tensor(w)).numpy()
    np.testing.assert_allclose(hessian(at, w), full, rtol=1e-6, atol=1e-8)


def test_refusals() -> None:
    net = network(np.float32)
    with pytest.raises(UnknownName, match="adma"):
        optimizer("adma", net.parameters())
    with pytest.raises(UnknownName, match="wolf"):
        optimizer("lbfgs", net.parameters(), line_search_fn="wolf")
    with pytest.raises(UnknownName, match="name like"):
        groups(net, {"first.*": (1.0, 0.0)})
    with pytest.raises(UsageError, match="received no parameters"):
        optimizer("adam", [])
    with pytest.raises(UsageError, match="nesterov=True"):
        optimizer("sgd", net.parameters(), nesterov=True)
    with pytest.raises(UsageError, match="square matrix"):
        optimizer("newton", nn.Linear(100, 100).parameters())
    with pytest.raises(UsageError, match="one learning rate for all"):
        optimizer("lbfgs", [Group(tuple(net.parameters()), 0.1)])
    with pytest.raises(UsageError, match="without a closure"):
        optimizer("lbfgs", net.parameters()).step()
    old = optimizer("adam", net.parameters())
    optimizer("adam", net.parameters())
    with pytest.raises(UsageError, match="newer optimizer"):
        old.step()
    pytest.importorskip("torch")
    with pytest.raises(UsageError, match="no counterpart"):
        optimizer("bfgs", network(np.float32).to("torch").parameters()).step(lambda: None)
