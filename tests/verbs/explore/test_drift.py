"""Ten columns that drift in ten ways are found, and twenty that do not are left alone."""

import numpy as np
import polars as pl

from mulle import explore

N = 20_000


def steady(rng):
    columns = {f"normal{i}": rng.normal(size=N) for i in range(8)}
    columns |= {f"skewed{i}": rng.exponential(size=N) for i in range(4)}
    columns |= {f"count{i}": rng.poisson(3, N) for i in range(4)}
    return columns | {f"word{i}": rng.choice(list("abcdef"), N) for i in range(4)}


def drifting(rng, moved):
    x = rng.normal(size=(4, N))
    tail = rng.random(N) < 0.03 * moved
    lacking = pl.Series(rng.random(N) >= 0.1 * moved)
    weights = np.array([0.3, 0.25, 0.25, 0.2]) + moved * np.array([0.09, -0.03, -0.03, -0.03])
    unseen = rng.random(N) < 0.05 * moved
    return {
        "mean": x[0] + 0.3 * moved, "a little": x[1] + 0.1 * moved,
        "scale": x[2] * (1 + 0.3 * moved),
        "exponential": rng.exponential(1 + 0.15 * moved, N), "tail": np.where(tail, 8, x[3]),
        "count": rng.poisson(3 + 0.5 * moved, N),
        "lacking": pl.select(pl.when(lacking).then(pl.Series(rng.random(N)))).to_series(),
        "weights": rng.choice(list("abcd"), N, p=weights),
        "top": rng.choice(["x", "y"], N, p=[0.6 + 0.09 * moved, 0.4 - 0.09 * moved]),
        "unseen": np.where(unseen, "new", rng.choice(list("pqr"), N)),
    }  # fmt: skip


def test_ten_of_ten_and_none_of_twenty():
    frames = []
    for seed, moved in ((0, 0), (1, 1)):
        rng = np.random.default_rng(seed)
        frames.append(pl.DataFrame(steady(rng) | drifting(rng, moved)))
    comparison = explore(frames[0], against=frames[1]).comparison
    found = {d.column for d in comparison.drifts if d.drifted}
    assert found == {*drifting(np.random.default_rng(2), 1)}
