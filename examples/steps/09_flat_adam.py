"""Step 9. One long row of weights, and Adam · 하나의 긴 버퍼와 Adam

An optimizer that visits each weight array in turn spends its time on visiting. Lay all of them end
to end in one long array, let the layers look at their part of it (a view, no copy), and an update
is a few vector operations, however many layers there are.
"""

from importlib import import_module
from timeit import repeat

import numpy as np

modules = import_module("08_modules")


class Adam:
    """w <- w - lr m^ / (sqrt(v^) + e), over all parameters at once."""

    def __init__(self, parameters, lr=0.01):
        self.parameters, self.lr, self.t = parameters, lr, 0
        self.w = np.concatenate([p.data.ravel() for p in parameters])
        self.m, self.v = np.zeros_like(self.w), np.zeros_like(self.w)
        begin = 0
        for p in parameters:
            end = begin + p.data.size
            p.data, begin = self.w[begin:end].reshape(p.data.shape), end

    def step(self):
        """One update; the gradients are used up."""
        g = np.concatenate([p.grad.ravel() for p in self.parameters])
        self.t += 1
        self.m += 0.1 * (g - self.m)
        self.v += 0.001 * (g * g - self.v)
        size = np.sqrt(self.v / (1 - 0.999**self.t)) + 1e-8
        self.w -= self.lr / (1 - 0.9**self.t) * self.m / size
        for p in self.parameters:
            p.grad = None


def step_all(optimizers):
    for optimizer in optimizers:
        for p in optimizer.parameters:
            p.grad = np.ones_like(p.data)
        optimizer.step()


if __name__ == "__main__":
    rng = np.random.default_rng(9)
    seconds = {}
    for way in ("one flat buffer", "one for each array"):
        layers = [modules.Linear(8, 8, rng) for _ in range(20)]
        parameters = [p for layer in layers for p in layer.parameters()]
        groups = [parameters] if way == "one flat buffer" else [[p] for p in parameters]
        optimizers = [Adam(group) for group in groups]
        before = parameters[0].data.copy()
        step_all(optimizers)
        assert np.allclose(before - parameters[0].data, 0.01)  # the first step is lr long
        seconds[way] = min(repeat(lambda o=optimizers: step_all(o), number=20)) / 20
        print(f"{way:19} {seconds[way] * 1e6:7.0f} microseconds a step")
    assert seconds["one flat buffer"] < seconds["one for each array"]
