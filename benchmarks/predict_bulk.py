"""Many rows, and one row in each form: a bundle against LightGBM's pipeline, FLAML and AutoGluon.

Each learns from the same titanic-like table (made here, with a seed) and then predicts the same
rows. Ours is `mulle fit` as it comes; LightGBM's pipeline is pandas with categories and LightGBM's
defaults; FLAML and AutoGluon get the same seconds. They run in a Python that has them (`--peers`),
after each other, the tables as files; what does not import is left out with a line that says so.

    pip install . pandas
    python benchmarks/predict_bulk.py [--peers PYTHON] [--quick] [--seconds 30] [--bundle FILE]

Figures are processor seconds and wall seconds of one process; start-up is left out but for the
command line, of which the whole process is timed. Many rows are predicted once, after a call with
some; the whole takes about four minutes on two quiet cores.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import header

import mulle

ROWS, QUICK = (10_000, 100_000, 1_000_000), (10_000, 50_000)
TRAINING_ROWS = 2_000
TARGET = "survived"
PEER = """
import json, sys, time, warnings
import numpy as np, pandas as pd
warnings.simplefilter("ignore")
name, folder, seconds, sizes = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
train = pd.read_csv(f"{folder}/train.csv")
y, x = train.pop("survived"), train
if name == "lightgbm":
    import lightgbm
    text = [c for c in x if x[c].dtype.kind not in "bif"]
    kinds = {c: pd.CategoricalDtype(sorted(x[c].dropna().unique())) for c in text}
    model = lightgbm.LGBMClassifier(verbose=-1).fit(x.astype(kinds), y)
    predict = lambda rows: model.predict(rows.astype(kinds))
elif name == "flaml":
    from flaml import AutoML
    model = AutoML()
    model.fit(x, y, task="classification", time_budget=seconds, verbose=0, seed=0)
    predict = model.predict
else:
    from autogluon.tabular import TabularPredictor
    model = TabularPredictor("survived", verbosity=0, path=f"{folder}/autogluon")
    model.fit(train.assign(survived=y), time_limit=seconds)
    predict = model.predict
def clock(call, runs):
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(runs): call()
    return (time.perf_counter() - wall) / runs, (time.process_time() - cpu) / runs
found = {}
for size in sizes:
    rows = pd.read_csv(f"{folder}/{size}.csv")
    predict(rows.iloc[:5000])
    found[str(size)] = clock(lambda: predict(rows), 1)
one, thirty = rows.iloc[[0]], rows.iloc[:30]
predict(one)
found["one row, frame"] = clock(lambda: predict(one), 30)
found["thirty rows"] = clock(lambda: predict(thirty), 30)
print(json.dumps(found))
"""
COMMAND = """
import sys, pandas as pd, lightgbm
train = pd.read_csv(sys.argv[1] + "/train.csv")
y, x = train.pop("survived"), train
text = [c for c in x if x[c].dtype.kind not in "bif"]
kinds = {c: pd.CategoricalDtype(sorted(x[c].dropna().unique())) for c in text}
model = lightgbm.LGBMClassifier(verbose=-1).fit(x.astype(kinds), y)
rows = pd.read_csv(sys.argv[2])
pd.DataFrame(model.predict_proba(rows.astype(kinds))).to_csv(sys.argv[3], index=False)
"""


def passengers(rows: int, seed: int) -> pd.DataFrame:
    """A table like that of the Titanic: 14 columns, some of them empty in places, booleans too."""
    rng = np.random.default_rng(seed)
    pclass = rng.choice([1, 2, 3], rows, p=[0.24, 0.21, 0.55])
    sex = np.where(rng.random(rows) < 0.65, "male", "female")
    age = np.round(rng.gamma(6, 5, rows), 1).clip(0.4, 80)
    sibsp, parch = rng.poisson(0.5, rows), rng.poisson(0.4, rows)
    fare = np.round(rng.lognormal(4.3 - 0.8 * pclass, 0.6), 4) + 5
    town = rng.choice(["Southampton", "Cherbourg", "Queenstown"], rows, p=[0.72, 0.19, 0.09])
    deck = pd.Series(rng.choice(list("ABCDEFG"), rows)).where(rng.random(rows) < 0.23)
    score = 2.5 * (sex == "female") - 1.1 * (pclass - 2) - 0.03 * (age - 30) - 0.3 * sibsp
    score += 0.4 * np.sin(fare / 9) + rng.logistic(size=rows) - 1.2
    return pd.DataFrame(
        {
            TARGET: (score > 0).astype(int),
            "pclass": pclass,
            "sex": sex,
            "age": pd.Series(age).where(rng.random(rows) < 0.8),
            "sibsp": sibsp,
            "parch": parch,
            "fare": fare,
            "embarked": [t[0] for t in town],
            "class": np.array(["First", "Second", "Third"])[pclass - 1],
            "who": np.where(age < 16, "child", np.where(sex == "male", "man", "woman")),
            "adult_male": (sex == "male") & (age >= 16),
            "deck": deck,
            "embark_town": town,
            "alone": sibsp + parch == 0,
            "boarded": pd.Timestamp("1912-04-10") + pd.to_timedelta(rng.integers(0, 3, rows), "D"),
        }
    )


def clock(call: Callable[[], Any], runs: int) -> tuple[float, float]:
    """Wall and processor seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(runs):
        call()
    return (time.perf_counter() - wall) / runs, (time.process_time() - cpu) / runs


