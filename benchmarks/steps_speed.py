"""CPU seconds of steps that many columns or categories make dear, beside scikit-learn's own.

    pip install .
    python benchmarks/steps_speed.py [--quick]

A ratio below 1 says that mulle takes less. The results are the same: `tests/steps` holds them to
the last digits (exponents to seven). Target means: 50,000 categories, of the training rows out of
fold. Exponents: Yeo-Johnson on 60 skewed columns. Hashes: 64 columns for 50,000 categories; mulle
gives a dense matrix of them, scikit-learn a sparse one. Everything runs in one process, one after
the other, the better of two; memory is not measured.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from common import header
from sklearn.feature_extraction import FeatureHasher
from sklearn.preprocessing import PowerTransformer, TargetEncoder

from mulle.steps import Hashed, PowerTransform, TargetEncode

CATEGORIES = 50_000
ROWS, QUICK_ROWS = 1_000_000, 100_000


def main() -> None:
    """Print a line for each step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    rows = QUICK_ROWS if parser.parse_args().quick else ROWS
    header("Steps beside scikit-learn's", "mulle", "scikit-learn", "numpy", "polars")
    rng = np.random.default_rng(0)
    names = np.array([f"category {i}" for i in range(CATEGORIES)], dtype=object)
    x = names[rng.integers(0, CATEGORIES, rows)][:, None]
    skewed = np.exp(rng.normal(size=(rows // 50, 60)) * 2)
    print(f"{'step':16}{'rows':>10}{'mulle':>9}{'peer':>9}{'ratio':>8}")
    for kind, y in (("values", rng.normal(size=rows)), ("classes", rng.integers(0, 3, rows))):
        task = "continuous" if kind == "values" else "multiclass"
        ours, peer = TargetEncode(), TargetEncoder(target_type=task, random_state=0)
        show(
            f"means, {kind}",
            rows,
            lambda ours=ours, y=y: ours.fit_transform(x, y),
            lambda peer=peer, y=y: peer.fit_transform(x, y),
        )
    show(
        "exponents",
        len(skewed),
        lambda: PowerTransform(min_skew=0.0).fit(skewed),
        lambda: PowerTransformer(standardize=False).fit(skewed),
    )
    texts = [[text] for text in x[:, 0]]
    hasher = FeatureHasher(64, input_type="string")
    show("hashes", rows, lambda: Hashed(64).fit_transform(x), lambda: hasher.transform(texts))


def show(name: str, rows: int, ours: Callable[[], Any], peer: Callable[[], Any]) -> None:
    """Measure both and print the line."""
    mulle, other = seconds(ours), seconds(peer)
    print(f"{name:16}{rows:>10,}{mulle:>9.2f}{other:>9.2f}{mulle / other:>8.2f}", flush=True)


def seconds(run: Callable[[], Any]) -> float:
    """Return the CPU seconds of the better of two runs."""
    taken = []
    for _ in range(2):
        begin = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run()
        taken.append(time.process_time() - begin)
    return min(taken)


if __name__ == "__main__":
    main()
