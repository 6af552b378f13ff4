"""Step 4. Many paths, one order · 역순과 기울기의 합

With two inputs the tape becomes a net, and a value may be used twice. Two rules make it right: what
comes back by several paths is *added*, and a value hands on only after *all* its users have
reported. Going by age, the youngest first, keeps the second rule, for users are always younger.
"""

from itertools import count

age = count()


class Add:
    """y = a + b."""

    def forward(self, a, b):
        """The result; nothing needs saving."""
        return a + b, None

    def backward(self, gy, _):
        """Both get all of it."""
        return gy, gy


class Multiply:
    """y = a b."""

    def forward(self, a, b):
        """The result; both inputs are saved."""
        return a * b, (a, b)

    def backward(self, gy, saved):
        """Each gets the other's value."""
        a, b = saved
        return gy * b, gy * a


class Value:
    """A number in a net of operations."""

    def __init__(self, data):
        self.data, self.grad, self.made_by, self.age = data, None, None, next(age)

    def do(self, operation, *others):
        """The result of an operation on this value and others."""
        inputs = (self, *others)
        y, saved = operation.forward(*(x.data for x in inputs))
        result = type(self)(y)
        result.made_by = operation, inputs, saved
        return result

    def __add__(self, other):
        return self.do(Add(), other)

    def __mul__(self, other):
        return self.do(Multiply(), other)

    def behind(self):
        """All values that led here, the youngest first."""
        found, waiting = {self}, [self]
        while waiting:
            made_by = waiting.pop().made_by
            new = set(made_by[1]) - found if made_by else set()
            found |= new
            waiting += new
        return sorted(found, key=lambda value: -value.age)

    def backward(self, gy=1.0):
        """Fill `grad` of everything behind."""
        self.grad = gy
        for value in self.behind():
            if value.made_by:
                operation, inputs, saved = value.made_by
                grads = operation.backward(value.grad, saved)
                for x, grad in zip(inputs, grads, strict=True):
                    x.grad = grad if x.grad is None else x.grad + grad


if __name__ == "__main__":
    x, y = Value(3.0), Value(2.0)
    square = x * x
    z = square * y + square + x  # x^2 y + x^2 + x
    z.backward()
    print(f"z = {z.data}, dz/dx = {x.grad}, dz/dy = {y.grad}")

    assert z.data == 30.0
    assert x.grad == 2 * 3 * 2 + 2 * 3 + 1 and y.grad == 9
