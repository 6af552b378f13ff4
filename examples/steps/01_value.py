"""Step 1. A box for a number · 상자에 담긴 수

Everything begins with a box. The number lies inside; on the outside there is room for notes, and
the notes are what the next steps are about: who made it, and how the end depends on it (`grad`).
"""


class Value:
    """A number, with room for what will be known about it."""

    def __init__(self, data):
        self.data = data
        self.grad = None

    def __repr__(self):
        return f"Value({self.data})"


def square(x):
    return Value(x.data**2)


def double(x):
    return Value(2 * x.data)


if __name__ == "__main__":
    x = Value(3.0)
    y = square(double(x))
    print(f"{x} -> {double(x)} -> {y}")
    print("The answer is right, but nothing in it tells how it came about.")

    assert y.data == 36.0
    assert vars(y) == {"data": 36.0, "grad": None}
