"""Initial weights are distributed as PyTorch's, and keep variances level over layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mulle import nn
from mulle.nn import init

SHAPES = [(300, 200), (40, 30, 3, 3)]
PEERS = {
    "xavier_uniform": ("xavier_uniform_", {}),
    "xavier_normal": ("xavier_normal_", {}),
    "he_uniform": ("kaiming_uniform_", {"nonlinearity": "relu"}),
    "he_normal": ("kaiming_normal_", {"nonlinearity": "relu"}),
    "lecun_uniform": ("kaiming_uniform_", {"nonlinearity": "linear"}),
    "lecun_normal": ("kaiming_normal_", {"nonlinearity": "linear"}),
    "normal": ("normal_", {"std": 0.01}),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", PEERS)
def test_they_are_distributed_as_pytorchs(name: str, shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    from scipy.stats import ks_2samp

    nn.manual_seed(3)
    torch.manual_seed(4)
    ours = getattr(init, name)(shape)
    peer, settings = PEERS[name]
    theirs = getattr(torch.nn.init, peer)(torch.empty(*shape), **settings).numpy()
    assert (ours.dtype, ours.shape) == (np.float32, shape)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.03)
    assert abs(ours.mean()) < 4 * theirs.std() / math.sqrt(ours.size)
    assert ks_2samp(ours.ravel(), theirs.ravel()).pvalue > 0.01
    if "uniform" in name:
        assert abs(ours).max() == pytest.approx(abs(theirs).max(), rel=1e-3)


def test_layers_begin_as_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    nn.manual_seed(1)
    ours, theirs = nn.Linear(50, 400), torch.nn.Linear(50, 400)
    for a, b in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        assert abs(a.data).max() == pytest.approx(1 / math.sqrt(50), rel=0.02)
        assert a.data.std() == pytest.approx(float(b.detach().std()), rel=0.1)


@pytest.mark.parametrize(
    ("make", "activate", "gain"),
    [
        (init.he_normal, lambda x: np.maximum(x, 0), 1.0),
        (init.he_uniform, lambda x: np.maximum(x, 0), 1.0),
        (init.lecun_normal, lambda x: x, 1.0),
        (init.lecun_uniform, lambda x: x, 1.0),
        (init.xavier_normal, lambda x: x, 1.0),
        (init.xavier_uniform, lambda x: x, 1.0),
    ],
)
def test_the_mean_square_stays_level_over_layers(make: Any, activate: Any, gain: float) -> None:
    nn.manual_seed(5)
    x = np.random.default_rng(0).normal(size=(500, 256)).astype(np.float32)
    sizes = []
    for _ in range(10):
        z = x @ make((256, 256)).T
        sizes.append(float((z * z).mean()))
        x = activate(z)
    assert 0.4 < sizes[-1] / sizes[0] < 2.5


def test_a_small_gaussian_lets_signals_die() -> None:
    nn.manual_seed(6)
    x = np.random.default_rng(0).normal(size=(100, 256)).astype(np.float32)
    first = float((x * x).mean())
    for _ in range(5):
        x = np.maximum(x @ init.normal((256, 256)).T, 0)
    assert float((x * x).mean()) < 1e-6 * first


def test_a_fan_of_nothing_begins_at_zero() -> None:
    assert init.by_fan_in((3,), 0).tolist() == [0, 0, 0]
