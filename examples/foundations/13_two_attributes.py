"""Two attributes, one plane · 입력 특성 2개의 선형 회귀

With two inputs the line becomes a plane, and nothing else changes: one weight for each input, one
slope for each weight, all found by one product of arrays.

    y = X w + b,  X (4x2), w (2)        dw = 2/n X^T (y_hat - y)        db = 2/n sum (y_hat - y)

Look at the four corners of the unit square, on which y = 2 x1 + 3 x2 + 1. Walking downhill, solving
the equations at once (least squares), and a layer of the engine all end at the same 2, 3 and 1.

용어  특성(attribute, feature): 입력의 각 항목. 최소제곱법(least squares): 제곱 오차가 최소인 해.
catalogue  ch13-multi
"""

import numpy as np

from mulle import nn

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = 2 * X[:, 0] + 3 * X[:, 1] + 1
LR, STEPS = 0.5, 300

w, b = np.zeros(2), 0.0
for step in range(STEPS):
    miss = X @ w + b - y
    if step in (0, 1, 10, 50, 100):
        print(f"step {step:3d}  w {w.round(4)}  b {b:.4f}  loss {(miss**2).mean():.6f}")
    w -= LR * 2 / len(y) * (X.T @ miss)
    b -= LR * 2 / len(y) * miss.sum()
print(f"by hand        {w[0]:.5f} {w[1]:.5f} {b:.5f}")

# A column of ones turns b into one more weight; then a single solve gives them all.
at_once = np.linalg.lstsq(np.column_stack([X, np.ones(4)]), y, rcond=None)[0]
print(f"least squares  {at_once[0]:.5f} {at_once[1]:.5f} {at_once[2]:.5f}")

layer = nn.Linear(2, 1)
inputs, targets = nn.Tensor(X.astype(np.float32)), nn.Tensor(y[:, None].astype(np.float32))
for _ in range(STEPS):
    layer.zero_grad()
    ((layer(inputs) - targets) ** 2).mean().backward()
    for p in layer.parameters():
        p.data -= LR * p.grad
learned = [*layer.weight.data.ravel(), *layer.bias.data]
print(f"nn.Linear      {learned[0]:.5f} {learned[1]:.5f} {learned[2]:.5f}")

print("\n  x1  x2   y   by hand")
for row, target, answer in zip(X, y, X @ w + b, strict=True):
    print(f"{row[0]:4.0f} {row[1]:3.0f} {target:4.0f} {answer:8.4f}")

for found in ([*w, b], at_once, learned):
    assert np.allclose(found, [2, 3, 1], atol=1e-3)
