"""Level ground that is no valley: saddles and long valleys · 안장점과 찌그러진 기울기

Where the gradient is zero, the second derivatives tell what the place is. In a valley the ground
bends up in every direction, on a hilltop down, on a saddle up one way and down another. How much
more it bends one way than another, the condition number, says how long descent zigzags.

    H = matrix of second derivatives     eigenvalues > 0: valley   of both signs: saddle
    x^2 - y^2 at (0, 0): eigenvalues 2 and -2         condition number = largest / smallest

Look at how descent leaves the saddle as soon as it is not exactly on the ridge, and at how many
steps the long valley takes, with momentum and without.

용어  안장점(saddle point), 고유값(eigenvalue), 조건수(condition number), 지그재그(zigzag).
catalogue  diag-saddle diag-skew diag-zigzag diag-plateau
"""

import numpy as np

from mulle import nn

F = nn.functional


def hessian(f, point, h=1e-4):
    """Second derivatives, by central differences of the engine's gradients."""

    def gradient(p):
        x = nn.Tensor(p, requires_grad=True)
        f(x).backward()
        return x.grad

    steps = np.eye(len(point)) * h
    return np.array([(gradient(point + s) - gradient(point - s)) / (2 * h) for s in steps])


def saddle(p):
    return p[0] * p[0] - p[1] * p[1]


def valley(p):
    return p[0] * p[0] + 100.0 * p[1] * p[1]


def steps_to(f, start, lr, momentum, most=5000):
    """How many steps of descent until the value is below 1e-6."""
    p = nn.Parameter(np.array(start))
    optimizer = nn.optim.SGD([p], lr=lr, momentum=momentum)
    for step in range(1, most + 1):
        optimizer.zero_grad()
        loss = f(p)
        loss.backward()
        optimizer.step()
        if abs(loss.item()) < 1e-6:
            return step
    return most


for name, f in [("saddle", saddle), ("valley", valley)]:
    bends = np.linalg.eigvalsh(hessian(f, np.zeros(2)))
    print(f"{name}: at (0, 0) the ground bends by {bends.round(3)}")

p = nn.Parameter(np.array([1.0, 1e-6]))
optimizer = nn.optim.SGD([p], lr=0.1)
for step in range(80):
    optimizer.zero_grad()
    saddle(p).backward()
    optimizer.step()
    if step % 20 == 19:
        print(f"  after {step + 1} steps x = {p.data[0]:.1e}, y = {p.data[1]:.1e}")

bends = np.linalg.eigvalsh(hessian(valley, np.zeros(2)))
print(f"the valley's condition number: {bends[1] / bends[0]:.0f}")
plain, heavy = (steps_to(valley, [1.0, 1.0], 0.009, m) for m in (0.0, 0.8))
print(f"steps to its bottom: {plain} by descent, {heavy} with momentum 0.8")

assert np.allclose(np.linalg.eigvalsh(hessian(saddle, np.zeros(2))), [-2, 2], atol=1e-6)
assert abs(p.data[0]) < 1e-6 and p.data[1] > 1.0
assert heavy < plain / 3
