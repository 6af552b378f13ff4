"""Each diagnosis is provoked by a network that is really broken; healthy ones get none."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.nn import init
from mulle.nn.train.diagnosis import DIAGNOSES
from mulle.nn.train.diagnosis.diagnosis import Diagnosis

F = nn.functional


class Act(nn.Module):
    """An activation by its name, called as a function."""

    def __init__(self, name: str) -> None:
        self.name = name

    def forward(self, x: Any) -> Any:
        return F.softmax(x) if self.name == "softmax" else getattr(F, self.name)(x)


def rows(n: int = 400, columns: int = 8, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, columns)).astype(np.float32)
    y = np.digitize(
        x[:, 0] + 0.5 * x[:, 1], np.linspace(-1, 1, classes - 1) if classes > 2 else [0]
    )
    return x, y.astype(np.int64)


def network(*widths: int, act: str = "relu", last: Any = (), make: Any = None) -> nn.Sequential:
    nn.manual_seed(0)
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(pairwise(widths)):
        layers += [Act(act)] * (i > 0) + [nn.Linear(a, b)]
        if make:
            layers[-1].weight.data[...] = make((b, a))
    return nn.Sequential(*layers, *last)


def found(model: Any, data: Any, **settings: Any) -> dict[str, Diagnosis]:
    settings = {
        "loss": "cross_entropy",
        "epochs": 8,
        "random_state": 0,
        "progress": False,
    } | settings
    with np.errstate(all="ignore"):
        return {d.code: d for d in nn.train(model, data, **settings).diagnoses}


HEALTHY: list[tuple[str, Any, Any, dict[str, Any]]] = [
    ("classes", lambda: network(8, 32, 32, 2), rows(), {}),
    ("three classes", lambda: network(8, 32, 3), rows(classes=3), {"epochs": 20}),
    ("sgd", lambda: network(8, 32, 2), rows(), {"optimizer": "sgd", "lr": 0.1, "epochs": 20}),
    ("tanh", lambda: network(8, 16, 16, 2, act="tanh"), rows(), {"epochs": 30}),
    ("sigmoid", lambda: network(8, 16, 2, act="sigmoid"), rows(), {"lr": 0.01, "epochs": 20}),
    ("adagrad", lambda: network(8, 16, 2), rows(), {"optimizer": "adagrad", "lr": 0.05}),
    ("deep", lambda: network(8, *[32] * 6, 2, make=init.he_normal), rows(), {"epochs": 10}),
    ("one-cycle", lambda: network(8, 32, 2), rows(), {"schedule": "one-cycle", "lr": 0.01}),
    ("long", lambda: network(8, 16, 2), rows(), {"epochs": 100, "lr": 0.01, "batch_size": 100}),
]


@pytest.mark.parametrize(
    ("make", "data", "settings"), [h[1:] for h in HEALTHY], ids=[h[0] for h in HEALTHY]
)
def test_a_healthy_network_gets_none(make: Any, data: Any, settings: Any) -> None:
    assert found(make(), data, **settings) == {}


def test_a_healthy_regression_gets_none() -> None:
    x, _ = rows()
    y = (x[:, :1] - 2 * x[:, 1:2]).astype(np.float32)

    def mean_square(output: Any, target: Any) -> Any:
        error = output - target
        return (error * error).mean()

    assert found(network(8, 32, 1), (x, y), loss=mean_square, epochs=15) == {}


def dying() -> dict[str, Diagnosis]:
    net = network(8, 32, 2)
    net[0].bias.data[:24] = -100  # as one step that was far too large leaves them
    return found(net, rows())


def saturated() -> dict[str, Diagnosis]:
    return found(network(8, 32, 2, act="tanh", make=lambda s: 20 * init.xavier_normal(s)), rows())


def vanishing() -> dict[str, Diagnosis]:
    return found(network(8, *[16] * 10, 2, act="sigmoid"), rows())


def exploding() -> dict[str, Diagnosis]:
    net = network(8, *[32] * 8, 2, make=lambda s: 4 * init.he_normal(s))
    return found(net, rows(), lr=1e-6, optimizer="sgd", epochs=1)


def zigzag() -> dict[str, Diagnosis]:
    x, y = rows()
    return found(network(8, 16, 2), (x + 8, y), lr=1e-3)


def unscaled() -> dict[str, Diagnosis]:
    x, y = rows()
    return found(network(8, 16, 2), (x * [1, 1, 5000, 1, 1, 1, 1, 1], y))


def double_softmax() -> dict[str, Diagnosis]:
    return found(network(8, 32, 3, last=[Act("softmax")]), rows(classes=3))


def too_high() -> dict[str, Diagnosis]:
    return found(network(8, 32, 2), rows(), optimizer="sgd", lr=10.0)


def too_low() -> dict[str, Diagnosis]:
    return found(network(8, 32, 2), rows(), optimizer="sgd", lr=2e-4, epochs=12)


def stuck() -> dict[str, Diagnosis]:
    x, y = rows()
    net = network(8, 32, 2)
    only = nn.optim.SGD([net[0].bias], lr=0.0)  # wired to what changes nothing
    return found(net, (x, y), optimizer=only)


def plateau() -> dict[str, Diagnosis]:
    """The labels depend on nothing: only how many there are of each can be learned."""
    x, y = rows()
    y = (np.arange(400) % 10 < 3).astype(np.int64)
    net = network(8, 4, 2)
    net[0].weight.data[...] = 0
    net[0].bias.data[...] = -1
    net[2].bias.data[...] = [0.0, 1.2]
    return found(net, (x, y), lr=0.1, epochs=80, batch_size=None)


def adagrad_stall() -> dict[str, Diagnosis]:
    x, y = rows()
    net = network(8, 32, 2)
    opt = nn.optim.Adagrad(net.parameters(), lr=1e-3, initial_accumulator_value=0.0)
    opt.s += 1e4  # what early, large gradients leave behind
    return found(net, (x, y), optimizer=opt, epochs=8)


BROKEN = {
    "diag-dying": dying,
    "diag-saturate": saturated,
    "diag-vanish": vanishing,
    "diag-explode": exploding,
    "diag-zigzag": zigzag,
    "diag-scale": unscaled,
    "diag-doublesoft": double_softmax,
    "diag-lr-high": too_high,
    "diag-lr-low": too_low,
    "diag-stuck": stuck,
    "diag-plateau": plateau,
    "diag-adastall": adagrad_stall,
}


def test_every_diagnosis_has_a_network_that_provokes_it() -> None:
    assert len(BROKEN) == len(DIAGNOSES)


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_network_is_diagnosed(code: str) -> None:
    diagnoses = BROKEN[code]()
    assert code in diagnoses, f"found {list(diagnoses)} instead"
    diagnosis = diagnoses[code]
    assert diagnosis.values and diagnosis.remedies
    assert str(diagnosis).startswith(diagnosis.what) and "try: " in str(diagnosis)


@pytest.mark.parametrize("code", ["diag-dying", "diag-doublesoft"])
def test_a_model_in_pytorch_is_looked_at_as_well(code: str, monkeypatch: Any) -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    plain = nn.train
    monkeypatch.setattr(nn, "train", lambda model, *a, **k: plain(model.to("torch"), *a, **k))
    assert code in BROKEN[code]()


def test_the_values_are_the_evidence() -> None:
    assert dying()["diag-dying"].values == {
        "after": "0.weight",
        "share": pytest.approx(0.75, abs=0.1),
    }
    assert unscaled()["diag-scale"].values["column"] == 2
    assert double_softmax()["diag-doublesoft"].values["floor"] == pytest.approx(0.551, abs=1e-3)


def test_the_loss_under_two_softmaxes_is_bounded_as_said() -> None:
    best = np.array([[1.0, 0.0, 0.0]], np.float32)  # the surest answer that can be given
    assert F.cross_entropy(nn.Tensor(best), np.array([0])).item() == pytest.approx(
        math.log(math.e + 2) - 1, abs=1e-6
    )


def test_looking_changes_nothing() -> None:
    losses = [
        nn.train(
            network(8, 16, 2), rows(), loss="cross_entropy", epochs=5, random_state=0,
            progress=False, diagnosing=looking,
        ).losses
        for looking in (True, False)
    ]  # fmt: skip
    assert losses[0] == losses[1]
