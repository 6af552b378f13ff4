"""A whole layer and its gradient, with PyTorch beside it · 행렬 입력 도함수와 자동 미분

Three rows, three inputs, two outputs, all squeezed by the sigmoid and added up to one number. Now
all the pieces of the last pages are at work at once, and two libraries can be asked for the same.

    L = sum sigmoid(X W)        G = S (1 - S), S = sigmoid(X W)
    dX = G W^T  (3x2)(2x3)      dW = X^T G  (3x3)(3x2)

Look at the three gradients of X: by hand, by this engine, by PyTorch. All are given the same X: a
single changed sign in one of them would show in a whole row.

용어  자동 미분(automatic differentiation): 계산 과정을 기억해 두었다가 기울기를 거꾸로 구하는 방법.
catalogue  ch07-matrix-derive ch07-torch
"""

from importlib.util import find_spec

import numpy as np

from mulle import nn

X = np.array([[0.1, 0.2, 0.3], [0.4, -0.5, 0.6], [-0.7, 0.8, 0.9]])
W = np.array([[0.5, -0.3], [0.2, 0.7], [-0.6, 0.4]])


def by_hand():
    S = 1 / (1 + np.exp(-(X @ W)))
    G = S * (1 - S)
    return G @ W.T, X.T @ G


def by_engine():
    x, w = nn.Tensor(X, requires_grad=True), nn.Tensor(W, requires_grad=True)
    (x @ w).sigmoid().sum().backward()
    return x.grad, w.grad


def by_torch():
    import torch

    x, w = (torch.tensor(a, requires_grad=True) for a in (X, W))
    torch.sigmoid(x @ w).sum().backward()
    return x.grad.numpy(), w.grad.numpy()


answers = {"by hand": by_hand(), "engine": by_engine()}
if find_spec("torch"):
    answers["PyTorch"] = by_torch()
else:
    print("PyTorch is not installed, so the comparison is left out.")

for name, (dx, dw) in answers.items():
    shown = np.array2string(dx, precision=6, suppress_small=True, prefix=" " * 14)
    print(f"{name:8} dx = {shown}")
    assert np.allclose(dx, answers["by hand"][0], atol=1e-12)
    assert np.allclose(dw, answers["by hand"][1], atol=1e-12)

# One changed sign in X: this is what comparing with a different X would look like.
right, X[1, 1] = answers["by hand"], -X[1, 1]
wrong = by_hand()
differs = np.abs(wrong[0] - right[0]).max(axis=1) > 1e-3
print(f"\nWith one sign of X changed, rows of dX that differ: {differs}")

assert differs.tolist() == [False, True, False]
assert dx.shape == X.shape and dw.shape == W.shape
