"""After each letter, the next one: many-to-many · 다대다 RNN

Read "hell" and say "ello": after every letter a guess at the one that follows. The letter l is
followed once by l and once by o, so the letter alone cannot tell; the state must remember.

    h_t = tanh(x_t W_x + h_{t-1} W_h + b)     p_t = softmax(h_t W_y + c)     loss = mean over all t
    back: dh_t = (p_t - q_t) W_y^T + dz_{t+1} W_h^T      (from its own answer, and from the future)

Look at the loss of all four steps going down. The loss of the first letter alone, printed beside
it, goes *up* at first while the whole gets better: judge a sequence by all its steps.

용어  다대다(many-to-many): 단계마다 하나씩 출력. 언어 모형(language model)의 가장 작은 모습.
catalogue  ch66-many2many net-rnn-m2m
"""

import numpy as np

from mulle import nn
from mulle.nn.functional import cross_entropy

LETTERS = "helo"
inputs = np.array([LETTERS.index(c) for c in "hell"])
targets = np.array([LETTERS.index(c) for c in "ello"])
X, Q = np.eye(4)[inputs], np.eye(4)[targets]
LR, STEPS, HIDDEN = 0.5, 400, 3
rng = np.random.default_rng(7)
START = [rng.normal(0, 0.5, shape) for shape in [(4, HIDDEN), (HIDDEN, HIDDEN), HIDDEN,
                                                 (HIDDEN, 4), 4]]  # fmt: skip


def read(Wx, Wh, b, Wy, c):
    h, P = [np.zeros(HIDDEN)], []
    for x in X:
        h.append(np.tanh(x @ Wx + h[-1] @ Wh + b))
        scores = h[-1] @ Wy + c
        P.append(np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum())
    return np.array(h), np.array(P)


def gradients(weights, h, P):
    _, Wh, _, Wy, _ = weights
    slopes = [np.zeros_like(a) for a in weights]
    from_future = np.zeros(HIDDEN)
    for t in (3, 2, 1, 0):
        dy = (P[t] - Q[t]) / 4
        dz = (dy @ Wy.T + from_future) * (1 - h[t + 1] ** 2)
        parts = (np.outer(X[t], dz), np.outer(h[t], dz), dz, np.outer(h[t + 1], dy), dy)
        for slope, part in zip(slopes, parts, strict=True):
            slope += part
        from_future = dz @ Wh.T
    return slopes


first_slopes = gradients(START, *read(*START))
weights, history = START, []
for step in range(STEPS + 1):
    h, P = read(*weights)
    each = -np.log(P[Q == 1])
    history.append(each)
    if step in (0, 1, 2, 3, 5, 20, 100, STEPS):
        said = "".join(LETTERS[i] for i in P.argmax(axis=1))
        print(f"step {step:3d}  says {said}  loss {each.mean():.4f}, first letter {each[0]:.4f}")
    slopes = gradients(weights, h, P)
    weights = [a - LR * g for a, g in zip(weights, slopes, strict=True)]

# The engine follows the same loop and finds the way back through time by itself.
Wx, Wh, b, Wy, c = tensors = [nn.Tensor(a, requires_grad=True) for a in START]
h, loss = nn.Tensor(np.zeros((1, HIDDEN))), 0.0
for t in range(4):
    h = (nn.Tensor(X[t : t + 1]) @ Wx + h @ Wh + b).tanh()
    loss = loss + cross_entropy(h @ Wy + c, targets[t : t + 1]) / 4
loss.backward()

history = np.array(history)
better, first_worse = np.diff(history.mean(axis=1)) < 0, np.diff(history[:, 0]) > 0
print(
    f"\nsteps that made the whole better and the first letter worse: {(better & first_worse).sum()}"
)

assert said == "ello" and history[-1].mean() < 0.1
assert np.isclose(loss.item(), history[0].mean())
for tensor, slope in zip(tensors, first_slopes, strict=True):
    assert np.allclose(tensor.grad, slope)
assert (better & first_worse).any()
