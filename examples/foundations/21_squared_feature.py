"""Bending the line: a squared feature · 2차 특성 추가

The layer stays linear; it is the data that get richer. Hand it weight *and* weight squared, and its
straight plane over the two, looked at along weight alone, is a parabola.

    height = w1 weight + w2 weight^2 + b

Look at the mean squared error, an eighth of the line's, and at the picture 21_squared_feature.svg:
better, yet a parabola must come down again, which heights do not. The next pages let the network
find its own features.

용어  다항 특성(polynomial features): 원래 특성의 거듭제곱을 새 특성으로 더한 것.
catalogue  ch22-linreg2
"""

import numpy as np

from mulle import nn
from mulle.report.charts import line

rng = np.random.default_rng(22)
weight = np.linspace(15, 84, 24)
height = 182 - 92 * np.exp(-(weight - 15) / 22) + rng.normal(0, 2, 24)


def fit(features, steps=4000):
    """Gradient descent by hand on standardised columns; the heights it answers."""
    X = (features - features.mean(axis=0)) / features.std(axis=0)
    w, b = np.zeros(X.shape[1]), height.mean()
    for _ in range(steps):
        w -= 0.25 * 2 / len(X) * (X.T @ (X @ w + b - height))
    return X @ w + b


straight = fit(weight[:, None], steps=100)
bent = fit(np.column_stack([weight, weight**2]))
errors = [((answer - height) ** 2).mean() for answer in (straight, bent)]
print(f"mean squared error: straight {errors[0]:.2f}, with weight^2 {errors[1]:.2f}")

exact = np.polyval(np.polyfit(weight, height, 2), weight)
print(f"largest difference to least squares: {np.abs(bent - exact).max():.1e}")

# The engine's layer does not know that one column is the square of the other.
columns = np.column_stack([weight, weight**2])
columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
nn.manual_seed(0)
layer = nn.Linear(2, 1)
optimizer = nn.optim.Adam(layer.parameters(), lr=1.0)
inputs, targets = (nn.Tensor(a.astype(np.float32)) for a in (columns, height[:, None]))
for _ in range(1500):
    optimizer.zero_grad()
    loss = ((layer(inputs) - targets) ** 2).mean()
    loss.backward()
    optimizer.step()
print(f"nn.Linear(2, 1) with Adam: {loss.item():.2f}")

curves = {"measured": height, "straight": straight, "with weight²": bent}
picture = line({name: (weight, values) for name, values in curves.items()}, "kg", "cm")
picture.save("21_squared_feature.svg")

assert errors[1] < errors[0] / 8
assert np.abs(bent - exact).max() < 0.01
assert np.isclose(loss.item(), errors[1], rtol=0.01)
