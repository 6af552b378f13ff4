"""XOR, found by learning · XOR를 배우는 MLP

Now the weights of the 2-2-1 network start at random and walk downhill. Usually they find a solution
of their own. Sometimes they stop in a place that is flat but not good: with so few neurons there is
no way around, and the honest remedy is another start.

    H = sigmoid(X W1 + b1)        p = sigmoid(H W2 + b2)        loss = mean surprise (BCE)

Look at how many of forty starts succeed, and at the losses where the others are stuck: 0.347 is
half a shrug, ln 2 / 2. Then one good start is repeated with the engine and in PyTorch.

용어  초기값(initial weights). 지역 최소(local minimum): 주변보다 낮지만 가장 낮지는 않은 곳.
catalogue  ch25-xor ch25-xor-torch
"""

from importlib.util import find_spec

import numpy as np

from mulle import nn

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
T = np.array([[0], [1], [1], [0]], float)
LR, STEPS, STARTS = 5.0, 700, 40
SHAPES = [(2, 2), (2,), (2, 1), (1,)]


def start(seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in SHAPES]


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def by_hand(W1, b1, W2, b2):
    """All starts at once: each array has one more axis in front."""
    b1, b2 = b1[:, None], b2[:, None]
    for _ in range(STEPS):
        H = sigmoid(X @ W1 + b1)
        p = sigmoid(H @ W2 + b2)
        dz2 = (p - T) / len(X)
        dz1 = (dz2 @ W2.swapaxes(1, 2)) * H * (1 - H)
        W1, b1 = W1 - LR * (X.T @ dz1), b1 - LR * dz1.sum(axis=1, keepdims=True)
        W2, b2 = W2 - LR * (H.swapaxes(1, 2) @ dz2), b2 - LR * dz2.sum(axis=1, keepdims=True)
    return p, -np.log(np.where(T == 1, p, 1 - p)).mean(axis=(1, 2))


def again(model, tensor, seed):
    """A Sequential of either library, from the same start, with updates written out."""
    inputs, targets = tensor(X), tensor(T)
    W1, b1, W2, b2 = start(seed)
    for p, values in zip(model.parameters(), (W1.T, b1, W2.T, b2), strict=True):
        p.data = tensor(values.copy()).data
    for _ in range(STEPS):
        y = (model[1](model[0](inputs).sigmoid())).sigmoid()
        loss = -(targets * y.log() + (1 - targets) * (1 - y).log()).mean()
        for p in model.parameters():
            p.grad = None
        loss.backward()
        for p in model.parameters():
            p.data -= LR * p.grad
    return loss.item()


p, losses = by_hand(*(np.stack(arrays) for arrays in zip(*map(start, range(STARTS)), strict=True)))
solved = losses < 0.05
good = int(solved.argmax())
print(f"{solved.sum()} of {STARTS} starts solve XOR; the others stand at", end=" ")
print(", ".join(f"{loss:.3f}" for loss in np.sort(losses[~solved])))
print(f"start {good}: answers {p[good].ravel().round(3)}, loss {losses[good]:.6f}")

engine = again(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1)), nn.Tensor, good)
print(f"the engine: loss {engine:.6f}")
assert np.isclose(engine, losses[good])
if find_spec("torch"):
    import torch

    torch.set_num_threads(1)
    peer = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    peer = again(peer, torch.tensor, good)
    print(f"PyTorch:    loss {peer:.6f}")
    assert np.isclose(peer, losses[good])
else:
    print("PyTorch is not installed, so the comparison is left out.")

assert np.array_equal(p[good] > 0.5, T == 1)
assert STARTS / 2 < solved.sum() < STARTS and losses[~solved].min() > 0.3
