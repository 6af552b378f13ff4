"""One input at a time: partial derivatives · 다변수 도함수와 편미분

With two inputs there are two slopes: hold y still and move x, or hold x still and move y. The
chain rule works as before, once for each input. Together the slopes are the gradient.

    z = sigmoid(s),  s = x y      dz/dx = sigmoid'(s) * y        dz/dy = sigmoid'(s) * x
                     s = x + y    dz/dx = dz/dy = sigmoid'(s)
    sigmoid'(s) = sigmoid(s) (1 - sigmoid(s)), never above 1/4

Look at how the multiplication *swaps* its inputs on the way back (x's slope holds y), while the
addition hands the same slope to both. Layers are built of these two gestures.

용어  편미분(partial derivative): 다른 입력을 고정하고 하나만 움직일 때의 기울기.
catalogue  ch03-derive ad-partial
"""

import numpy as np

from mulle import nn


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def slope_of_sigmoid(s):
    return sigmoid(s) * (1 - sigmoid(s))


def nudged(f, x, y, h=1e-5):
    return (f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)


def by_engine(f, x, y):
    tx, ty = (nn.Tensor(np.array([v]), requires_grad=True) for v in (x, y))
    f(tx, ty).backward()
    return tx.grad[0], ty.grad[0]


print("    x     y    z             dz/dx   dz/dy     nudged            the engine")
for x, y in [(1.0, 2.0), (-0.5, 3.0), (0.0, 1.5)]:
    s = x * y
    product = slope_of_sigmoid(s) * y, slope_of_sigmoid(s) * x
    total = (slope_of_sigmoid(x + y),) * 2
    for sign, formula, f, traced in [
        ("*", product, lambda a, b: sigmoid(a * b), lambda a, b: (a * b).sigmoid()),
        ("+", total, lambda a, b: sigmoid(a + b), lambda a, b: (a + b).sigmoid()),
    ]:
        measured, remembered = nudged(f, x, y), by_engine(traced, x, y)
        numbers = " | ".join(f"{a:7.4f} {b:7.4f}" for a, b in (formula, measured, remembered))
        print(f"{x:5.1f} {y:5.1f}   sigmoid(x {sign} y) {numbers}")
        assert np.allclose(formula, measured, atol=1e-9)
        assert np.allclose(formula, remembered, atol=1e-12)

s = np.linspace(-6, 6, 1201)
print(f"\nThe sigmoid is steepest at s = {s[slope_of_sigmoid(s).argmax()]:.1f}: 1/4")
assert slope_of_sigmoid(s).max() == 0.25 and abs(s[slope_of_sigmoid(s).argmax()]) < 1e-9
