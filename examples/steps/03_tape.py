"""Step 3. Each value remembers who made it: the tape · 계산의 기록, 테이프

When an operation is done, its result keeps three things: the operation, the inputs, what was saved.
So a chain of results is a tape that can be played backwards, one `backward` after the other: the
chain rule, with no formula written by anyone.
"""

from importlib import import_module

operations = import_module("02_operation")


class Value:
    """A number that remembers how it was computed."""

    def __init__(self, data):
        self.data, self.grad, self.made_by = data, None, None

    def do(self, operation):
        """The result of an operation on this value, with its past."""
        y, saved = operation.forward(self.data)
        result = Value(y)
        result.made_by = operation, self, saved
        return result

    def backward(self):
        """Play the tape backwards from here."""
        self.grad, value = 1.0, self
        while value.made_by:
            operation, x, saved = value.made_by
            x.grad = operation.backward(value.grad, saved)
            print(f"  {type(operation).__name__:7} hands back {x.grad:.4f}")
            value = x


if __name__ == "__main__":
    x = Value(0.5)
    y = x.do(operations.Double()).do(operations.Square()).do(operations.Exp())  # e^((2x)^2)
    print(f"y = {y.data:.4f}, and backwards:")
    y.backward()

    assert abs(x.grad - 8 * 0.5 * y.data) < 1e-12
