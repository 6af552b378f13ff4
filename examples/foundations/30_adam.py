"""Both at once, and fair from the first step: Adam · Adam: 모멘텀과 RMSProp을 함께

Momentum says where to go, the mean square says how far. Both start at 0 and would be too small at
first; dividing by 1 - b^t makes them what they would be had they always been kept.

    m <- b1 m + (1 - b1) g      v <- b2 v + (1 - b2) g^2
    m^ = m / (1 - b1^t)         v^ = v / (1 - b2^t)         x <- x - lr m^ / (sqrt(v^) + e)

Look at the first steps: each is very nearly lr = 0.3 long, whatever the slope. Then look at where
it stays after 99 of them: -4.318, in the nearer, shallower valley. Adam is careful; it does not
promise the deepest place.

용어  편향 보정(bias correction). 전역 최소(global minimum): 모든 곳 가운데 가장 낮은 점.
catalogue  ch32-adam opt-adam diag-localmin diag-globalmin
"""

import numpy as np

from mulle import nn
from mulle.report.charts import line

QUARTIC = np.poly1d(np.poly([9, 0, -1, -6])) / 200 + 4
slope = QUARTIC.deriv()
START, STEPS, LR, B1, B2, E = -8.0, 99, 0.3, 0.9, 0.999, 1e-8


def adam(start=START, steps=STEPS):
    x, m, v = start, 0.0, 0.0
    path = [x]
    for t in range(1, steps + 1):
        g = slope(x)
        m = B1 * m + (1 - B1) * g
        v = B2 * v + (1 - B2) * g * g
        x -= LR * (m / (1 - B1**t)) / (np.sqrt(v / (1 - B2**t)) + E)
        path.append(x)
    return np.array(path)


path = adam()
print("step        x   length of the step")
for step in (1, 2, 3, 10, 20, 50, 99):
    print(f"{step:4d} {path[step]:8.4f} {abs(path[step] - path[step - 1]):12.6f}")

x = nn.Parameter(np.array([START]))
optimizer = nn.optim.Adam([x], lr=LR)
for _ in range(STEPS):
    x.grad = slope(x.data)
    optimizer.step()
print(f"\nby hand {path[-1]:.6f}, nn.optim.Adam {x.item():.6f}")
ends = {s: round(float(adam(s, 400)[-1]), 2) for s in (-8.0, -2.0, 1.0, 9.0)}
print(f"where it ends by its start: {ends}")

curve = np.linspace(-8.2, 9.5, 250)
curves = {"f(x)": (curve, QUARTIC(curve)), "steps of Adam": (path, QUARTIC(path))}
picture = line(curves, "x", "f(x)", dots=["steps of Adam"])
picture.save("30_adam.svg")

assert round(path[-1], 3) == -4.318 and np.isclose(x.item(), path[-1])
assert np.allclose(np.abs(np.diff(path[:4])), LR, atol=0.02)
