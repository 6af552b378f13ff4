"""A forger and an expert: a GAN · 적대적 생성 신경망

The generator makes pictures from noise; the discriminator says of each picture whether it is real.
Each learns from the other's weak spots. Nobody tells the generator what a digit looks like: it only
feels which way the expert would believe it more.

    G: 128 -> 256 ReLU -> pixels, sigmoid        D: pixels -> 256 ReLU -> 1 logit        Adam 2e-4
    D lowers  -ln D(x) - ln(1 - D(G(z)))         G lowers  -ln D(G(z))

Look at the samples: noise, then ink, then rough digits, all much alike (mode collapse: one good
forgery is enough). The losses need not fall, they are a contest. They are taken on logits: with
probabilities, 1 - D of a sure expert is 0 in float32 and its logarithm -inf. MULLE_DATA: page 42.

용어  생성자(generator), 판별자(discriminator). 비포화 손실(non-saturating loss).
catalogue  prog-tf-gan gan-basic loss-gan loss-gan-ns init-small ad-exclude
"""

import gzip
import os
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from mulle import nn
from mulle.nn.functional import binary_cross_entropy_with_logits

threadpool_limits(1)  # for matrices as small as these, more threads only wait for each other
NOISE, HIDDEN, BATCH, EPOCHS, LR = 128, 256, 100, 20, 2e-4


def digits():
    if folder := os.environ.get("MULLE_DATA"):
        print("data: MNIST's 10,000 test pictures")
        packed = Path(folder, "images", "mnist-t10k-images-idx3-ubyte.gz").read_bytes()
        return np.frombuffer(gzip.decompress(packed), np.uint8, offset=16).reshape(-1, 784) / 255
    from sklearn.datasets import load_digits

    print("data: scikit-learn's 1,797 digits (MULLE_DATA is not set)")
    return load_digits().data / 16


def surprise(logits, real):
    """-ln D where it should say real, -ln(1 - D) where fake; on logits, so nothing overflows."""
    wanted = nn.Tensor(np.full_like(logits.data, real))
    return binary_cross_entropy_with_logits(logits, wanted)


def show(pictures, side):
    step = side // 8
    for row in range(0, side, 2 * step):
        line = (p.reshape(side, side)[row, ::step] for p in pictures)
        print("  " + "   ".join("".join(" .:-=+*#%@"[int(9.99 * v)] for v in p) for p in line))


X = digits().astype(np.float32)
side = round(X.shape[1] ** 0.5)
nn.manual_seed(45)
rng = np.random.default_rng(45)
painter = nn.Sequential(nn.Linear(NOISE, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, side * side))
expert = nn.Sequential(nn.Linear(side * side, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
for layer in (painter[0], painter[2], expert[0], expert[2]):
    layer.weight.data[...] = nn.init.normal(layer.weight.shape, 0.02)
# Each optimizer holds its own network's parameters, so a step of one leaves the other as it is.
of_painter, of_expert = (nn.optim.Adam(m.parameters(), lr=LR) for m in (painter, expert))


def forge(count):
    return painter(nn.Tensor(rng.normal(size=(count, NOISE)).astype(np.float32))).sigmoid()


def distance(pictures):
    """How far each is from the nearest real picture, on average."""
    return np.sqrt(((pictures[:, None] - X[None, :500]) ** 2).sum(axis=2)).min(axis=1).mean()


before = distance(forge(50).data)
for epoch in range(EPOCHS + 1):
    for rows in np.array_split(rng.permutation(len(X)), len(X) // BATCH):
        of_expert.zero_grad()
        fake = forge(len(rows)).detach()
        real = nn.Tensor(X[rows])
        against = surprise(expert(real), real=True) + surprise(expert(fake), real=False)
        against.backward()
        of_expert.step()
        of_painter.zero_grad()
        believed = surprise(expert(forge(len(rows))), real=True)
        believed.backward()
        of_painter.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch}: expert {against.item():.3f}, painter {believed.item():.3f}")
        show(forge(6).data, side)

after = distance(forge(50).data)
print(f"\nDistance to the nearest real digit: {before:.2f} before, {after:.2f} after")
sure = np.full((1, 1), 40, np.float32)  # a logit
assert 1 - 1 / (1 + np.exp(-sure)) == 0  # whose logarithm would be wanted
assert surprise(nn.Tensor(sure), real=False).item() == 40
assert after < 0.7 * before and 0.1 < against.item() < 2 and 0.2 < believed.item() < 6
