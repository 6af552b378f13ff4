"""Read three words, answer once: many-to-one · 다대일 RNN

Is it "as soon as"? Three sentences of the same few words; only the order tells. The network reads
to the end and answers from its last state. Going back, the gradient walks through the steps in
reverse, and since all steps share their weights, their reports are added up.

    h_t = tanh(x_t W_x + h_{t-1} W_h + b)        p = sigmoid(h_3 W_y + c)
    dz_t = dh_t * (1 - h_t^2)     dh_{t-1} = dz_t W_h^T
    dW_x += x_t^T dz_t            dW_h += h_{t-1}^T dz_t            db += dz_t

Look at the answers before and after learning. Without the "+=" only one step's report would be
left: the last line shows how far off that gradient is.

용어  시간 역전파(BPTT, backpropagation through time). 다대일(many-to-one).
catalogue  ch66-many2one net-rnn-m2o net-bptt
"""

import numpy as np

from mulle import nn
from mulle.nn.functional import binary_cross_entropy_with_logits

SENTENCES = ["as soon as", "soon as as", "as as soon"]
X = np.array([[[w == "as", w == "soon"] for w in s.split()] for s in SENTENCES], float)  # (3, 3, 2)
T = np.array([[1.0], [0.0], [0.0]])
LR, STEPS, HIDDEN = 1.0, 300, 3
rng = np.random.default_rng(71)
START = [rng.normal(0, 0.7, shape) for shape in [(2, HIDDEN), (HIDDEN, HIDDEN), HIDDEN,
                                                 (HIDDEN, 1), 1]]  # fmt: skip


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def gradients(Wx, Wh, b, Wy, c):
    h = [np.zeros((len(X), HIDDEN))]
    for t in range(3):
        h.append(np.tanh(X[:, t] @ Wx + h[-1] @ Wh + b))
    p = sigmoid(h[-1] @ Wy + c)
    dp = (p - T) / len(X)
    slopes = [np.zeros_like(a) for a in (Wx, Wh, b)]
    dh, last_only = dp @ Wy.T, None
    for t in (2, 1, 0):
        dz = dh * (1 - h[t + 1] ** 2)
        for slope, part in zip(slopes, (X[:, t].T @ dz, h[t].T @ dz, dz.sum(axis=0)), strict=True):
            slope += part
        last_only = slopes[0].copy() if last_only is None else last_only
        dh = dz @ Wh.T
    return p, [*slopes, h[-1].T @ dp, dp.sum(axis=0)], last_only


def surprise(p):
    return -np.log(np.where(T == 1, p, 1 - p)).mean()


first = gradients(*START)[1:]
weights = START
for step in range(STEPS + 1):
    p, slopes, _ = gradients(*weights)
    if step in (0, 10, 100, STEPS):
        print(f"step {step:3d}  loss {surprise(p):.4f}  answers {p.ravel().round(3)}")
    weights = [a - LR * g for a, g in zip(weights, slopes, strict=True)]

# The engine: the loop written out, and as one layer; it finds the way back by itself.
Wx, Wh, b, Wy, c = tensors = [nn.Tensor(a, requires_grad=True) for a in START]
h = nn.Tensor(np.zeros((3, HIDDEN)))
for t in range(3):
    h = (nn.Tensor(X[:, t]) @ Wx + h @ Wh + b).tanh()
binary_cross_entropy_with_logits(h @ Wy + c, nn.Tensor(T)).backward()
layer = nn.RNN(2, HIDDEN)
names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
for name, a in zip(names, (START[0].T, START[1].T, START[2], 0 * START[2]), strict=True):
    getattr(layer, name).data = a.copy()
assert np.allclose(layer(nn.Tensor(X.swapaxes(0, 1).copy()))[1].data[0], h.data)
for tensor, slope in zip(tensors, first[0], strict=True):
    assert np.allclose(tensor.grad, slope)
print("The engine takes the same gradient through time.")

error = np.abs(first[1] - first[0][0]).max() / np.abs(first[0][0]).max()
print(f"With the last step's report alone, dW_x would be off by {error:.0%}.")
assert surprise(p) < 0.05 and np.array_equal(p > 0.5, T == 1) and error > 0.2
