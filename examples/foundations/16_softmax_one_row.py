"""Three classes, one row · 데이터 1건 다중 분류

The smallest many-class classifier there is: one flower with four measurements and three scores.
Step by step the probability of the true class rises towards 1, and with it the loss towards 0.

    z = x W + b  (1x4)(4x3)        p = softmax(z)        loss = -ln p[true]
    dz = p - t,   dW = x^T dz,   db = dz                 t: 1 at the true class, else 0

Look at the step from the first row to the next: dz has one negative entry, the true class, whose
score is pulled up, while the others are pushed down in proportion to how much was put on them.

용어  다중 분류(multi-class classification). 원-핫(one-hot): 정답 자리만 1인 벡터.
catalogue  ch18-one
"""

import numpy as np

from mulle import nn
from mulle.nn.functional import cross_entropy

x = np.array([[0.51, 0.35, 0.14, 0.02]])
TRUE, LR, STEPS = 2, 0.5, 100
t = np.eye(3)[[TRUE]]
rng = np.random.default_rng(18)
START = rng.normal(0, 0.1, (4, 3))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


W, b = START.copy(), np.zeros(3)
losses = []
print("step  probabilities           loss     slope at the scores")
for step in range(STEPS):
    p = softmax(x @ W + b)
    losses.append(-np.log(p[0, TRUE]))
    dz = p - t
    if step in (0, 1, 5, 20, 99):
        print(f"{step:4d}  {p[0].round(4)!s:22} {losses[-1]:7.4f}  {dz[0].round(3)}")
    W -= LR * (x.T @ dz)
    b -= LR * dz[0]

# The same with the engine: scores go straight into cross_entropy, which has the softmax inside.
weight, bias = nn.Parameter(START.copy()), nn.Parameter(np.zeros(3))
for _ in range(STEPS):
    weight.grad = bias.grad = None
    loss = cross_entropy(nn.Tensor(x) @ weight + bias, np.array([TRUE]))
    loss.backward()
    weight.data -= LR * weight.grad
    bias.data -= LR * bias.grad
print(f"\nThe engine's last loss {loss.item():.6f}, by hand {losses[-1]:.6f}")

assert np.isclose(losses[0], np.log(3), atol=0.2)  # at first: about one in three
assert all(np.diff(losses) < 0) and losses[-1] < 0.05
assert (dz[0] < 0).tolist() == [False, False, True] and abs(dz.sum()) < 1e-12
assert np.isclose(loss.item(), losses[-1]) and np.allclose(weight.data, W)
