"""Why the first layers fall silent: vanishing gradients · 비선형 회귀와 기울기 소실 이론

On the way back each layer multiplies the gradient by the slope of its activation. The sigmoid's is
at most 1/4, so ten layers of it leave at most a millionth; ReLU's is 1 wherever it is on. The early
weights do not shrink: they merely stop being told anything.

    sigmoid'(s) <= 1/4        after k layers <= (1/4)^k (times the weights)
    relu'(s) = 1 for s > 0, else 0        tanh'(s) <= 1

Look at the bars: the size of the gradient, layer by layer, in powers of ten. And look at what
follows from having no activation at all: three linear layers are one linear layer.

용어  기울기 소실(vanishing gradient). '손실(loss)'이 아니라 '소실'이다. 렐루(ReLU).
catalogue  ch26-theory diag-vanish act-relu act-why
"""

import numpy as np

from mulle import nn
from mulle.nn.functional import relu, sigmoid, tanh

DEPTH, WIDTH = 10, 32
rng = np.random.default_rng(26)
x = nn.Tensor(rng.normal(size=(64, WIDTH)))


def sizes(activation, scale):
    """Root mean square of the gradient of each layer's weights, first layer first."""
    draw = np.random.default_rng(0)
    weights = [
        nn.Parameter(draw.normal(0, scale / np.sqrt(WIDTH), (WIDTH, WIDTH))) for _ in range(DEPTH)
    ]
    h = x
    for w in weights:
        h = activation(h @ w)
    (h * h).mean().backward()
    return [float(np.sqrt((w.grad**2).mean())) for w in weights]


found = {}
for name, activation, scale in [
    ("sigmoid", sigmoid, 1.0), ("tanh", tanh, 1.0), ("ReLU", relu, 2**0.5)
]:  # fmt: skip
    found[name] = sizes(activation, scale)
    print(f"{name}: first layer / last layer = {found[name][0] / found[name][-1]:.1e}")
    for number, size in enumerate(found[name], 1):
        print(f"  layer {number:2d} {size:8.1e}  {'#' * max(0, round(5 * (np.log10(size) + 10)))}")

w1, w2, w3 = (rng.normal(size=(4, 4)) for _ in range(3))
rows = rng.normal(size=(5, 4))
print("\nThree linear layers equal one:", np.allclose(rows @ w1 @ w2 @ w3, rows @ (w1 @ w2 @ w3)))

s = nn.Tensor(np.linspace(-8, 8, 1601), requires_grad=True)
sigmoid(s).sum().backward()
print(f"largest slope of the sigmoid {s.grad.max()}; ten of them {s.grad.max() ** 10:.1e}")

assert np.allclose(rows @ w1 @ w2 @ w3, rows @ (w1 @ w2 @ w3))
assert s.grad.max() == 0.25 and 0.25**10 < 1e-6
assert found["sigmoid"][0] < 1e-5 * found["sigmoid"][-1]
assert found["ReLU"][0] > 0.1 * found["ReLU"][-1]
assert all(np.diff(np.log(found["sigmoid"])) > 0)  # ever smaller towards the input
