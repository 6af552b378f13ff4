"""A line where a curve is wanted · 단층의 한계: 직선 회귀

Height grows with weight, fast in children and hardly at all in adults. One linear layer can only
answer with a straight line, so it is wrong in a pattern: too high at both ends, too low between.

    height = w weight + b

Look at the misses in the text plot. If they were mere noise, their signs would change at random;
here they come in three long runs. That is how a model that is too simple shows itself.

용어  과소적합(underfitting): 모형이 단순해 자료의 모양을 따라가지 못함. 잔차(residual): 예측 오차.
catalogue  ch22-linreg
"""

import numpy as np

from mulle import nn

rng = np.random.default_rng(22)
weight = np.linspace(15, 84, 24)
height = 182 - 92 * np.exp(-(weight - 15) / 22) + rng.normal(0, 2, 24)

mean, deviation = weight.mean(), weight.std()
x = (weight - mean) / deviation
w = b = 0.0
for _ in range(200):
    miss = w * x + b - height
    w -= 0.1 * 2 * (miss * x).mean()
    b -= 0.1 * 2 * miss.mean()
per_kilo, at_zero = w / deviation, b - w * mean / deviation
error = (miss**2).mean()
exact = np.polyfit(weight, height, 1)
print(
    f"by hand        height = {per_kilo:.4f} weight + {at_zero:.3f}, mean squared error {error:.2f}"
)
print(f"least squares  height = {exact[0]:.4f} weight + {exact[1]:.3f}")

layer = nn.Linear(1, 1)
inputs, targets = (nn.Tensor(a[:, None].astype(np.float32)) for a in (x, height))
for _ in range(200):
    layer.zero_grad()
    loss = ((layer(inputs) - targets) ** 2).mean()
    loss.backward()
    for p in layer.parameters():
        p.data -= 0.1 * p.grad
print(f"nn.Linear      mean squared error {loss.item():.2f}")

print("\nweight  height   line   miss")
for row in zip(weight, height, height + miss, miss, strict=True):
    mark = " " * (14 + round(row[3])) + "o"
    print("{:6.1f} {:7.1f} {:6.1f} {:6.1f} ".format(*row) + f"{mark:31}"[:14] + "|" + mark[15:])

signs = np.sign(miss)
runs = 1 + int((signs[1:] != signs[:-1]).sum())
print(f"\nThe 24 misses come in {runs} runs of one sign; chance alone would give about 12.")

assert np.allclose([per_kilo, at_zero], exact)
assert np.isclose(loss.item(), error, rtol=1e-4)
assert miss[0] > 0 and miss[-1] > 0 and miss[8:14].max() < 0 and runs <= 6
assert error > 2 * 2**2  # far above the noise in the data
