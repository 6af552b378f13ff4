"""The perceptron: one affine layer and a step."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.layers import Linear
from mulle.nn.module import Module, as_like
from mulle.nn.tensor import as_numpy


class Perceptron(Module):
    """y = x w' + b; the class is 1 where y > 0. What no line can part, like XOR, it cannot learn.

    Args:
        n_in: number of inputs.

    Shapes:
        x (n, n_in) -> y (n, 1)

    Source: Rosenblatt 1958, The perceptron.

    catalogue  net-slp
    """

    def __init__(self, n_in: int) -> None:
        self.linear = Linear(n_in, 1)

    def forward(self, x: Any) -> Any:
        """Compute."""
        return self.linear(x)

    def learn(self, x: Any, target: Any, *, epochs: int = 100) -> list[int]:
        """Rosenblatt's rule: at each mistake, w <- w + (target - class) x, b <- b + the same.

        Args:
            x: rows (n, n_in).
            target: classes (n), 0 and 1.
            epochs: passes at most; a pass without a mistake is the last.

        Returns:
            The number of mistakes in each pass; 0 at the end if a line parts the classes.
        """
        rows, classes = as_numpy(x), as_numpy(target)
        w, b = as_numpy(self.linear.weight)[0].copy(), float(as_numpy(self.linear.bias)[0])
        mistakes = []
        for _ in range(epochs):
            wrong = 0
            for row, wanted in zip(rows, classes, strict=True):
                error = int(wanted) - int(row @ w + b > 0)
                w, b, wrong = w + error * row, b + error, wrong + abs(error)
            mistakes.append(wrong)
            if not wrong:
                break
        for p, value in ((self.linear.weight, w[None]), (self.linear.bias, np.array([b]))):
            p.data[...] = as_like(value.astype(np.float32), p.data)
        return mistakes
