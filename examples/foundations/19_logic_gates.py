"""What one layer can and cannot do: logic gates · 논리 게이트와 XOR의 한계

A single neuron draws one straight line through the plane and says yes on one side. OR, AND and NAND
need no more. XOR has its two yeses in opposite corners, and no line has both on one side.

    y = sigmoid(x1 w1 + x2 w2 + b)        loss = -sum over the 4 corners of the surprise (BCE)

Look at the last column of answers: the best a line can do for XOR is to shrug, 0.5 at every corner,
and the loss stops at 4 ln 2 = 2.773. More steps do not help, and neither does another start.

용어  논리 게이트(logic gate). 선형 분리(linear separability): 직선 하나로 나눌 수 있는가.
catalogue  ch21-or
"""

import numpy as np

from mulle import nn

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
GATES = ["OR", "AND", "NAND", "XOR"]
T = np.array([[0, 0, 1, 0], [1, 0, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0]], float)  # a column each
LR, STEPS = 0.5, 4000


def surprise(Y):
    return -(T * np.log(Y) + (1 - T) * np.log(1 - Y)).sum(axis=0)


# Four neurons side by side, one for each gate; they share the inputs and nothing else.
rng = np.random.default_rng(21)
W, b = rng.normal(size=(2, 4)), rng.normal(size=4)
print("step  " + "".join(f"{gate:>9}" for gate in GATES))
for step in range(STEPS + 1):
    Y = 1 / (1 + np.exp(-(X @ W + b)))
    if step in (0, 10, 100, 1000, STEPS):
        print(f"{step:5d} " + "".join(f"{loss:9.4f}" for loss in surprise(Y)))
    W -= LR * (X.T @ (Y - T))
    b -= LR * (Y - T).sum(axis=0)

print("\nx1 x2 " + "".join(f"{gate:>9}" for gate in GATES))
for corner, answers in zip(X.astype(int), Y, strict=True):
    print("{:2d} {:2d} ".format(*corner) + "".join(f"{answer:9.3f}" for answer in answers))

# The engine's layer and Adam, from another start, come to the same end.
nn.manual_seed(0)
layer = nn.Linear(2, 4)
optimizer = nn.optim.Adam(layer.parameters(), lr=0.05)
inputs, targets = X.astype(np.float32), nn.Tensor(T.astype(np.float32))
for _ in range(1000):
    optimizer.zero_grad()
    y = layer(nn.Tensor(inputs)).sigmoid()
    (-(targets * y.log() + (1 - targets) * (1 - y).log()).sum()).backward()
    optimizer.step()
print(f"\nnn.Linear with Adam: {surprise(y.data.astype(float)).round(4)}")

assert (surprise(Y)[:3] < 0.02).all() and np.array_equal(Y[:, :3] > 0.5, T[:, :3] == 1)
assert np.allclose(Y[:, 3], 0.5, atol=1e-6) and np.isclose(surprise(Y)[3], 4 * np.log(2))
assert round(4 * np.log(2), 3) == 2.773
assert np.isclose(surprise(y.data)[3], 2.773, atol=0.001)
