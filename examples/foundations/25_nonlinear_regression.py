"""A curve made of ReLUs · 비선형 회귀 MLP

Height from weight once more. This time a 1-8-4-1 network bends its line wherever a ReLU switches
on, and finds by itself where that should be. Nobody hands it a square.

    H1 = relu(x W1 + b1)   H2 = relu(H1 W2 + b2)   y = H2 W3 + b3
    back through a ReLU: dZ = dH where Z > 0, and 0 elsewhere: the mask

Look at what happens without the mask, when 1 is taken everywhere: the gradient points elsewhere
than the measured one. With it, hand, engine and PyTorch walk together.

용어  마스크(mask): 켜진 자리만 기울기를 통과시키는 0과 1의 배열.
catalogue  ch28-mlp ch28-mlp-torch
"""

from importlib.util import find_spec
from itertools import pairwise

import numpy as np

from mulle import nn

rng = np.random.default_rng(22)
weight = np.linspace(15, 84, 24)
height = 182 - 92 * np.exp(-(weight - 15) / 22) + rng.normal(0, 2, 24)
x, t = (((a - a.mean()) / a.std())[:, None] for a in (weight, height))
SIZES, LR, STEPS = (1, 8, 4, 1), 0.1, 400
start = np.random.default_rng(2)
START = [
    (start.normal(0, np.sqrt(2 / i), (i, o)), start.normal(0, 0.5, o)) for i, o in pairwise(SIZES)
]


def gradients(layers, masked=True):
    """The loss, and for each layer the slopes of W and b; the layers are walked there and back."""
    hidden, sums = [x], []
    for number, (W, b) in enumerate(layers):
        sums.append(hidden[-1] @ W + b)
        hidden.append(np.maximum(sums[-1], 0) if number < 2 else sums[-1])
    dz = 2 * (hidden[-1] - t) / len(x)
    slopes = []
    for number in (2, 1, 0):
        slopes.insert(0, (hidden[number].T @ dz, dz.sum(axis=0)))
        if number:
            dz = dz @ layers[number][0].T
            dz = dz * (sums[number - 1] > 0) if masked else dz
    return ((hidden[-1] - t) ** 2).mean(), slopes


layers = START
for step in range(STEPS):
    loss, slopes = gradients(layers)
    if step in (0, 10, 100, STEPS - 1):
        print(f"step {step:4d}  mean squared error {loss * height.var():8.3f} cm²")
    pairs = zip(layers, slopes, strict=True)
    layers = [(W - LR * dw, b - LR * db) for (W, b), (dw, db) in pairs]


def again(library, relu, tensor):
    """The same with either library's Linear layers."""
    made = [library.Linear(i, o) for i, o in pairwise(SIZES)]
    parameters = [p for layer in made for p in (layer.weight, layer.bias)]
    for p, values in zip(parameters, [a for W, b in START for a in (W.T, b)], strict=True):
        p.data = tensor(values.copy()).data
    for _ in range(STEPS):
        y = made[2](relu(made[1](relu(made[0](tensor(x))))))
        loss = ((y - tensor(t)) ** 2).mean()
        loss.backward()
        for p in parameters:
            p.data -= LR * p.grad
            p.grad = None
    return loss.item()


assert np.isclose(again(nn, nn.functional.relu, nn.Tensor), loss)
if find_spec("torch"):
    import torch

    torch.set_num_threads(1)
    assert np.isclose(again(torch.nn, torch.relu, torch.tensor), loss)
    print("The engine and PyTorch walked the same path.")
else:
    print(
        "The engine walked the same path. PyTorch is not installed, so the comparison is left out."
    )

right, wrong = (gradients(START, masked)[1][0][0].ravel() for masked in (True, False))
angle = np.degrees(np.arccos(right @ wrong / np.linalg.norm(right) / np.linalg.norm(wrong)))
print(f"Without the mask the first layer's gradient points {angle:.0f} degrees elsewhere.")
line = ((np.polyval(np.polyfit(x[:, 0], t[:, 0], 1), x) - t) ** 2).mean()
print(f"straight line {line * height.var():.2f} cm², network {loss * height.var():.2f} cm²")
assert loss < line / 10 and angle > 10
