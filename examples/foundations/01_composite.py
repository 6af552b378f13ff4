"""A function of a function · 합성함수

Put what comes out of one small machine into the next, and the two together are a new machine.
Every neural network, however deep, is made in this way and in no other.

    x  ->  u = 2x  ->  y = u^2          y(x) = (2x)^2 = 4x^2

Look at the last two columns: the chain and the closed form agree everywhere. Then look at the
other order: first squaring and then doubling is a different function.

용어  합성함수(composite function): 한 함수의 결과를 다음 함수의 입력으로 넣어 만든 함수.
catalogue  ch01-composite ad-composite
"""

import numpy as np

from mulle import nn


def double(x):
    return 2 * x


def square(u):
    return u**2


xs = np.arange(-3.0, 4.0)
chained, closed, other_order = square(double(xs)), 4 * xs**2, double(square(xs))

print("   x    2x  (2x)^2   4x^2 | 2(x^2)")
for row in zip(xs, double(xs), chained, closed, other_order, strict=True):
    print("{:4.0f}{:6.0f}{:8.0f}{:7.0f} |{:7.0f}".format(*row))

# The engine runs the very same functions. Besides the answer it keeps the chain that led to it,
# each link with what it was computed from: that is all it needs for derivatives later on.
x = nn.Tensor(xs, requires_grad=True)
y = square(double(x))
outer = y.node
inner = outer.inputs[0].node
print(f"\nThe engine remembers: x -> {inner.operation.name} -> {outer.operation.name} -> y")

assert np.array_equal(chained, closed)
assert not np.array_equal(chained, other_order)
assert np.array_equal(y.data, closed)
assert (inner.operation.name, outer.operation.name) == ("multiply", "power")
