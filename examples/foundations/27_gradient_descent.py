"""The size of a step decides: gradient descent and its troubles · 경사 하강법의 문제점

The rule is always the same, w minus learning rate times slope. On the bowl w^2 the slope is 2w, so
each step multiplies w by (1 - 2 lr), and everything that can go well or badly can be read off it.

    w <- w - lr 2w = (1 - 2 lr) w        after t steps: w = start (1 - 2 lr)^t

Look at the five learning rates from -4: too small crawls, 0.5 is there at once, 0.9 jumps from side
to side and yet arrives, 1.0 jumps for ever, and 1.05 climbs out of the bowl: -26.9 after 20 steps.
The steps of the last one are drawn in 27_gradient_descent.svg.

용어  발산(divergence): 걸음이 너무 커서 최소점에서 점점 멀어짐.
catalogue  ch31-gd opt-gd diag-lr-high diag-lr-low
"""

import numpy as np

from mulle import nn
from mulle.report.charts import line

START, STEPS = -4.0, 20


def descend(lr):
    w = START
    path = [w]
    for _ in range(STEPS):
        w -= lr * 2 * w
        path.append(w)
    return np.array(path)


def descend_by_engine(lr):
    w = nn.Parameter(np.array([START]))
    for _ in range(STEPS):
        w.grad = None
        (w * w).sum().backward()
        w.data -= lr * w.grad
    return w.data[0]


def picture_of(position):
    places = [" "] * 41
    places[20] = "|"
    places[int(np.clip(round(position * 4) + 20, 0, 40))] = "o"
    return "".join(places)


paths = {lr: descend(lr) for lr in (0.01, 0.1, 0.5, 0.9, 1.0, 1.05)}
for lr, path in paths.items():
    print(f"lr {lr:4.2f}  factor {1 - 2 * lr:5.2f}  after {STEPS} steps {path[-1]:8.4f}")
    assert np.allclose(path, START * (1 - 2 * lr) ** np.arange(STEPS + 1))
    assert np.isclose(path[-1], descend_by_engine(lr))

print("\nlr 0.9, step by step")
for position in paths[0.9][:9]:
    print("  " + picture_of(position))

bowl = np.linspace(-27, 27, 200)
steps = paths[1.05]
curves = {"w²": (bowl, bowl**2), "steps of lr 1.05": (steps, steps**2)}
picture = line(curves, "w", "loss", dots=["steps of lr 1.05"])
picture.save("27_gradient_descent.svg")

assert round(paths[1.05][-1], 1) == -26.9
assert paths[0.5][1] == 0 and abs(paths[0.9][-1]) < 0.05
assert abs(paths[1.0][-1]) == 4 and paths[0.01][-1] < -2.5
