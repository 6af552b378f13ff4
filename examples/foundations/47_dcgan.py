"""Forging with convolutions: DCGAN · 합성곱 적대적 생성망

The painter starts from noise on a tiny grid and doubles it, twice, by the transposed convolutions
of the last page. The expert halves the picture by strided convolutions. No pooling anywhere.

    painter  noise 32 -> 64 maps -> [batch norm, ReLU, double] -> 32 -> [.., double] -> 1, tanh
    expert   [halve, leaky ReLU 0.2] to 16 maps -> [..] to 32 -> 1 logit        Adam 1e-3, b1 = 0.5

Look at the samples: stripes that come from the kernels' overlap, then strokes, then digits. Batch
norm ties the pictures of one batch together: to draw six, draw 32. MULLE_DATA: see page 42.

용어  합성곱 적대적 생성망(DCGAN). 배치 정규화(batch normalisation). 스트라이드(stride).
catalogue  prog-mnist-dcgan gan-dcgan gan-bn
"""

import gzip
import os
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from mulle import nn

F = nn.functional
NOISE, BATCH, EPOCHS = 32, 64, 8
threadpool_limits(1)  # for matrices as small as these, more threads only wait for each other


def digits():
    if folder := os.environ.get("MULLE_DATA"):
        print("data: MNIST's 10,000 test pictures")
        packed = Path(folder, "images", "mnist-t10k-images-idx3-ubyte.gz").read_bytes()
        return np.frombuffer(gzip.decompress(packed), np.uint8, offset=16).reshape(-1, 784) / 255
    from sklearn.datasets import load_digits

    print("data: scikit-learn's 1,797 digits (MULLE_DATA is not set)")
    return load_digits().data / 16


def forge(count):
    return painter(nn.Tensor(rng.normal(size=(count, NOISE)).astype(np.float32)))


def surprise(z, real):
    return F.binary_cross_entropy_with_logits(z, nn.Tensor(np.full_like(z.data, real)))


def distance(pictures):
    """How far each is from the nearest real picture, on average."""
    apart = (pictures[:, None] - X[None, :300]) ** 2
    return np.sqrt(apart.sum(axis=(2, 3, 4))).min(axis=1).mean()


def show(pictures, step):
    for row in range(0, pictures.shape[2], 2 * step):
        line = (p[0, row, ::step] for p in (pictures + 1) / 2)
        print("  " + "   ".join("".join(" .:-=+*#%@"[int(9.99 * v)] for v in p) for p in line))


X = digits().astype(np.float32) * 2 - 1
side = round(X.shape[1] ** 0.5)
X, start = X.reshape(-1, 1, side, side), side // 4
nn.manual_seed(46)
rng = np.random.default_rng(46)
twice, rates = {"kernel_size": 4, "stride": 2, "padding": 1}, {"lr": 1e-3, "betas": (0.5, 0.999)}
painter = nn.Sequential(
    nn.Linear(NOISE, 64 * start**2), nn.Unflatten(1, (64, start, start)),
    nn.BatchNorm2d(64), nn.ReLU(), nn.ConvTranspose2d(64, 32, **twice),
    nn.BatchNorm2d(32), nn.ReLU(), nn.ConvTranspose2d(32, 1, **twice), nn.Tanh(),
)  # fmt: skip
expert = nn.Sequential(
    nn.Conv2d(1, 16, **twice), nn.LeakyReLU(0.2), nn.Conv2d(16, 32, **twice), nn.LeakyReLU(0.2),
    nn.Flatten(), nn.Linear(32 * start**2, 1),
)  # fmt: skip
of_painter, of_expert = (nn.optim.Adam(m.parameters(), **rates) for m in (painter, expert))
before = distance(forge(50).data)
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

after = distance(forge(50).data)
print(f"\nDistance to the nearest real digit: {before:.2f} before, {after:.2f} after")
assert after < 0.75 * before and 0.2 < against.item() < 2 and 0.2 < believed.item() < 4
