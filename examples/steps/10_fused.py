"""Step 10. Fewer, larger operations · 융합 연산과 속도

`x @ W + b` leaves two nodes on the tape and an array in between that nobody wants. One node for the
whole layer computes the same with one array less, and adds b in place. The rule: fuse what is
always used together, and only where it is measured to pay.
"""

from importlib import import_module
from timeit import repeat

import numpy as np

Tensor = import_module("05_arrays").Tensor
modules = import_module("08_modules")
CrossEntropy = import_module("07_loss").CrossEntropy


class FusedLinear:
    """y = x W + b, one node."""

    onnx = "Gemm"

    def forward(self, x, W, b):
        """The result, with b added where it lies."""
        y = x @ W
        y += b
        return y, (x, W)

    def backward(self, gy, saved):
        """All three gradients."""
        x, W = saved
        return gy @ W.T, x.T @ gy, gy.sum(axis=0)


class Linear(modules.Linear):
    """The layer, by one operation."""

    def __call__(self, x):
        """One node."""
        return x.do(FusedLinear(), self.W, self.b)


def one_pass(model, x, classes):
    loss = model(x).do(CrossEntropy(classes))
    loss.backward()
    grads = [p.grad for p in model.parameters()]
    for p in (*model.parameters(), x):
        p.grad = None
    return loss.data, grads


if __name__ == "__main__":
    x, classes = Tensor(np.random.default_rng(0).normal(size=(32, 20))), np.arange(32) % 2
    results = {}
    for kind in (modules.Linear, Linear):
        rng = np.random.default_rng(10)
        sizes = [kind(20, 64, rng), modules.ReLU(), kind(64, 64, rng), modules.ReLU()]
        model = modules.Sequential(*sizes, kind(64, 2, rng))
        loss, grads = one_pass(model, x, classes)
        seconds = min(repeat(lambda m=model: one_pass(m, x, classes), number=50, repeat=7)) / 50
        name = "fused" if kind is Linear else "plain"
        results[name] = loss, grads, seconds
        print(f"{name}: loss {loss:.6f}, {seconds * 1e6:.0f} microseconds there and back")
    print(f"gain: {results['plain'][2] / results['fused'][2]:.2f}x")

    assert results["plain"][0] == results["fused"][0]
    assert all(map(np.allclose, results["plain"][1], results["fused"][1]))
