"""Forging with convolutions: DCGAN · 합성곱 적대적 생성망

The painter starts from noise on a tiny grid and doubles it, twice, by transposed convolutions: each
number is spread over a window by the kernel, windows overlap and add up. The expert halves the
picture by strided convolutions. No pooling anywhere.

    painter  noise 32 -> 64 maps -> [batch norm, ReLU, double] -> 32 -> [.., double] -> 1, tanh
    expert   [halve, leaky ReLU 0.2] to 16 maps -> [..] to 32 -> 1 logit        Adam 1e-3, b1 = 0.5

Look at the transposed convolution, first done by hand: it is what a convolution's gradient does;
then at the samples. Batch norm ties the pictures of one batch together: to draw six, draw 32.
MULLE_DATA: see page 42.

용어  전치 합성곱(transposed convolution). 배치 정규화(batch normalisation). 스트라이드(stride).
catalogue  prog-mnist-dcgan gan-dcgan gan-bn
"""

import gzip
import os
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from mulle import nn

F = nn.functional
NOISE, BATCH, EPOCHS = 32, 64, 12
threadpool_limits(1)  # for matrices as small as these, more threads only wait for each other


def digits():
    if folder := os.environ.get("MULLE_DATA"):
        print("data: MNIST's 10,000 test pictures")
        packed = Path(folder, "images", "mnist-t10k-images-idx3-ubyte.gz").read_bytes()
        return np.frombuffer(gzip.decompress(packed), np.uint8, offset=16).reshape(-1, 784) / 255
    from sklearn.datasets import load_digits

    print("data: scikit-learn's 1,797 digits (MULLE_DATA is not set)")
    return load_digits().data / 16


def doubled_by_hand(x, kernel):
    """One map, stride 2: every number lays its multiple of the kernel down, two cells apart."""
    y, k = np.zeros((2 * len(x) + 2, 2 * len(x) + 2)), len(kernel)
    for i, j in np.ndindex(x.shape):
        y[2 * i : 2 * i + k, 2 * j : 2 * j + k] += x[i, j] * kernel
    return y


class Painter(nn.Module):
    """Noise to pictures."""

    def __init__(self, side):
        self.start = side // 4
        self.first = nn.Linear(NOISE, 64 * self.start**2)
        self.second = nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)
        self.third = nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1)

    def forward(self, noise):
        """(n, NOISE) -> (n, 1, side, side) in -1..1."""
        x = self.first(noise).reshape(-1, 64, self.start, self.start)
        x = self.second(F.relu(F.batch_norm(x)[0]))
        return self.third(F.relu(F.batch_norm(x)[0])).tanh()  # none at the output


def expert_for(side):
    x, size = nn.Input(), 32 * (side // 4) ** 2
    h = F.leaky_relu(nn.Conv2d(1, 16, 4, stride=2, padding=1)(x), negative_slope=0.2)
    h = F.leaky_relu(nn.Conv2d(16, 32, 4, stride=2, padding=1)(h), negative_slope=0.2)
    return nn.Model(x, nn.Linear(size, 1)(F.reshape(h, shape=(-1, size))))


def forge(count):
    return painter(nn.Tensor(rng.normal(size=(count, NOISE)).astype(np.float32)))


def surprise(logits, real):
    wanted = nn.Tensor(np.full_like(logits.data, real))
    return F.binary_cross_entropy_with_logits(logits, wanted)


def show(pictures, step):
    for row in range(0, pictures.shape[2], 2 * step):
        line = (p[0, row, ::step] for p in (pictures + 1) / 2)
        print("  " + "   ".join("".join(" .:-=+*#%@"[int(9.99 * v)] for v in p) for p in line))


X = digits().astype(np.float32) * 2 - 1
side = round(X.shape[1] ** 0.5)
X = X.reshape(-1, 1, side, side)
nn.manual_seed(46)
rng = np.random.default_rng(46)

x, kernel = rng.normal(size=(3, 3)), rng.normal(size=(4, 4))
by_hand, k = doubled_by_hand(x, kernel), nn.Tensor(kernel[None, None])
whole = nn.Tensor(np.zeros((1, 1, 8, 8)), requires_grad=True)
F.conv2d(whole, k, stride=2).backward(x[None, None])
assert np.allclose(by_hand, F.conv_transpose2d(nn.Tensor(x[None, None]), k, stride=2).data)
assert np.allclose(by_hand, whole.grad)

painter, expert = Painter(side), expert_for(side)
of_painter = nn.optim.Adam(painter.parameters(), lr=1e-3, betas=(0.5, 0.999))
of_expert = nn.optim.Adam(expert.parameters(), lr=1e-3, betas=(0.5, 0.999))
for epoch in range(1, EPOCHS + 1):
    for rows in np.array_split(rng.permutation(len(X)), len(X) // BATCH):
        of_expert.zero_grad()
        against = surprise(expert(nn.Tensor(X[rows])), real=1.0)
        against += surprise(expert(forge(len(rows)).detach()), real=0.0)
        against.backward()
        of_expert.step()
        of_painter.zero_grad()
        believed = surprise(expert(forge(len(rows))), real=1.0)
        believed.backward()
        of_painter.step()
    if epoch in (1, 4, EPOCHS):
        print(f"epoch {epoch}: expert {against.item():.3f}, painter {believed.item():.3f}")
        show(forge(32).data[:6], side // 8)

ink = np.abs(forge(200).data.mean(axis=0) - X.mean(axis=0)).mean()
print(f"\nThe mean forgery differs from the mean digit by {ink:.2f}, a blank page by", end=" ")
print(f"{np.abs(-1 - X.mean(axis=0)).mean():.2f}")
assert ink < 0.3 and 0.3 < against.item() < 2 and 0.3 < believed.item() < 4
