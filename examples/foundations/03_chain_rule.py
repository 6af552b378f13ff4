"""Slopes multiply along a chain: the chain rule · 연쇄 법칙

If u moves twice as fast as x, and y moves four times as fast as u, then y moves eight times as
fast as x. Slopes of links are multiplied; the only care to take is *where* each is measured.

    y = u^2,  u = 2x        dy/dx = dy/du * du/dx = 2u * 2 = 8x

Look at the columns: the slope of the outer link is taken at u = 2x, not at x. The product equals
the slope measured on the whole chain. Taken at x by mistake it would be half of that.

용어  연쇄 법칙(chain rule): 합성함수의 기울기는 각 단계 기울기의 곱.
catalogue  ch02-derive2 ad-chain
"""

import numpy as np

from mulle import nn

xs = np.array([-2.0, -0.5, 0.0, 1.0, 3.0])
u = 2 * xs
inner = np.full_like(xs, 2.0)  # du/dx, the same everywhere
outer = 2 * u  # dy/du, at u
by_chain = outer * inner

h = 1e-3
measured = ((2 * (xs + h)) ** 2 - (2 * (xs - h)) ** 2) / (2 * h)

print("    x     u  dy/du  du/dx  product  measured   8x")
for row in zip(xs, u, outer, inner, by_chain, measured, 8 * xs, strict=True):
    print("{:5.1f} {:5.1f} {:6.1f} {:6.1f} {:8.1f} {:9.4f} {:4.0f}".format(*row))

# Ten links are no harder than two: the engine walks them backwards, multiplying as it goes.
x = nn.Tensor(xs, requires_grad=True)
((2 * x) ** 2).sum().backward()
deep = nn.Tensor(np.array([0.3]), requires_grad=True)
y, product = deep, 1.0
for _ in range(10):
    y = y.tanh()
    product *= 1 - y.item() ** 2  # the slope of tanh, written with its own output
y.backward()
print(f"\nTen tanh in a row at 0.3: slope {product:.6f} by hand, {deep.grad[0]:.6f} by the engine")

assert np.array_equal(by_chain, 8 * xs)
assert np.allclose(measured, by_chain)
assert np.array_equal(2 * xs * inner, by_chain / 2)  # the mistake of measuring at x
assert np.array_equal(x.grad, 8 * xs)
assert np.isclose(deep.grad[0], product)
