"""Three classes, thirty flowers · 데이터셋 다중 분류

The same as for one row, with thirty rows of scikit-learn's iris table at once. Each row reports
its p - t; the reports are averaged, so that the size of a step does not depend on how many rows
there are.

    Z = X W + b  (30x4)(4x3)        dZ = (softmax(Z) - T) / n        dW = X^T dZ        db = sum dZ

Look at the same in PyTorch: its cross_entropy wants the scores, because the softmax is inside. Hand
it probabilities and softmax is taken twice; nothing fails, but the loss cannot fall below
-ln(e / (e + 2)) = 0.551 and learning crawls.

용어  이중 소프트맥스(softmax twice): 확률을 로짓 자리에 넣는 흔한 실수.
catalogue  ch18-set ch18-torch diag-doublesoft
"""

from importlib.util import find_spec

import numpy as np
from sklearn.datasets import load_iris

from mulle import nn
from mulle.nn.functional import cross_entropy

X, classes = (a[::5] for a in load_iris(return_X_y=True))  # ten flowers of each kind
X = (X - X.mean(axis=0)) / X.std(axis=0)
T = np.eye(3)[classes]
LR, STEPS = 2.0, 50


def softmax(Z):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def by_hand():
    W, b = np.zeros((4, 3)), np.zeros(3)
    for _ in range(STEPS):
        P = softmax(X @ W + b)
        dz = (P - T) / len(X)
        W, b = W - LR * (X.T @ dz), b - LR * dz.sum(axis=0)
    return -np.log(P[T == 1]).mean(), (P.argmax(axis=1) == classes).mean()


def by_engine():
    W, b = nn.Parameter(np.zeros((4, 3))), nn.Parameter(np.zeros(3))
    for _ in range(STEPS):
        W.grad = b.grad = None
        loss = cross_entropy(nn.Tensor(X) @ W + b, classes)
        loss.backward()
        W.data, b.data = W.data - LR * W.grad, b.data - LR * b.grad
    return loss.item()


def by_torch(twice=False):
    import torch

    torch.set_num_threads(1)  # so little work is done fastest by one

    W, b = (torch.zeros(shape, dtype=torch.float64, requires_grad=True) for shape in [(4, 3), 3])
    for _ in range(STEPS):
        scores = torch.tensor(X) @ W + b
        given = scores.softmax(dim=1) if twice else scores
        loss = torch.nn.functional.cross_entropy(given, torch.tensor(classes))
        W.grad = b.grad = None
        loss.backward()
        W.data, b.data = W.data - LR * W.grad, b.data - LR * b.grad
    return loss.item()


loss, right = by_hand()
print(f"by hand    loss {loss:.6f}, {right:.0%} of the flowers named rightly")
engine = by_engine()
print(f"the engine loss {engine:.6f}")
assert np.isclose(engine, loss) and loss < 0.2 and right > 0.9

floor = -np.log(np.e / (np.e + 2))  # scores that are at most 1 and at least 0
if find_spec("torch"):
    once, twice = by_torch(), by_torch(twice=True)
    print(f"PyTorch    loss {once:.6f}; with softmax twice {twice:.6f}")
    assert np.isclose(once, loss) and twice > floor
else:
    print("PyTorch is not installed, so the comparison is left out.")
print(f"the floor of the mistake: {floor:.4f}")
assert round(floor, 3) == 0.551
