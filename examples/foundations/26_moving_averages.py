"""A memory that fades: exponentially weighted averages · 지수 가중 이동 평균

Keep one number. Each day mix a little of today into it. What came k days ago still counts, but
only (1 - b) b^k; the memory is about 1 / (1 - b) days long. Momentum, RMSProp and Adam all keep
their past in this way.

    v <- b v + (1 - b) x        corrected for its start at 0:  v / (1 - b^t)

Look at a year of daily temperatures in 26_moving_averages.svg: b = 0.5 follows every whim, 0.9 is
smooth, 0.99 lags two months behind. And look at the first days: without the correction the average
climbs out of 0 for weeks.

용어  지수 가중 이동 평균(EWMA). 편향 보정(bias correction): 0에서 시작한 탓에 작아진 값을 고침.
catalogue  ch30-ewma
"""

import numpy as np

from mulle.report.charts import line

rng = np.random.default_rng(30)
day = np.arange(365)
season = 12.5 - 13.5 * np.cos(2 * np.pi * (day - 15) / 365)
temperature = season + rng.normal(0, 3, 365)


def faded(x, b, corrected=True):
    v, result = 0.0, []
    for t, value in enumerate(x, 1):
        v = b * v + (1 - b) * value
        result.append(v / (1 - b**t) if corrected else v)
    return np.array(result)


def moving(x, days):
    """The plain mean of the last `days` days, as many as there are."""
    return np.array([x[max(0, t - days + 1) : t + 1].mean() for t in range(len(x))])


def written_out(x, b, t):
    """The average of day t, as the weighted mean that it is."""
    weights = b ** np.arange(t, -1, -1.0)
    return (weights * x[: t + 1]).sum() / weights.sum()


def lag(values):
    """By how many days the season must be moved to look most like the average."""
    return max(range(90), key=lambda k: np.corrcoef(values[90:], season[90 - k : 365 - k])[0, 1])


print("average                 rough  lag in days  day 1   day 10  day 200")
averages = {f"b = {b}": faded(temperature, b) for b in (0.5, 0.9, 0.99)}
averages |= {"last 10 days": moving(temperature, 10), "all days so far": moving(temperature, 365)}
lags = {name: lag(values) for name, values in averages.items()}
for name, values in averages.items():
    rough = np.abs(np.diff(values)).mean()
    ends = "".join(f"{values[d]:8.2f}" for d in (0, 9, 199))
    print(f"  {name:20} {rough:6.3f} {lags[name]:10d}  {ends}")

raw = faded(temperature, 0.99, corrected=False)
print(f"\nb = 0.99 without correction: day 1 {raw[0]:.2f}, truth {temperature[0]:.2f}")

curves = {"temperature": temperature, "b = 0.99": averages["b = 0.99"],
          "b = 0.9": averages["b = 0.9"], "b = 0.5": averages["b = 0.5"]}  # fmt: skip
picture = line({name: (day, values) for name, values in curves.items()}, "day", "°C")
picture.save("26_moving_averages.svg")

for b in (0.5, 0.9, 0.99):
    for t in (0, 9, 199):
        assert np.isclose(averages[f"b = {b}"][t], written_out(temperature, b, t))
assert np.isclose(raw[0], 0.01 * temperature[0])
roughness = [np.abs(np.diff(averages[f"b = {b}"])).mean() for b in (0.5, 0.9, 0.99)]
assert roughness[0] > 2 * roughness[1] > 4 * roughness[2]
assert lags["b = 0.5"] < lags["b = 0.9"] < lags["b = 0.99"]
