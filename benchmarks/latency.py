"""One row at a time: a bundle against scikit-learn's pipeline and against bare ONNX Runtime.

The same columns (30 numbers with missing values, 10 strings) and the same trees: a scikit-learn
pipeline (impute, scale, one-hot, 200 trees of LightGBM) answers `predict_proba` on a one-row
pandas frame; a mulle bundle of the same plan answers `predict_proba` on a dict; the floor is
`InferenceSession.run` of the bundle's graph on arrays that are ready.

    pip install . pandas
    python benchmarks/latency.py
"""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import header

ROWS, RUNS = 4_000, 2_000
PLAN = """
[[plan]]
name = "boosted"
learner = "lightgbm"
params = {{ n_estimators = 200, learning_rate = 0.1, patience = 200 }}
[[plan.features]]
columns = {numbers}
steps = [{{ step = "Impute" }}, {{ step = "StandardScale" }}]
[[plan.features]]
columns = {strings}
steps = [{{ step = "OneHot" }}]
"""


def table() -> pd.DataFrame:
    """A table with a target that depends on numbers and strings."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(ROWS, 30)), columns=[f"n{i}" for i in range(30)])
    score = frame.sum(axis=1).to_numpy() / 5
    for i in range(10):
        codes = rng.integers(0, 4 + 3 * i, ROWS)
        frame[f"s{i}"] = np.array([f"level {c}" for c in range(40)], dtype=object)[codes]
        score = score + np.sin(codes)
    frame = frame.mask(rng.random(frame.shape) < 0.05)
    frame["y"] = np.where(score + rng.normal(size=ROWS) > 0, "yes", "no")
    return frame


def sklearn_pipeline(frame: pd.DataFrame) -> Any:
    """The usual way to do the same."""
    from lightgbm import LGBMClassifier
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    x = frame.drop(columns="y")
    numbers = [c for c in x if c.startswith("n")]
    strings = [c for c in x if c.startswith("s")]
    prepare = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()),
            numbers,
        ),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=5), strings),
    )
    model = LGBMClassifier(n_estimators=200, learning_rate=0.1, verbose=-1, n_jobs=1)
    return make_pipeline(prepare, model).fit(x, frame["y"])


def bundle(frame: pd.DataFrame) -> Any:
    """The same plan, as a bundle."""
    import mulle

    plan = PLAN.format(
        numbers=[c for c in frame if c.startswith("n")],
        strings=[c for c in frame if c.startswith("s")],
    )
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path("plan.toml").write_text(plan, encoding="utf-8")
            return mulle.fit(frame, "y", plan="plan.toml", trials=1).model
        finally:
            os.chdir(before)


def median_us(call: Callable[[int], Any], runs: int) -> tuple[float, float]:
    """Median and 99th percentile of a call, in microseconds."""
    for i in range(50):
        call(i)
    taken = []
    for i in range(runs):
        begin = time.perf_counter()
        call(i)
        taken.append((time.perf_counter() - begin) * 1e6)
    return float(np.median(taken)), float(np.percentile(taken, 99))


def main() -> None:
    """Time the three, and print the ratios."""
    warnings.simplefilter("ignore")
    header("Latency of one row", "mulle", "onnxruntime", "scikit-learn", "lightgbm")
    frame = table()
    peer, model = sklearn_pipeline(frame), bundle(frame)
    x = frame.drop(columns="y").iloc[:200]
    frames = [x.iloc[[i]] for i in range(len(x))]
    dicts = [{k: None if v != v else v for k, v in row.items()} for row in x.to_dict("records")]
    feeds = [model.inputs(row) for row in dicts]
    session = model._session
    figures = {
        "scikit-learn predict_proba": median_us(lambda i: peer.predict_proba(frames[i % 200]), 300),
        "mulle predict_proba(dict)": median_us(lambda i: model.predict_proba(dicts[i % 200]), RUNS),
        "InferenceSession.run": median_us(lambda i: session.run(None, feeds[i % 200]), RUNS),
    }
    ours = figures["mulle predict_proba(dict)"][0]
    print(f"{'':28}{'median us':>10}{'p99 us':>10}{'ratio to mulle':>16}")
    for name, (median, p99) in figures.items():
        print(f"{name:28}{median:10.1f}{p99:10.1f}{median / ours:16.2f}")


if __name__ == "__main__":
    main()
