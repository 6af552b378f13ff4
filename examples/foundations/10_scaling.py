"""Putting columns on one scale · 대푯값, 정규화와 표준화

Weights in kilograms and heights in centimetres cannot be compared, and a network that is fed both
listens to whichever has the larger numbers. Two usual remedies, both a shift and a stretch:

    min-max  (x - min) / (max - min)      into 0..1, ends fixed by the two most extreme rows
    z-score  (x - mean) / deviation       mean 0, deviation 1, fixed by all rows

Look at what a single mistyped row (a weight of 700) does: min-max crushes all the others into a
tenth of their range. The mean moves far, the median does not move at all.

용어  대푯값(representative value): 평균·중앙값. 정규화(min-max), 표준화(z-score), 이상치(outlier).
catalogue  ch36-scaling
"""

import numpy as np

weight = np.array([52.0, 55, 58, 61, 63, 66, 70, 74, 79, 85])
height = np.array([158.0, 160, 163, 165, 168, 170, 173, 176, 180, 184])


def min_max(x):
    return (x - x.min()) / (x.max() - x.min())


def z_score(x):
    return (x - x.mean()) / x.std()  # divided by n, as scikit-learn's StandardScaler does


def show(name, x):
    blocks = "▁▂▃▄▅▆▇█"
    bars = "".join(blocks[int(7.99 * share)] for share in min_max(x))
    print(f"  {name:22}{bars}   min {x.min():7.2f}  mean {x.mean():7.2f}  max {x.max():7.2f}")


for name, column in [("weight, kg", weight), ("height, cm", height)]:
    show(name, column)
    show("  min-max", min_max(column))
    show("  z-score", z_score(column))

typo = np.append(weight, 700.0)
crushed = min_max(typo)[:-1]
print("\nWith one weight of 700:")
print(f"  the other ten lie within {crushed.min():.3f} .. {crushed.max():.3f} of 0..1")
print(f"  mean   {weight.mean():6.1f} -> {typo.mean():6.1f}")
print(f"  median {np.median(weight):6.1f} -> {np.median(typo):6.1f}")
robust = (typo - np.median(typo)) / np.subtract(*np.percentile(typo, [75, 25]))
print(f"  by median and quartiles the ten keep a range of {np.ptp(robust[:-1]):.2f}")

# The scale is learned from the rows one trains on; new rows are put on that same scale.
new = (90 - weight.min()) / (weight.max() - weight.min())
print(f"\nA new weight of 90 is {new:.2f} on the old scale: beyond 1, and rightly so.")

for column in (weight, height):
    assert (min_max(column).min(), min_max(column).max()) == (0, 1)
    assert abs(z_score(column).mean()) < 1e-12 and np.isclose(z_score(column).std(), 1)
    assert np.isclose(np.corrcoef(column, z_score(column))[0, 1], 1)  # the shape is kept
assert crushed.max() < 0.06 and np.ptp(robust[:-1]) > 1
assert typo.mean() - weight.mean() > 50 and np.median(typo) - np.median(weight) < 2
