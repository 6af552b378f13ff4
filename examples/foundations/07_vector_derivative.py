"""Why a transpose appears · 벡터 입력의 도함수와 전치

Going back through a product, each input's slope is the weight it met, and each weight's slope is
the input it met. Written with arrays, the factor that stays is laid on its side.

    Y = X W        dX = dY W^T        dW = X^T dY

Here dX is short for "how the final number changes with X", so it always has the shape of X. Look at
the check: one entry is nudged at a time, and each answer equals its place in the two arrays.

용어  전치(transpose): 행과 열을 맞바꾸기. 기울기의 모양은 언제나 원래 배열의 모양과 같다.
catalogue  ch05-vector-derive
"""

import numpy as np

from mulle import nn


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def f(X, W):
    return sigmoid(X @ W).item()


def nudged(X, W, array, h=1e-6):
    """The slope for every entry of `array` (X or W itself), by moving it alone."""
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + h
        above = f(X, W)
        array[place] = kept - h
        slopes[place] = (above - f(X, W)) / (2 * h)
        array[place] = kept
    return slopes


X = np.array([[1.0, -2.0, 0.5]])
W = np.array([[0.8], [0.3], [-1.2]])

y = sigmoid(X @ W)
dy = y * (1 - y)  # (1x1): the slope of the sigmoid at X W
dx = dy @ W.T  # (1x1)(1x3) = (1x3)
dw = X.T @ dy  # (3x1)(1x1) = (3x1)

for name, ours, measured in [("dx", dx, nudged(X, W, X)), ("dw", dw, nudged(X, W, W))]:
    print(f"{name} {ours.shape}  by formula {ours.ravel().round(5)}")
    print(f"            nudged {measured.ravel().round(5)}")
    assert np.allclose(ours, measured, atol=1e-9)

tx, tw = nn.Tensor(X, requires_grad=True), nn.Tensor(W, requires_grad=True)
(tx @ tw).sigmoid().backward()
print(f"by the engine      {tx.grad.ravel().round(5)} and {tw.grad.ravel().round(5)}")

assert dx.shape == X.shape and dw.shape == W.shape
assert np.allclose(tx.grad, dx) and np.allclose(tw.grad, dw)
