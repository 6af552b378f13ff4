"""Step 5. From numbers to arrays · 배열과 브로드캐스팅

The tape does not care what flows along it: let it be arrays. Two things are new. A row added to
every row of a matrix (broadcasting) was used many times, so its gradient is the sum over them. And
the product of matrices has the two transposes that the foundations explain.
"""

from importlib import import_module

import numpy as np

Value = import_module("04_reverse_order").Value


def unbroadcast(grad, shape):
    """Add up over the axes along which an array of this shape was repeated."""
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    ones = tuple(i for i, n in enumerate(shape) if n == 1 < grad.shape[i])
    return grad.sum(axis=ones, keepdims=True) if ones else grad


class Add:
    """y = a + b, shapes may differ as NumPy allows."""

    def forward(self, a, b):
        """The result, and both shapes."""
        return a + b, (a.shape, b.shape)

    def backward(self, gy, shapes):
        """Back in the shapes that came."""
        return tuple(unbroadcast(gy, shape) for shape in shapes)


class Multiply:
    """y = a b, entry by entry."""

    def forward(self, a, b):
        """The result, and both inputs."""
        return a * b, (a, b)

    def backward(self, gy, saved):
        """Each gets the other's values."""
        a, b = saved
        return unbroadcast(gy * b, a.shape), unbroadcast(gy * a, b.shape)


class Matmul:
    """Y = A B."""

    def forward(self, a, b):
        """The result, and both inputs."""
        return a @ b, (a, b)

    def backward(self, gy, saved):
        """The two transposes."""
        a, b = saved
        return gy @ b.T, a.T @ gy


class Mean:
    """y = the mean of all entries."""

    def forward(self, x):
        """The result, and the shape."""
        return x.mean(), x.shape

    def backward(self, gy, shape):
        """Each entry gets its share."""
        return (np.full(shape, gy / np.prod(shape)),)


class Tensor(Value):
    """An array that remembers how it was computed."""

    def __init__(self, data):
        super().__init__(np.asarray(data, float))

    def __add__(self, other):
        return self.do(Add(), other)

    def __mul__(self, other):
        return self.do(Multiply(), other)

    def __matmul__(self, other):
        return self.do(Matmul(), other)

    def mean(self):
        """The mean of all entries."""
        return self.do(Mean())


if __name__ == "__main__":
    rng = np.random.default_rng(5)
    X, W, b = (Tensor(rng.normal(size=shape)) for shape in [(4, 3), (3, 2), (2,)])
    Y = X @ W + b
    loss = (Y * Y).mean()
    loss.backward()
    print(f"loss {loss.data:.4f}; gradients of shape {X.grad.shape} {W.grad.shape} {b.grad.shape}")

    gy = 2 * Y.data / Y.data.size
    assert np.allclose(W.grad, X.data.T @ gy) and np.allclose(X.grad, gy @ W.data.T)
    assert np.allclose(b.grad, gy.sum(axis=0))
