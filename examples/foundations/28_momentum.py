"""A ball with weight rolls on: momentum · 모멘텀

A landscape with two valleys, of which the one at the left is not the deepest. Plain descent from -8
walks into it and stays. A heavy ball keeps nine tenths of its speed at each step and rolls over the
hill, into the deeper valley, and also some way past its bottom.

    f(x) = (x - 9) x (x + 1) (x + 6) / 200 + 4       lowest at -4.345 (2.395) and 6.335 (-3.638)
    v <- b v + (1 - b) f'(x)        x <- x - lr v     (averaged form, b = 0.9, lr = 0.4)
    v <- b v + f'(x)                x <- x - lr v     (usual form: the same path at lr (1 - b))

Look at where each ends after 99 steps, and at the dots in 28_momentum.svg. That momentum found the
deeper valley is luck of this landscape: nothing guarantees it.

용어  관성(momentum): 지난 기울기의 평균을 따라 움직임. 추월(overshoot): 최소점을 지나침.
catalogue  ch32-momentum opt-momentum diag-overshoot
"""

import numpy as np

from mulle import nn
from mulle.report.charts import line

QUARTIC = np.poly1d(np.poly([9, 0, -1, -6])) / 200 + 4
slope = QUARTIC.deriv()
START, STEPS, B, LR = -8.0, 99, 0.9, 0.4


def momentum(b, new, lr):
    """The path of v <- b v + new * slope; with b = 0 it is plain descent."""
    x, v = START, 0.0
    path = [x]
    for _ in range(STEPS):
        v = b * v + new * slope(x)
        x -= lr * v
        path.append(x)
    return np.array(path)


valleys = sorted(x for x in slope.roots if slope.deriv()(x) > 0)
print("valleys:", ", ".join(f"x = {x:.3f}, height {QUARTIC(x):.3f}" for x in valleys))
plain = momentum(0.0, 1.0, LR)
averaged = momentum(B, 1 - B, LR)
usual = momentum(B, 1.0, LR * (1 - B))
for name, path in [("plain descent", plain), ("averaged form", averaged), ("usual form", usual)]:
    print(f"{name}: after {STEPS} steps x = {path[-1]:.3f}; it has been as far as {path.max():.3f}")

# The engine has the usual form, like PyTorch; here it is handed the slopes.
x = nn.Parameter(np.array([START]))
optimizer = nn.optim.SGD([x], lr=LR * (1 - B), momentum=B)
for _ in range(STEPS):
    x.grad = slope(x.data)
    optimizer.step()
print(f"nn.optim.SGD(lr=0.04, momentum=0.9): x = {x.item():.3f}")

curve = np.linspace(-8.2, 9.5, 250)
curves = {"f(x)": (curve, QUARTIC(curve)), "steps with momentum": (averaged, QUARTIC(averaged))}
picture = line(curves, "x", "f(x)", dots=["steps with momentum"])
picture.save("28_momentum.svg")

assert np.allclose(valleys, [-4.345, 6.335], atol=5e-4)
assert np.allclose(QUARTIC(np.array(valleys)), [2.395, -3.638], atol=5e-4)
assert round(averaged[-1], 3) == 6.290 and averaged.max() > 6.4
assert np.allclose(averaged, usual) and np.isclose(x.item(), averaged[-1])
assert np.isclose(plain[-1], valleys[0])
