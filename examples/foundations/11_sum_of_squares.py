"""One number for all mistakes: squared errors and their slope · 오차 제곱합의 편미분

A line y = w x misses each point by some error. Square them, so that misses above and below both
count and large ones count more, and add them up. The one weight is good where the sum is smallest,
and there its slope is zero.

    E(w) = sum (y - w x)^2        dE/dw = -2 sum x (y - w x)        zero at w = sum xy / sum x^2

Look at the bowl in the text plot and at the sign of the slope: negative to the left of the bottom,
positive to its right. Walking against the sign always leads down: that is all of the next page.

용어  오차 제곱합(sum of squared errors). 평균 제곱 오차(MSE): 그것을 자료 개수 n으로 나눈 것.
catalogue  ch11-theory loss-mse
"""

import numpy as np

from mulle import nn

x = np.array([1.0, 2.0, 3.0, 4.0])
y = np.array([2.1, 3.9, 6.2, 7.8])


def error(w):
    return ((y - w * x) ** 2).sum()


def slope(w):
    return -2 * (x * (y - w * x)).sum()


best = (x * y).sum() / (x * x).sum()

print("   w    E(w)   slope")
for w in np.arange(0.5, 3.6, 0.25):
    print(f"{w:5.2f} {error(w):7.2f} {slope(w):7.1f}  {'#' * round(error(w) / 1.5)}")
print(f"\nThe bottom: w = {best:.4f}, E = {error(best):.4f}, slope {slope(best):.1e}")

# The mean divides by n and nothing else changes: same bottom, n times gentler slope. This matters
# when a learning rate is chosen, and mixing the two up is a common fault.
w = nn.Tensor(np.array([0.5]), requires_grad=True)
((y - w * x) ** 2).sum().backward()
of_sum, w.grad = w.grad[0], None
((y - w * x) ** 2).mean().backward()
of_mean = w.grad[0]
print(f"At w = 0.5 the slope of the sum is {of_sum:.2f}, of the mean {of_mean:.2f}: n = {len(x)}")

h = 1e-6
assert np.isclose(slope(0.5), (error(0.5 + h) - error(0.5 - h)) / (2 * h))
assert np.isclose(of_sum, slope(0.5)) and np.isclose(of_sum, len(x) * of_mean)
assert abs(slope(best)) < 1e-12
assert all(error(best) < error(best + step) for step in (-0.01, 0.01))
assert slope(best - 1) < 0 < slope(best + 1)
