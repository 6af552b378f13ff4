"""The perceptron: one affine layer and a step."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.layers import Linear
from mulle.nn.module import Module, as_like
from mulle.nn.tensor import as_numpy


class Perceptron(Module):
    """Perceptron: y = x w' + b; the class is 1 where y > 0.

    It cannot learn classes that no line separates, such as XOR.

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
        """Compute the output of the network."""
        return self.linear(x)

    def learn(self, x: Any, target: Any, *, epochs: int = 100) -> list[int]:
        """Learn by Rosenblatt's rule: at a mistake, w += (target - class) x, b += target - class.

        Args:
            x: rows, shape (n, n_in).
            target: classes 0 and 1, shape (n,).
            epochs: largest number of passes; a pass without a mistake is the last.

        Returns:
            The number of mistakes in each pass; 0 at the end if a line separates the classes.
        """
        weight, bias = self.linear.weight, self.linear.bias
        rows, classes = as_numpy(x), as_numpy(target)
        w, b = as_numpy(weight)[0].copy(), float(as_numpy(bias)[0])
        mistakes = []
        for _ in range(epochs):
            wrong = 0
            for row, wanted in zip(rows, classes, strict=True):
                error = int(wanted) - int(row @ w + b > 0)
                w, b, wrong = w + error * row, b + error, wrong + abs(error)
            mistakes.append(wrong)
            if not wrong:
                break
        for p, value in zip(self.parameters(), (w[None], np.array([b])), strict=True):
            p.data[...] = as_like(value.astype(np.float32), p.data)
        return mistakes
