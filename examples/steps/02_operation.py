"""Step 2. An operation knows its own slope · 자기 기울기를 아는 연산

A function is two functions. `forward` computes and keeps what it will need; `backward` is handed
how the end changes with the result (gy) and answers how it changes with the input:

    gx = gy * dy/dx        square: 2x        double: 2        exp: e^x, the result itself
"""

import math


class Square:
    """y = x^2."""

    def forward(self, x):
        """The result, and what is saved."""
        return x**2, x

    def backward(self, gy, x):
        """The gradient of the input."""
        return 2 * x * gy


class Double:
    """y = 2x."""

    def forward(self, x):
        """The result; nothing needs saving."""
        return 2 * x, None

    def backward(self, gy, _):
        """The gradient of the input."""
        return 2 * gy


class Exp:
    """y = e^x."""

    def forward(self, x):
        """The result, which is also what is saved."""
        y = math.exp(x)
        return y, y

    def backward(self, gy, y):
        """The gradient of the input."""
        return gy * y


def measured(operation, x, h=1e-5):
    return (operation.forward(x + h)[0] - operation.forward(x - h)[0]) / (2 * h)


if __name__ == "__main__":
    for operation in (Square(), Double(), Exp()):
        y, saved = operation.forward(1.5)
        slope = operation.backward(1.0, saved)
        print(f"{type(operation).__name__:7} y {y:.4f}  slope {slope:.4f}  measured", end=" ")
        print(f"{measured(operation, 1.5):.4f}")
        assert math.isclose(slope, measured(operation, 1.5), rel_tol=1e-8)
