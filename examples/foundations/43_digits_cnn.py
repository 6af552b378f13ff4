"""The same digits through small windows: a CNN by hand · 합성곱으로 읽는 숫자

The first layer now looks through 3x3 windows with sixteen filters, the same at every place, and
keeps only the strongest answer of each 2x2 neighbourhood (pooling). Laid out as rows, all windows
of all pictures make one matrix, and the convolution is a product once more.

    windows (n, 6, 6, 9) @ filters (9, 16) + b -> relu -> max over 2x2 -> (n, 3*3*16) -> 10 scores
    back through the maximum: only the one that won gets the gradient

Look at the parameters, the accuracy and the seconds beside those of the last page's network: fewer
weights, more work for each, about as good. The engine's Conv2d, given the same weights, agrees.

용어  합성곱 신경망(CNN). 최대 풀링(max pooling): 구역마다 가장 큰 값만 남김.
catalogue  net-cnn pool-max conv-params
"""

from time import perf_counter

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from mulle import nn

threadpool_limits(1)  # for matrices as small as these, more threads only wait for each other
EPOCHS, BATCH, FILTERS, LR = 12, 32, 16, 0.1
pixels, labels = load_digits(return_X_y=True)
pictures = (pixels / 16).reshape(-1, 8, 8).astype(np.float32)
order = np.random.default_rng(42).permutation(len(pictures))
train, test = order[:1437], order[1437:]


def windows(pictures):
    """(n, 8, 8) -> (n, 3, 2, 3, 2, 9): each place's window, places already in 2x2 groups."""
    seen = sliding_window_view(pictures, (3, 3), axis=(1, 2))
    return np.ascontiguousarray(seen).reshape(-1, 3, 2, 3, 2, 9)


class CNN:
    """One convolution, one pooling, one dense layer, with their way back written out."""

    def __init__(self, rng):
        self.K = rng.normal(0, np.sqrt(2 / 9), (9, FILTERS)).astype(np.float32)
        self.W = rng.normal(0, np.sqrt(1 / (9 * FILTERS)), (9 * FILTERS, 10)).astype(np.float32)
        self.k, self.w = np.zeros(FILTERS, np.float32), np.zeros(10, np.float32)

    def forward(self, x):
        """Scores; what the way back needs is kept."""
        self.x = windows(x)
        self.z = np.maximum(self.x @ self.K + self.k, 0)
        self.pooled = self.z.max(axis=(2, 4), keepdims=True)
        return self.pooled.reshape(len(x), -1) @ self.W + self.w

    def step(self, x, y):
        """One step of descent on a batch."""
        scores = self.forward(x)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        dz = (e / e.sum(axis=1, keepdims=True) - np.eye(10, dtype=np.float32)[y]) / len(x)
        dp = (dz @ self.W.T).reshape(self.pooled.shape)
        dc = dp * (self.z == self.pooled) * (self.z > 0)  # to the winners that were on
        self.W -= LR * (self.pooled.reshape(len(x), -1).T @ dz)
        self.w -= LR * dz.sum(axis=0)
        self.K -= LR * (self.x.reshape(-1, 9).T @ dc.reshape(-1, FILTERS))
        self.k -= LR * dc.sum(axis=(0, 1, 2, 3, 4))

    def n_parameters(self):
        """How many numbers it learns."""
        return sum(a.size for a in (self.K, self.k, self.W, self.w))


def epochs(step):
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for rows in np.array_split(rng.permutation(train), len(train) // BATCH):
            step(pictures[rows], labels[rows])


cnn, begin = CNN(np.random.default_rng(1)), perf_counter()
epochs(cnn.step)
right = (cnn.forward(pictures[test]).argmax(axis=1) == labels[test]).mean()
print(f"CNN by hand  {cnn.n_parameters():5d} parameters  {perf_counter() - begin:5.2f} s ", end="")
print(f"right on new digits: {right:.1%}")

# The engine's layers, with the same weights: channels first, and one filter a row.
conv, last = nn.Conv2d(1, FILTERS, 3), nn.Linear(9 * FILTERS, 10)
model = nn.Sequential(conv, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), last)
conv.weight.data, conv.bias.data = cnn.K.T.reshape(FILTERS, 1, 3, 3).copy(), cnn.k.copy()
swapped = cnn.W.reshape(3, 3, FILTERS, 10).transpose(3, 2, 0, 1)
last.weight.data, last.bias.data = swapped.reshape(10, -1).copy(), cnn.w.copy()
x, y = pictures[:32], labels[:32]
scores = model(nn.Tensor(x[:, None].copy()))
assert np.allclose(scores.data, cnn.forward(x), atol=1e-4)
nn.functional.cross_entropy(scores, y).backward()
before = cnn.K.copy()
cnn.step(x, y)
assert np.allclose(conv.weight.grad.reshape(FILTERS, 9).T, (before - cnn.K) / LR, atol=1e-4)
assert right > 0.95 and cnn.n_parameters() == (9 + 1) * FILTERS + (9 * FILTERS + 1) * 10
