"""Step 8. Parts made of parts: modules · 모듈

A network is layers, layers are weights. One class that looks through what it holds finds them all,
however deep they lie, and gives each a name by its path. Nothing has to be registered.
"""

from importlib import import_module

import numpy as np

Tensor = import_module("05_arrays").Tensor
loss = import_module("07_loss")


class Module:
    """Something that holds parameters, or other modules that do."""

    def named_parameters(self, prefix=""):
        """Paths and parameters, in the order in which they were assigned."""
        for name, held in vars(self).items():
            for i, part in enumerate(held if isinstance(held, list) else [held]):
                path = f"{prefix}{name}.{i}" if isinstance(held, list) else prefix + name
                if isinstance(part, Module):
                    yield from part.named_parameters(path + ".")
                elif isinstance(part, Tensor):
                    yield path, part

    def parameters(self):
        """What is learned."""
        return [p for _, p in self.named_parameters()]


class Linear(Module, import_module("06_linear_layer").Linear):
    """The layer of step 6, whose weights can now be found."""


class ReLU(Module):
    """max(0, x), as a layer."""

    def __call__(self, x):
        """Bend."""
        return x.do(loss.ReLU())


class Sequential(Module):
    """One layer after the other."""

    def __init__(self, *layers):
        self.layers = list(layers)

    def __call__(self, x):
        """Through all of them."""
        for layer in self.layers:
            x = layer(x)
        return x


if __name__ == "__main__":
    rng = np.random.default_rng(8)
    model = Sequential(Linear(4, 8, rng), ReLU(), Linear(8, 3, rng))
    for path, p in model.named_parameters():
        print(f"  {path:12} {p.data.shape}")
    x, classes = Tensor(rng.normal(size=(5, 4))), rng.integers(3, size=5)
    model(x).do(loss.CrossEntropy(classes)).backward()

    names = [path for path, _ in model.named_parameters()]
    assert names == ["layers.0.W", "layers.0.b", "layers.2.W", "layers.2.b"]
    assert all(p.grad.shape == p.data.shape for p in model.parameters())
