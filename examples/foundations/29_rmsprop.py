"""Steps measured by how steep it has been: RMSProp · RMSProp: 기울기의 크기로 재는 걸음

Instead of following the slope itself, divide it by the size that slopes have lately had. Steep or
flat, a step is then about as long as the learning rate says, for each weight by its own measure.

    s <- r s + (1 - r) f'(x)^2        x <- x - lr f'(x) / (sqrt(s) + e)     (r = 0.999, lr = 0.3)

Look at the first steps: s starts at 0 and has hardly heard of the slope, so they are some thirty
times too long, sqrt(1 / (1 - r)), and fling x over the hill and into the deeper valley at 6.335. It
ends in the right place for a doubtful reason; the next page has the cure.

용어  적응형 학습률(adaptive learning rate): 가중치마다 기울기 크기에 맞춰 걸음을 정함.
catalogue  ch32-rmsprop opt-rmsprop
"""

import numpy as np

from mulle import nn
from mulle.report.charts import line

QUARTIC = np.poly1d(np.poly([9, 0, -1, -6])) / 200 + 4
slope = QUARTIC.deriv()
START, STEPS, R, LR, E = -8.0, 99, 0.999, 0.3, 1e-8


def rmsprop(corrected=False):
    x, s = START, 0.0
    path = [x]
    for t in range(1, STEPS + 1):
        s = R * s + (1 - R) * slope(x) ** 2
        known = s / (1 - R**t) if corrected else s
        x -= LR * slope(x) / (np.sqrt(known) + E)
        path.append(x)
    return np.array(path)


path, calm = rmsprop(), rmsprop(corrected=True)
print("step        x   length of the step   the same, corrected for the start at 0")
for step in (1, 2, 3, 5, 10, 20, 50, 99):
    lengths = [abs(p[step] - p[step - 1]) for p in (path, calm)]
    print(f"{step:4d} {path[step]:8.4f} {lengths[0]:12.6f} {lengths[1]:20.6f}")
print(f"ends at {path[-1]:.3f}; with the correction it stays in the near valley, {calm[-1]:.3f}")

x = nn.Parameter(np.array([START]))
optimizer = nn.optim.RMSprop([x], lr=LR, alpha=R, eps=E)
for _ in range(STEPS):
    x.grad = slope(x.data)
    optimizer.step()
print(f"nn.optim.RMSprop(lr=0.3, alpha=0.999): x = {x.item():.3f}")

curve = np.linspace(-8.2, 9.5, 250)
curves = {"f(x)": (curve, QUARTIC(curve)), "steps of RMSProp": (path, QUARTIC(path))}
picture = line(curves, "x", "f(x)", dots=["steps of RMSProp"])
picture.save("29_rmsprop.svg")

assert round(path[-1], 3) == 6.335 and np.isclose(x.item(), path[-1])
assert np.isclose(path[1] - path[0], LR / np.sqrt(1 - R))  # 31.6 times the learning rate
assert np.isclose(calm[1] - calm[0], LR) and calm[-1] < 0
