"""Yes or no: logistic regression · 로지스틱 회귀

Twelve young basketball players: points, rebounds and assists a game, and whether a team drafted
them. A weighted sum goes through the sigmoid and is read as the probability of yes. The loss asks
how surprised the model was by what happened.

    p = sigmoid(X w + b)      loss = -mean(y ln p + (1 - y) ln(1 - p))
    the slope at the sum X w + b is simply (p - y) / n

Look at the probabilities: two players stand on the "wrong" side, as in life, and keep the weights
from growing for ever. A convex loss has one bottom: where the gradient is zero, that is it.

용어  로지스틱 회귀: 이름은 회귀지만 분류 모형. 이진 교차 엔트로피(BCE): 정답에 놀란 정도의 평균.
catalogue  ch14-logreg ch14-logreg-torch loss-bce
"""

from importlib.util import find_spec

import numpy as np

from mulle import nn

ROWS = np.array([
    [22, 9, 5, 1], [19, 4, 8, 1], [17, 11, 2, 1], [25, 6, 4, 1], [10, 5, 3, 1], [20, 8, 6, 1],
    [8, 3, 2, 0], [12, 4, 1, 0], [6, 7, 1, 0], [18, 7, 4, 0], [10, 2, 4, 0], [9, 5, 3, 0],
], float)  # fmt: skip
X, y = ROWS[:, :3], ROWS[:, 3]
X = (X - X.mean(axis=0)) / X.std(axis=0)
LR, STEPS = 3.0, 150


def by_hand():
    w, b = np.zeros(3), 0.0
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        at_sum = (p - y) / len(y)
        w, b = w - LR * (X.T @ at_sum), b - LR * at_sum.sum()
    return w, b, p


def by_engine():
    w, b = nn.Tensor(np.zeros(3), requires_grad=True), nn.Tensor(np.zeros(1), requires_grad=True)
    for _ in range(STEPS):
        p = (nn.Tensor(X) @ w.reshape(3, 1) + b).sigmoid().reshape(-1)
        loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
        w.grad = b.grad = None
        loss.backward()
        w.data, b.data = w.data - LR * w.grad, b.data - LR * b.grad
    return w.data, b.data[0], p.data


def by_torch():
    import torch

    torch.set_num_threads(1)  # so little work is done fastest by one

    w, b = (torch.zeros(n, dtype=torch.float64, requires_grad=True) for n in (3, 1))
    for _ in range(STEPS):
        p = torch.sigmoid(torch.tensor(X) @ w + b)
        w.grad = b.grad = None
        torch.nn.functional.binary_cross_entropy(p, torch.tensor(y)).backward()
        w.data, b.data = w.data - LR * w.grad, b.data - LR * b.grad
    return w.detach().numpy(), b.item(), p.detach().numpy()


w, b, p = by_hand()
print("points rebounds assists  drafted  probability")
for row, chance in zip(ROWS.astype(int), p, strict=True):
    print("{:6d} {:8d} {:7d} {:8d} {:12.3f}".format(*row, chance))
print(f"weights {w.round(3)} (in standard deviations), b {b:.3f}")

engine = by_engine()
assert np.allclose(engine[0], w) and np.isclose(engine[1], b) and np.allclose(engine[2], p)
if find_spec("torch"):
    peer = by_torch()
    print(f"PyTorch {peer[0].round(3)}, b {peer[1]:.3f}")
    assert np.allclose(peer[0], w) and np.isclose(peer[1], b) and np.allclose(peer[2], p)
else:
    print("PyTorch is not installed, so the comparison is left out.")

assert np.abs(X.T @ (p - y)).max() < 1e-3  # the one bottom of a convex loss
assert 10 / 12 <= ((p > 0.5) == y).mean() < 1
