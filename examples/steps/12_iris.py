"""Step 12. What was built, at work, beside mulle.nn · 붓꽃 분류와 mulle.nn 비교

The eleven steps together: a network, its loss, the tape, Adam on one flat buffer; trained on iris.
Then mulle.nn with the same weights and the same steps. Its operations know more, refuse what does
not fit and are tested against PyTorch and ONNX; but the idea is the one you have just built.
"""

from importlib import import_module

import numpy as np
from sklearn.datasets import load_iris

from mulle import nn

Tensor = import_module("05_arrays").Tensor
CrossEntropy = import_module("07_loss").CrossEntropy
modules = import_module("08_modules")
Adam = import_module("09_flat_adam").Adam
Linear = import_module("10_fused").Linear


def train_ours(model, X, y, steps):
    optimizer, losses = Adam(model.parameters(), lr=0.02), []
    for _ in range(steps):
        loss = model(Tensor(X)).do(CrossEntropy(y))
        loss.backward()
        optimizer.step()
        losses.append(float(loss.data))
    return losses


def train_theirs(model, X, y, steps):
    optimizer, losses = nn.optim.Adam(model.parameters(), lr=0.02), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(nn.Tensor(X)), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


if __name__ == "__main__":
    X, y = load_iris(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    train, test = np.split(np.random.default_rng(12).permutation(150), [120])

    rng = np.random.default_rng(0)
    ours = modules.Sequential(Linear(4, 16, rng), modules.ReLU(), Linear(16, 3, rng))
    theirs = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    for p, q in zip(theirs.parameters(), ours.parameters(), strict=True):
        p.data = q.data.T.copy()  # mulle.nn keeps a row for each output, as PyTorch does

    losses = train_ours(ours, X[train], y[train], 100)
    same = train_theirs(theirs, X[train], y[train], 100)
    for step in (0, 10, 50, 99):
        print(f"step {step:2d}  ours {losses[step]:.8f}  mulle.nn {same[step]:.8f}")
    right = (ours(Tensor(X[test])).data.argmax(axis=1) == y[test]).mean()
    print(f"right on the 30 flowers it has not seen: {right:.0%}")

    assert np.allclose(losses, same, rtol=1e-6)
    assert right > 0.9
