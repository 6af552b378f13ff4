"""Step 6. A layer that learns · 선형 층으로 배우기

Weights are tensors like any other; what makes them learn is a loop of four lines: compute the loss,
go backwards, take a small step against each gradient, forget the gradients.
"""

from importlib import import_module

import numpy as np

Tensor = import_module("05_arrays").Tensor


class Linear:
    """y = x W + b."""

    def __init__(self, inputs, outputs, rng):
        bound = inputs**-0.5
        self.W = Tensor(rng.uniform(-bound, bound, (inputs, outputs)))
        self.b = Tensor(np.zeros(outputs))

    def __call__(self, x):
        """(rows, inputs) -> (rows, outputs)."""
        return x @ self.W + self.b


if __name__ == "__main__":
    rng = np.random.default_rng(6)
    X = Tensor(rng.normal(size=(100, 3)))
    truth = X.data @ [[2.0], [-1.0], [0.5]] + 3
    layer = Linear(3, 1, rng)
    for step in range(101):
        miss = layer(X) + Tensor(-truth)
        loss = (miss * miss).mean()
        loss.backward()
        for p in (layer.W, layer.b):
            p.data -= 0.1 * p.grad
            p.grad = None
        if step % 25 == 0:
            print(f"step {step:3d}  loss {loss.data:.6f}")
    print(f"W {layer.W.data.ravel().round(3)}, b {layer.b.data.round(3)}")

    assert np.allclose(layer.W.data.ravel(), [2, -1, 0.5], atol=1e-3)
    assert np.isclose(layer.b.data[0], 3, atol=1e-3)
