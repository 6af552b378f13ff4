"""Reading digits: a whole training, by hand and with the engine · 숫자 인식 MLP

Everything so far, put together: pixels, a hidden layer with ReLU, ten scores, mini-batches,
shuffled each epoch. First in plain NumPy, forward and backward written out; then the same in ten
lines.

    H = relu(X W1 + b1)    Z = H W2 + b2    loss = cross-entropy(Z, digit)
    dZ = (softmax(Z) - T) / n    dW2 = H^T dZ    dH = dZ W2^T * (H > 0)    dW1 = X^T dH

Look at the share of new digits read rightly, the lines of code and the seconds. With MULLE_DATA set
to a folder that has images/mnist-t10k-*.gz, they are MNIST's 28x28 pictures; otherwise they are
scikit-learn's 8x8 ones, and the page says which. The next page has the convolutional one.

용어  다층 퍼셉트론(MLP). 정확도(accuracy). 미니 배치(mini-batch).
catalogue  prog-mnist-mlp
"""

import gzip
import os
from inspect import getsource
from pathlib import Path
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from mulle import nn
from mulle.nn.functional import cross_entropy

threadpool_limits(1)  # for matrices as small as these, more threads only wait for each other
EPOCHS, BATCH, HIDDEN, LR = 15, 32, 64, 0.2


def digits():
    folder = Path(os.environ.get("MULLE_DATA", "")) / "images"
    if "MULLE_DATA" in os.environ and folder.exists():
        print("data: MNIST's 10,000 test pictures")
        parts = [gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("mnist-*.gz"))]
        pixels, labels = (np.frombuffer(part, np.uint8) for part in parts)
        return pixels[16:].reshape(-1, 784) / 255, labels[8:].astype(int)
    from sklearn.datasets import load_digits

    print("data: scikit-learn's 1,797 digits (MULLE_DATA is not set)")
    pixels, labels = load_digits(return_X_y=True)
    return pixels / 16, labels


def by_hand(X, y, rng):
    W1, b1 = rng.normal(0, np.sqrt(2 / X.shape[1]), (X.shape[1], HIDDEN)), np.zeros(HIDDEN)
    W2, b2 = rng.normal(0, np.sqrt(2 / HIDDEN), (HIDDEN, 10)), np.zeros(10)
    for _ in range(EPOCHS):
        order = rng.permutation(len(X))
        for begin in range(0, len(X), BATCH):
            rows = order[begin : begin + BATCH]
            H = np.maximum(X[rows] @ W1 + b1, 0)
            Z = H @ W2 + b2
            e = np.exp(Z - Z.max(axis=1, keepdims=True))
            dz = (e / e.sum(axis=1, keepdims=True) - np.eye(10)[y[rows]]) / len(rows)
            dh = dz @ W2.T * (H > 0)
            W2 -= LR * (H.T @ dz)
            b2 -= LR * dz.sum(axis=0)
            W1 -= LR * (X[rows].T @ dh)
            b1 -= LR * dh.sum(axis=0)
    return lambda X: np.maximum(X @ W1 + b1, 0) @ W2 + b2


def by_engine(X, y, rng):
    model = nn.Sequential(nn.Linear(X.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))
    optimizer = nn.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(EPOCHS):
        for rows in np.array_split(rng.permutation(len(X)), len(X) // BATCH):
            optimizer.zero_grad()
            cross_entropy(model(nn.Tensor(X[rows])), y[rows]).backward()
            optimizer.step()
    return lambda X: model(nn.Tensor(X)).data


X, y = digits()
X = X.astype(np.float32)
order = np.random.default_rng(42).permutation(len(X))
train, test = order[: len(X) * 4 // 5], order[len(X) * 4 // 5 :]
nn.manual_seed(42)
for way in (by_hand, by_engine):
    begin = perf_counter()
    model = way(X[train], y[train], np.random.default_rng(0))
    seconds, lines = perf_counter() - begin, len(getsource(way).splitlines())
    right = (model(X[test]).argmax(axis=1) == y[test]).mean()
    print(f"{way.__name__:10} {lines:3d} lines {seconds:6.2f} s   right on new digits: {right:.1%}")
    assert right > 0.93
