"""A small CNN on 28x28 pictures, batch 64: one training step here and in PyTorch.

OMP_NUM_THREADS=2 python benchmarks/nn_cnn.py [--quick]
"""

from __future__ import annotations

from typing import Any

import as_command  # noqa: F401 - before NumPy

# isort: split
import numpy as np
import torch
from nn_common import Race, report

from mulle import nn

BATCH = 64


class Net(nn.Module):
    """Two convolutions of 3x3 with 2x2 max pooling, and a linear head."""

    def __init__(self) -> None:
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
        self.pool, self.relu = nn.MaxPool2d(2), nn.ReLU()
        self.head = nn.Linear(32 * 7 * 7, 10)

    def forward(self, x: Any) -> Any:
        """Compute."""
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        return self.head(x.reshape(-1, 32 * 7 * 7))


class Peer(torch.nn.Module):
    """The same in PyTorch."""

    def __init__(self) -> None:
        super().__init__()
        layers = torch.nn
        self.conv1 = layers.Conv2d(1, 16, 3, padding=1)
        self.conv2 = layers.Conv2d(16, 32, 3, padding=1)
        self.pool, self.relu = layers.MaxPool2d(2), layers.ReLU()
        self.head = layers.Linear(32 * 7 * 7, 10)

    forward = Net.forward


def race() -> Race:
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, 1, 28, 28)).astype(np.float32)
    return Race(Net(), Peer(), x, rng.integers(10, size=BATCH))


if __name__ == "__main__":
    report("A training step of a CNN (28x28, batch 64)", race(), steps=200, aim=1.0)
