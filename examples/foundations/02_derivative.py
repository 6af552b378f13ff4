"""How steep is it here? The derivative · 도함수와 수치 미분

Move x by a little and see by how much f moves: their quotient is the slope. A computer cannot let
the little step go to zero, so the way it is taken decides how good the answer is.

    forward (f(x + h) - f(x)) / h           error about f''(x) h / 2
    central (f(x + h) - f(x - h)) / (2h)    error about f'''(x) h^2 / 6

Look at the table of errors: make h ten times smaller and the forward error falls ten times, the
central one a hundred times, until rounding eats the digits and both become worse again. The
picture 02_derivative.svg has x^2, ln x and their numerical slopes.

용어  도함수(derivative): 각 점에서의 기울기. 수치 미분(numerical derivative): 작은 h로 잰 기울기.
catalogue  ch02-derive ad-numdiff
"""

import numpy as np

from mulle import nn
from mulle.report.charts import line

H = 0.001


def forward(f, x, h=H):
    return (f(x + h) - f(x)) / h


def central(f, x, h=H):
    return (f(x + h) - f(x - h)) / (2 * h)


xs = np.linspace(0.25, 3, 12)
print("   x   slope of x^2 (2x)   slope of ln x (1/x)")
for x in xs[::3]:
    print(f"{x:4.2f} {forward(np.square, x):12.4f} ({2 * x:.1f})", end="")
    print(f" {forward(np.log, x):14.4f} ({1 / x:.4f})")

print("\nError of the slope of ln x at x = 1\n      h   forward   central")
errors = {}
for exponent in (1, 2, 3, 5, 8, 11):
    h = 10.0**-exponent
    errors[exponent] = abs(forward(np.log, 1.0, h) - 1), abs(central(np.log, 1.0, h) - 1)
    print(f"  1e-{exponent:02d} {errors[exponent][0]:9.1e} {errors[exponent][1]:9.1e}")

# The engine takes no small step at all: it knows the derivative of each of its operations.
x = nn.Tensor(xs, requires_grad=True)
x.log().sum().backward()

curves = {"x²": np.square(xs), "slope of x²": forward(np.square, xs),
          "ln x": np.log(xs), "slope of ln x": forward(np.log, xs)}  # fmt: skip
picture = line({name: (xs, ys) for name, ys in curves.items()}, "x", "f(x)")
picture.save("02_derivative.svg")

assert np.allclose(forward(np.square, xs), 2 * xs + H)  # for x^2 the error is h, exactly
assert np.abs(forward(np.log, xs) - 1 / xs).max() < H / (2 * xs.min() ** 2)
assert 9 < errors[2][0] / errors[3][0] < 11 and 90 < errors[2][1] / errors[3][1] < 110
assert min(errors[11]) > errors[5][1]  # rounding has won
assert np.allclose(x.grad, 1 / xs, rtol=1e-12)
