"""Step 7. A loss for classes · 분류의 손실

Softmax and cross-entropy are one operation here, not two: computed together they cannot overflow,
and backwards all that is left is probabilities minus the truth. The class ids are no tensor, for
nobody learns them; they belong to the operation. ReLU, the bend between layers, comes along.
"""

from importlib import import_module

import numpy as np

Tensor = import_module("05_arrays").Tensor


class CrossEntropy:
    """y = mean of -ln softmax(x)[class]."""

    def __init__(self, classes):
        self.classes = classes

    def forward(self, x):
        """The loss, and the gradient that it will need."""
        rows = np.arange(len(x))
        z = x - x.max(axis=1, keepdims=True)
        p = np.exp(z)
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[rows, self.classes]).mean()
        p[rows, self.classes] -= 1
        return loss, p / len(x)

    def backward(self, gy, slope):
        """Probabilities minus truth."""
        return (gy * slope,)


class ReLU:
    """y = max(0, x)."""

    onnx = "Relu"

    def forward(self, x):
        """The result, and where it is on."""
        return np.maximum(x, 0), x > 0

    def backward(self, gy, on):
        """Through where it was on."""
        return (gy * on,)


def measured(x, operation, h=1e-6):
    """The slope for each entry, by nudging it."""
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += h
        down[place] -= h
        slopes[place] = (operation.forward(up)[0] - operation.forward(down)[0]) / (2 * h)
    return slopes


if __name__ == "__main__":
    rng = np.random.default_rng(7)
    x, classes = Tensor(rng.normal(size=(4, 3))), np.array([0, 2, 1, 1])
    loss = x.do(ReLU()).do(CrossEntropy(classes))
    loss.backward()
    print(f"loss {loss.data:.4f}, slopes of the first row {x.grad[0].round(4)}")
    sure = Tensor([[1000.0, 0.0, 0.0]]).do(CrossEntropy([0]))
    print(f"scores of a thousand: loss {sure.data + 0:.4f}, no overflow")

    relu = np.maximum(x.data, 0)
    assert np.allclose(x.grad, measured(relu, CrossEntropy(classes)) * (x.data > 0), atol=1e-8)
    assert sure.data == 0