def ours(bundle: Path, folder: Path, sizes: tuple[int, ...]) -> dict[str, tuple[float, float]]:
    """Time a bundle in process: rows as a pandas frame, and one row in each form."""
    model = mulle.load(bundle)
    found = {}
    for size in sizes:
        rows = pd.read_csv(folder / f"{size}.csv")
        model.predict(rows.iloc[:5_000])
        found[str(size)] = clock(lambda rows=rows: model.predict(rows), 1)
        inputs = model.inputs(rows)
        found[f"{size}, graph alone"] = clock(lambda i=inputs: model.predict_arrays(i), 1)
    one, thirty = rows.iloc[[0]], rows.iloc[:30].to_dict("records")
    ready = model.inputs(one)
    forms = {
        "one row, graph alone": lambda: model.predict_arrays(ready),
        "one row, frame": lambda: model.predict(one),
        "one row, dict": lambda: model.predict(thirty[0]),
        "one row, [dict]": lambda: model.predict(thirty[:1]),
        "thirty rows": lambda: model.predict(thirty),
    }
    for name, call in forms.items():
        call()
        found[name] = clock(call, 200)
    return found


def peer(
    python: str, name: str, folder: Path, seconds: int, sizes: tuple[int, ...]
) -> dict[str, tuple[float, float]] | None:
    """Time a peer in a Python that has it; None, with a line that says why, where it is absent."""
    asked = [python, "-c", PEER, name, str(folder), str(seconds), json.dumps(sizes)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: left out: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")
        return None
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def commands(bundle: Path, python: str, folder: Path, sizes: tuple[int, ...]) -> None:
    """Time whole processes, CSV in and CSV out: `mulle predict`, and a script of the pipeline."""
    print(
        f"\n{'whole process, CSV to CSV':<28}{'mulle predict s':>16}{'pipeline s':>12}{'ratio':>8}"
    )
    for size in sizes:
        rows, out = str(folder / f"{size}.csv"), folder / "out.csv"
        calls = (
            [sys.executable, "-m", "mulle", "predict", str(bundle), rows, "-o", str(out)],
            [python, "-c", COMMAND, str(folder), rows, str(out)],
        )
        spent = []
        for call in calls:
            out.unlink(missing_ok=True)
            begin = time.perf_counter()
            subprocess.run(call, capture_output=True, check=True)
            spent.append(time.perf_counter() - begin)
        mine, theirs = spent
        print(f"{size:<28,}{mine:16.2f}{theirs:12.2f}{mine / theirs:8.2f}", flush=True)


def show(results: dict[str, dict[str, tuple[float, float]]], sizes: tuple[int, ...]) -> None:
    """Print rows a second of many rows, and milliseconds of few, one line a contender."""
    print(f"{'rows/s (wall | processor)':<28}" + "".join(f"{size:>24,}" for size in sizes))
    for name, found in results.items():
        for form in ("", ", graph alone"):
            if all(f"{size}{form}" in found for size in sizes):
                cells = (found[f"{size}{form}"] for size in sizes)
                line = zip(sizes, cells, strict=True)
                rates = "".join(f"{n / w:>13,.0f} |{n / c:>9,.0f}" for n, (w, c) in line)
                print(f"{name + form:<28}{rates}")
    forms = [key for key in results["mulle"] if not key[0].isdigit()]
    print(f"\n{'ms (wall | processor)':<28}" + "".join(f"{form:>24}" for form in forms))
    for name, found in results.items():
        cells = (
            f"{1e3 * found[f][0]:>12.3f} |{1e3 * found[f][1]:>10.3f}"
            if f in found
            else f"{'-':>24}"
            for f in forms
        )
        print(f"{name:<28}" + "".join(cells))


def main() -> None:
    """Make the tables, learn, time all, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the peers")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--bundle", type=Path, help="a bundle that was made before")
    parser.add_argument("--quick", action="store_true", help="fewer rows and seconds")
    given = parser.parse_args()
    sizes, seconds = (QUICK, 15) if given.quick else (ROWS, given.seconds)
    header("Many rows, and one row in each form", "mulle", "onnxruntime", "polars", "pandas")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        passengers(TRAINING_ROWS, 0).to_csv(folder / "train.csv", index=False)
        for number, size in enumerate(sizes, 1):
            rows = passengers(size, number).drop(columns=TARGET)
            rows.to_csv(folder / f"{size}.csv", index=False)
        bundle = given.bundle
        if bundle is None:
            mulle.fit(folder / "train.csv", TARGET, time=seconds, output=folder)
            bundle = folder / "train.mulle"
        results = {"mulle": ours(bundle, folder, sizes)}
        for one in ("lightgbm", "flaml", "autogluon"):
            found = peer(given.peers, one, folder, seconds, sizes)
            if found:
                results[one] = found
        show(results, sizes)
        commands(bundle, given.peers, folder, sizes)


if __name__ == "__main__":
    main()
