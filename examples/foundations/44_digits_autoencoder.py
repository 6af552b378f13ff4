"""Squeezed through one number, or two, or eight: the autoencoder · 숫자 오토인코더

A network that must answer with its own input, through a narrow waist. Whatever it wants to keep of
the picture it has to say in that many numbers; learning decides what is worth saying. No labels are
needed.

    code = encoder(x), width c        x' = decoder(code)        loss = mean((x' - x)^2)
    linear encoder and decoder: at best the plane of PCA's first c directions

Look at the error falling as the waist widens, and at the pictures that come out. With eight numbers
the curved network is well ahead of the best flat one (PCA), which is found by hand with a singular
value decomposition. MULLE_DATA: see page 42.

용어  오토인코더(autoencoder). 코드(code)·잠재 변수. 주성분 분석(PCA).
catalogue  prog-mnist-ae ae-basic ae-under ae-stack
"""

import gzip
import os
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from mulle import nn

threadpool_limits(1)  # for matrices as small as these, more threads only wait for each other
STEPS, BATCH, WIDTHS = 500, 64, (1, 2, 8)


def digits():
    if folder := os.environ.get("MULLE_DATA"):
        print("data: MNIST's 10,000 test pictures")
        packed = Path(folder, "images", "mnist-t10k-images-idx3-ubyte.gz").read_bytes()
        return np.frombuffer(gzip.decompress(packed), np.uint8, offset=16).reshape(-1, 784) / 255
    from sklearn.datasets import load_digits

    print("data: scikit-learn's 1,797 digits (MULLE_DATA is not set)")
    return load_digits().data / 16


def pca_error(train, test, width):
    """The best that straight lines can do: project on the first directions and back."""
    mean = train.mean(axis=0)
    directions = np.linalg.svd(train - mean, full_matrices=False)[2][:width]
    back = (test - mean) @ directions.T @ directions + mean
    return ((back - test) ** 2).mean()


def autoencoder(pixels, width):
    encoder = [nn.Linear(pixels, 64), nn.ReLU(), nn.Linear(64, width)]
    decoder = [nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, pixels)]
    return nn.Sequential(*encoder, *decoder)


def learn(model, train, rng):
    optimizer = nn.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(STEPS):
        x = nn.Tensor(train[rng.integers(len(train), size=BATCH)])
        optimizer.zero_grad()
        ((model(x) - x) ** 2).mean().backward()
        optimizer.step()


def show(pictures, side):
    """Pictures next to each other, two rows of pixels to a line of text."""
    step = side // 8
    for row in range(0, side, 2 * step):
        line = (p.reshape(side, side)[row, ::step] for p in pictures)
        print("  " + "   ".join("".join(" .:-=+*#%@"[int(9.99 * v)] for v in p) for p in line))


X = digits().astype(np.float32)
side = round(X.shape[1] ** 0.5)
X = X[np.random.default_rng(43).permutation(len(X))]
train, test = X[: len(X) * 4 // 5], X[len(X) * 4 // 5 :]
show(test[:6], side)
errors, flat = {}, {}
for width in WIDTHS:
    nn.manual_seed(43)
    model = autoencoder(side * side, width)
    learn(model, train, np.random.default_rng(0))
    back = model(nn.Tensor(test)).data
    errors[width], flat[width] = ((back - test) ** 2).mean(), pca_error(train, test, width)
    print(f"\nwidth {width}: error {errors[width]:.4f}, PCA {flat[width]:.4f}")
    show(back[:6].clip(0, 1), side)

assert errors[1] > errors[2] > errors[8]
assert errors[8] < 0.9 * flat[8] < 0.9 * flat[1] < 0.9 * test.var()
