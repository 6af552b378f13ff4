"""An LSTM that reads 32 steps and answers once, batch 32: one training step here and in PyTorch.

OMP_NUM_THREADS=2 python benchmarks/nn_lstm.py [--quick]
"""

from __future__ import annotations

from typing import Any

import as_command  # noqa: F401 - before NumPy

# isort: split
import numpy as np
import torch
from nn_common import Race, report

from mulle import nn

STEPS, BATCH, FEATURES, HIDDEN, CLASSES = 32, 32, 32, 64, 10


class Net(nn.Module):
    """An LSTM and a linear head on its last output."""

    def __init__(self) -> None:
        self.lstm, self.head = nn.LSTM(FEATURES, HIDDEN), nn.Linear(HIDDEN, CLASSES)

    def forward(self, x: Any) -> Any:
        """Compute."""
        y, _ = self.lstm(x)
        return self.head(y[-1])


class Peer(torch.nn.Module):
    """The same in PyTorch."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = torch.nn.LSTM(FEATURES, HIDDEN)
        self.head = torch.nn.Linear(HIDDEN, CLASSES)

    forward = Net.forward


def race() -> Race:
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(STEPS, BATCH, FEATURES)).astype(np.float32)
    return Race(Net(), Peer(), x, rng.integers(CLASSES, size=BATCH))


if __name__ == "__main__":
    report("A training step of an LSTM (hidden 64, 32 steps, batch 32)", race(), 500, aim=1.0)
