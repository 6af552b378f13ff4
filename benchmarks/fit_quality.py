"""How good a model is after the same promised time: mulle against FLAML and plain LightGBM.

Each table is split once, 80 to 20, with a fixed seed; every contender learns from the same 80 %
and is scored on the same 20 % with the same metric (ROC AUC, log loss or RMSE). Ranks are over
the contenders of a table, 1 is best, equal scores share a rank. A contender that was promised 60
seconds and takes longer is seen in the last table.

    pip install . "flaml[automl]" pandas
    MULLE_DATA=... python benchmarks/fit_quality.py [--seconds 60] [--tables titanic mpg ...]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import header, tables
from scipy.stats import rankdata
from sklearn.metrics import log_loss, roc_auc_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

TARGETS = {
    "titanic": ("survived", ["alive"]),
    "penguins": ("species", []),
    "mpg": ("mpg", []),
    "credit_data": ("Status", []),
    "wa_churn": ("churn", []),
    "ames": ("Sale_Price", []),
    "deliveries": ("time_to_delivery", []),
    "lending_club": ("Class", []),
    "stackoverflow": ("Remote", []),
    "email": ("spam", []),
    "cells": ("class", ["case"]),
    "leaf_id_flavia": ("species", []),
    "taxis": ("tip", []),
    "diamonds": ("price", []),
}
Answer = tuple[np.ndarray, list[Any]]  # values, or probabilities with the classes they are for


def mulle(preset: str, seconds: float) -> Callable[..., Answer]:
    """mulle with a preset."""

    def run(train: pd.DataFrame, test: pd.DataFrame, target: str, task: str) -> Answer:
        import mulle as m

        with tempfile.TemporaryDirectory() as folder:
            before = Path.cwd()
            os.chdir(folder)
            try:
                fitted = m.fit(
                    train, target, preset=preset, time=seconds, task=task, test_size=0.05
                )
            finally:
                os.chdir(before)
        model = fitted.model
        rows = test.drop(columns=[target])
        if task == "regression":
            return model.predict(rows), []
        return model.predict_proba(rows), list(model.classes_)

    return run


def flaml(seconds: float) -> Callable[..., Answer]:
    """FLAML with its own defaults and the metric that is scored."""

    def run(train: pd.DataFrame, test: pd.DataFrame, target: str, task: str) -> Answer:
        from flaml import AutoML

        automl = AutoML()
        automl.fit(
            _plain(train.drop(columns=[target])),
            train[target].to_numpy(),
            task="regression" if task == "regression" else "classification",
            metric={"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task],
            time_budget=seconds,
            verbose=0,
            seed=0,
        )
        rows = _plain(test.drop(columns=[target]))
        if task == "regression":
            return automl.predict(rows), []
        return automl.predict_proba(rows), list(automl.classes_)

    return run


def lightgbm(train: pd.DataFrame, test: pd.DataFrame, target: str, task: str) -> Answer:
    """LightGBM with its defaults and pandas categories."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    x, rows = _plain(train.drop(columns=[target])), _plain(test.drop(columns=[target]))
    for name in x.select_dtypes(object):
        known = pd.CategoricalDtype(x[name].dropna().unique())
        x[name], rows[name] = x[name].astype(known), rows[name].astype(known)
    names = [f"f{i}" for i in range(x.shape[1])]
    x.columns = rows.columns = names
    model = (LGBMRegressor if task == "regression" else LGBMClassifier)(verbose=-1)
    model.fit(x, train[target])
    if task == "regression":
        return model.predict(rows), []
    return model.predict_proba(rows), list(model.classes_)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Text as objects, dates as seconds: what both peers take."""
    frame = frame.copy()
    for name in frame.columns:
        if pd.api.types.is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].astype("int64") / 1e9
        elif not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].astype(object)
    return frame


def score(y: pd.Series, answer: Answer, task: str) -> float:
    """The metric of the task; lower is better for all but AUC, which is given as 1 - AUC."""
    values, classes = answer
    if task == "regression":
        return float(root_mean_squared_error(y, values))
    at = [list(map(str, classes)).index(str(c)) for c in sorted(y.unique())]
    if task == "binary":
        return 1 - float(roc_auc_score(y, values[:, at[1]]))
    return float(log_loss(y, values[:, at] / values[:, at].sum(1, keepdims=True)))


def main() -> None:
    """Run all contenders on all tables, and print scores, ranks and times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--tables", nargs="*", default=list(TARGETS))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    header("Test error after the same time", "mulle", "flaml", "lightgbm", "scikit-learn")
    contenders = {
        "mulle good": mulle("good", options.seconds),
        "mulle quick": mulle("quick", options.seconds),
        "FLAML": flaml(options.seconds),
        "LightGBM": lightgbm,
    }
    errors, times = [], []
    columns = "".join(f"{n:>22}" for n in contenders)
    print(f"{'table':16}{'task':12}{columns}    (error, seconds)")
    for name in options.tables:
        target, dropped = TARGETS[name]
        frame = pd.read_csv(tables() / f"{name}.csv").drop(columns=["rownames"], errors="ignore")
        frame = frame.drop(columns=dropped).dropna(subset=[target])
        for column in ("pickup", "dropoff", "time"):
            if column in frame:
                frame[column] = pd.to_datetime(frame[column], utc=True).dt.tz_localize(None)
        task = _task(frame[target])
        strata = None if task == "regression" else frame[target]
        train, test = train_test_split(frame, test_size=0.2, random_state=7, stratify=strata)
        row, taken = [], []
        for contender in contenders.values():
            begin = time.perf_counter()
            answer = contender(train, test, target, task)
            taken.append(time.perf_counter() - begin)
            row.append(score(test[target], answer, task))
        errors.append(row)
        times.append(taken)
        cells = "".join(f"{e:14.5f} {t:6.1f}s" for e, t in zip(row, taken, strict=True))
        print(f"{name:16}{task:12}{cells}", flush=True)
    _summary(list(contenders), np.array(errors), np.array(times))


def _task(y: pd.Series) -> str:
    if not pd.api.types.is_numeric_dtype(y) or y.nunique() == 2:
        return "binary" if y.nunique() == 2 else "multiclass"
    return "regression"


def _summary(names: list[str], errors: np.ndarray, times: np.ndarray) -> None:
    ranks = np.array([rankdata(row, method="average") for row in errors])
    ratio = np.exp(np.log(errors / errors[:, [names.index("FLAML")]]).mean(0))
    print()
    print(f"{'':14}{'mean rank':>10}{'error / FLAML':>15}{'median s':>10}{'max s':>8}")
    for i, name in enumerate(names):
        print(
            f"{name:14}{ranks[:, i].mean():10.2f}{ratio[i]:15.3f}"
            f"{np.median(times[:, i]):10.1f}{times[:, i].max():8.1f}"
        )


if __name__ == "__main__":
    main()
