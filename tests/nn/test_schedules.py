"""Schedules go as PyTorch's do, or as the formula their source gives."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mulle.errors import UnknownName, UsageError
from mulle.nn.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    CosLog4,
    Exponential,
    Linear,
    OneCycle,
    Performance,
    PiecewiseConstant,
    Power,
    WarmUp,
    get_state,
    schedule,
    set_state,
)

STEPS = 60


def theirs(make: Any) -> list[float]:
    """The learning rates of one of PyTorch's schedulers, for a rate of 1."""
    torch = pytest.importorskip("torch")
    p = torch.nn.Parameter(torch.zeros(1))
    p.grad = torch.zeros(1)
    opt = torch.optim.SGD([p], lr=1.0)
    scheduler = make(torch.optim.lr_scheduler, opt)
    rates = []
    for _ in range(STEPS):
        rates.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return rates


def linear_with_warm_up(lr: Any, o: Any) -> Any:
    """`transformers.get_linear_schedule_with_warmup`, by its formula."""
    return lr.LambdaLR(o, lambda t: t / 10 if t < 10 else max(0.0, (STEPS - t) / (STEPS - 10)))


CASES: list[tuple[str, Any, Any]] = [
    ("constant", Constant(), lambda lr, o: lr.LambdaLR(o, lambda t: 1.0)),
    (
        "multi-step",
        PiecewiseConstant([10, 30, 31], gamma=0.5),
        lambda lr, o: lr.MultiStepLR(o, [10, 30, 31], 0.5),
    ),
    (
        "piecewise",
        PiecewiseConstant([5, 50], factors=[1.0, 3.0, 0.2]),
        lambda lr, o: lr.LambdaLR(o, lambda t: 1.0 if t < 5 else 3.0 if t < 50 else 0.2),
    ),
    ("power", Power(20, 1.0), lambda lr, o: lr.LambdaLR(o, lambda t: 1 / (1 + t / 20))),
    ("power-2", Power(7, 0.5), lambda lr, o: lr.LambdaLR(o, lambda t: (1 + t / 7) ** -0.5)),
    ("exponential", Exponential(10), lambda lr, o: lr.ExponentialLR(o, 0.1 ** (1 / 10))),
    ("cosine", Cosine(STEPS, 0.02), lambda lr, o: lr.CosineAnnealingLR(o, STEPS, 0.02)),
    ("linear", Linear(40, 0.1), lambda lr, o: lr.LinearLR(o, 1.0, 0.1, 40)),
    ("warm-up", WarmUp(10, Linear(STEPS - 10)), linear_with_warm_up),
    ("warm-up-half", WarmUp(20, start=0.25), lambda lr, o: lr.LinearLR(o, 0.25, 1.0, 20)),
    (
        "warm-up-constant",
        WarmUp(9, start=0.3, constant=True),
        lambda lr, o: lr.ConstantLR(o, 0.3, 9),
    ),
    (
        "warm-up-then-cosine",
        WarmUp(10, Cosine(50), start=0.1),
        lambda lr, o: lr.SequentialLR(
            o, [lr.LinearLR(o, 0.1, 1.0, 10), lr.CosineAnnealingLR(o, 50)], [10]
        ),
    ),
    (
        "one-cycle",
        OneCycle.pytorch(STEPS + 1),
        lambda lr, o: lr.OneCycleLR(o, 1.0, total_steps=STEPS + 1),
    ),
    (
        "one-cycle-settings",
        OneCycle.pytorch(STEPS + 1, pct_start=0.5, div_factor=10, final_div_factor=100),
        lambda lr, o: lr.OneCycleLR(
            o, 1.0, total_steps=STEPS + 1, pct_start=0.5, div_factor=10, final_div_factor=100
        ),
    ),
]


@pytest.mark.parametrize(("ours", "make"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_it_goes_as_pytorchs(ours: Any, make: Any) -> None:
    assert [ours(t) for t in range(STEPS)] == pytest.approx(theirs(make), abs=1e-12)


def test_one_cycle_of_the_course() -> None:
    rates = [OneCycle(101)(t) for t in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[45] == pytest.approx(1.0) == max(rates)
    assert rates[90] == pytest.approx(0.1)
    assert rates[100] == pytest.approx(0.001)
    assert rates[20] - rates[10] == pytest.approx(rates[30] - rates[20])  # a straight line
    assert OneCycle(101)(500) == 0.001


def test_coslog4_is_its_formula() -> None:
    for step in (0, 1, 37, 99, 100):
        share = step / 100
        expected = 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + (2**4 - 1) * share)))
        assert CosLog4(100)(step) == pytest.approx(expected)
    ends = [CosLog4(150)(step) for step in (0, 10, 30, 70, 150)]  # four waves, each twice as long
    assert ends == pytest.approx([0] * 5, abs=1e-12)


@pytest.mark.parametrize("cooldown", [0, 2])
def test_performance_reduces_as_pytorch(cooldown: int) -> None:
    torch = pytest.importorskip("torch")
    losses = [5, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2.5, 2, 2, 2, 2, 2, 2, 2, 2]
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    peer = torch.optim.lr_scheduler.ReduceLROnPlateau(
        opt, factor=0.5, patience=2, cooldown=cooldown, min_lr=0.1
    )
    ours = Performance(factor=0.5, patience=2, cooldown=cooldown, minimum=0.1)
    for step, loss in enumerate(losses):
        ours.observe(loss)
        peer.step(loss)
        assert ours(step) == pytest.approx(opt.param_groups[0]["lr"]), step
    again = Performance(factor=0.5, patience=2, cooldown=cooldown, minimum=0.1)
    set_state(again, get_state(ours))
    assert again == ours and ours.now == 0.1


def test_by_name() -> None:
    for name in SCHEDULES:
        if name in {"piecewise-constant", "power", "exponential"}:
            with pytest.raises(UsageError, match="needs"):
                schedule(name, 10)
        else:
            assert 0 <= schedule(name, 10)(5) <= 1
    with pytest.raises(UnknownName) as error:
        schedule("cosin", 10)
    assert error.value.fix == "Did you mean 'cosine', 'coslog4'?"
