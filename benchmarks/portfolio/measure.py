"""Train every plan of the portfolio on every table, once: out-of-fold predictions and seconds.

Any order of the plans and any rule of blending can then be compared without training anything
(the manner of TabRepo: Salinas and Erickson 2024, arXiv:2311.02971). Seconds are those that one
core computes, whatever else the machine does. A table that was measured is not measured again.

    python measure.py FOLDER_OF_TABLES FOLDER_OF_PREDICTIONS [--drawn 12]
"""

from __future__ import annotations

import argparse
import json
import math
import time
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mulle.decisions import DecisionLog
from mulle.metrics import metrics_for
from mulle.verbs.fit.attempt import Attempt
from mulle.verbs.fit.data import Data, prepare
from mulle.verbs.fit.feature_maker import FeatureMaker
from mulle.verbs.fit.folds import make_folds
from mulle.verbs.fit.plan import Plan, makes_pairs, with_pairs
from mulle.verbs.fit.portfolio import KNOWN_BOOSTING, portfolio
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.tasks import FindPairs, do
from mulle.verbs.fit.validation import Training

DRAWN = f"lightgbm_{KNOWN_BOOSTING + 1}"  # the first plan of which the settings are drawn


def read(path: Path) -> tuple[Data, Training]:
    """Read a table as `fit` does, and divide it into folds."""
    frame = pl.read_parquet(path)
    settings = Settings(target=frame.columns[-1], source=path.stem, test_size=0.05)
    decisions = DecisionLog()
    data = prepare(frame, settings, decisions, Progress(), None)
    folds = make_folds(data.train, data.target, settings, decisions, math.inf)
    columns, y = data.train.columns, data.train.y
    return data, Training(data.target, columns, y, None, folds, n_jobs=1, seed=0)


def plans_of(data: Data, drawn: int) -> list[Plan]:
    """Return the known plans, and some that are drawn."""
    maker = FeatureMaker(data.train.table.schema, data.profile)
    every = portfolio("good", data.target, maker, len(data.train.y), 0)
    known = list(takewhile(lambda plan: plan.name != DRAWN, every))
    every = portfolio("good", data.target, maker, len(data.train.y), 0)
    return list(islice(every, len(known) + drawn))


def measure(path: Path, drawn: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what is known of each plan on a table, and its out-of-fold predictions."""
    data, training = read(path)
    metric = metrics_for(data.target.task, [])[0]
    plans = plans_of(data, drawn)
    pairs, looking = [], 0.0
    looks = next((plan for plan in plans if makes_pairs(plan)), None)
    if looks is not None:
        done = do(FindPairs(looks), training)
        pairs, looking = done.result or [], done.seconds
    facts: dict[str, Any] = {"task": data.target.task, "metric": metric.name, "pairs": pairs}
    facts |= {"rows": len(training.y), "looking": round(looking, 3), "plans": {}}
    predictions = {"y": training.y[training.validated]}
    for plan in plans:
        attempt = Attempt(with_pairs(plan, pairs), training)
        attempt.do_here()
        trial, oof = attempt.trial(metric)
        facts["plans"][plan.name] = {
            "seconds": round(trial.seconds, 3),
            "score": trial.score,
            "status": trial.status,
        }
        if oof is not None:
            predictions[plan.name] = oof
    return facts, predictions


def main() -> None:
    """Measure the tables that have not been yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", type=Path)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("--drawn", type=int, default=12)
    options = parser.parse_args()
    time.perf_counter = time.process_time
    options.predictions.mkdir(parents=True, exist_ok=True)
    for path in sorted(options.tables.glob("*.parquet")):
        written = options.predictions / f"{path.stem}.json"
        if written.exists():
            continue
        facts, predictions = measure(path, options.drawn)
        np.savez_compressed(options.predictions / f"{path.stem}.npz", **predictions)
        written.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        seconds = sum(plan["seconds"] for plan in facts["plans"].values())
        print(f"{path.stem:14} {len(predictions) - 1:3} plans, {seconds:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
