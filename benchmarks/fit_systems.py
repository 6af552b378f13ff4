"""Fit one system on one split, in a process of its own, and print what came of it as JSON.

`fit_quality.py` calls this file with the Python of the system's environment:

    python fit_systems.py SYSTEM TABLE SPLIT SECONDS

Every system gets the same frame of pandas; time counts from there until it can answer. Imports of
the peers' libraries come before the clock; mulle's own imports count.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from fit_tables import TABLES, split
from sklearn.metrics import log_loss, roc_auc_score, root_mean_squared_error

SEED = 0
WARM_UP = 5  # answers before the clock of one row
ONE_ROW = 60  # answers, of which the median counts
MANY_ROWS = 20_000  # at least, for the rows a second
MULLE_TEST = 0.05  # of the training rows mulle keeps for the test that its report shows


class Fitted(NamedTuple):
    """What a system gives.

    Attributes:
        answer: frame -> values, or probabilities [N, C].
        classes: what the probabilities are for; empty for values.
        size: bytes on disk of what answers.
        answer_one: dict of a row -> answer, where the system takes one.
        details: what else is worth keeping.
    """

    answer: Callable[[pd.DataFrame], Any]
    classes: list[Any]
    size: int
    answer_one: Callable[[dict[str, Any]], Any] | None = None
    details: Mapping[str, Any] = MappingProxyType({})


def fit_mulle(train: pd.DataFrame, target: str, task: str, seconds: float) -> Fitted:
    """mulle, preset `good` up to a minute and `best` beyond."""
    import mulle

    preset = "good" if seconds <= 60 else "best"
    result = mulle.fit(
        train, target, preset=preset, time=seconds, task=task, test_size=MULLE_TEST, seed=SEED
    )
    model = result.model
    path, _ = result.save("model.mulle")
    size, details = path.stat().st_size, {"trials": len(result.leaderboard)}
    if task == "regression":
        return Fitted(model.predict, [], size, model.predict, details)
    return Fitted(model.predict_proba, list(model.classes_), size, model.predict_proba, details)


def _fit_autogluon(presets: str) -> Callable[..., Fitted]:
    def fit(train: pd.DataFrame, target: str, task: str, seconds: float) -> Fitted:
        from autogluon.tabular import TabularPredictor

        metric = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task]
        predictor = TabularPredictor(
            label=target, problem_type=task, eval_metric=metric, path="model", verbosity=0
        )
        predictor.fit(train, time_limit=seconds, presets=presets)
        predictor = TabularPredictor.load(predictor.clone_for_deployment("deployed"))
        predictor.persist()
        size = int(predictor.disk_usage())
        if task == "regression":
            return Fitted(lambda rows: predictor.predict(rows).to_numpy(), [], size)
        return Fitted(
            lambda rows: predictor.predict_proba(rows).to_numpy(),
            list(predictor.class_labels),
            size,
        )

    return fit


def fit_flaml(train: pd.DataFrame, target: str, task: str, seconds: float) -> Fitted:
    """FLAML with its own defaults and the metric that is scored."""
    import pickle

    from flaml import AutoML

    automl = AutoML()
    automl.fit(
        _plain(train.drop(columns=[target])),
        train[target].to_numpy(),
        task="regression" if task == "regression" else "classification",
        metric={"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task],
        time_budget=seconds,
        verbose=0,
        seed=SEED,
    )
    size = len(pickle.dumps(automl))
    if task == "regression":
        return Fitted(lambda rows: automl.predict(_plain(rows)), [], size)
    classes = list(automl.classes_)
    return Fitted(lambda rows: automl.predict_proba(_plain(rows)), classes, size)


def fit_lightgbm(train: pd.DataFrame, target: str, task: str, seconds: float) -> Fitted:
    """LightGBM with its defaults and pandas categories, however long that takes."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    x = _plain(train.drop(columns=[target]))
    known = {
        name: pd.CategoricalDtype(x[name].dropna().unique()) for name in x.select_dtypes(object)
    }

    def prepare(rows: pd.DataFrame) -> pd.DataFrame:
        rows = _plain(rows).astype(known)
        rows.columns = [f"f{i}" for i in range(rows.shape[1])]
        return rows

    model = (LGBMRegressor if task == "regression" else LGBMClassifier)(verbose=-1)
    model.fit(prepare(x), train[target])
    size = len(model.booster_.model_to_string())
    if task == "regression":
        return Fitted(lambda rows: model.predict(prepare(rows)), [], size)
    return Fitted(lambda rows: model.predict_proba(prepare(rows)), list(model.classes_), size)


def fit_histgb(train: pd.DataFrame, target: str, task: str, seconds: float) -> Fitted:
    """scikit-learn's histogram boosting with its defaults."""
    import pickle

    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.preprocessing import OrdinalEncoder

    x = _plain(train.drop(columns=[target]))
    names = list(x.select_dtypes(object))
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    encoder.fit(x[names])

    def prepare(rows: pd.DataFrame) -> pd.DataFrame:
        rows = _plain(rows)
        if names:
            rows[names] = encoder.transform(rows[names])
        return rows.astype(float)

    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    model = kind(random_state=SEED).fit(prepare(x), train[target])
    size = len(pickle.dumps(model))
    if task == "regression":
        return Fitted(lambda rows: model.predict(prepare(rows)), [], size)
    return Fitted(lambda rows: model.predict_proba(prepare(rows)), list(model.classes_), size)


def fit_mljar(train: pd.DataFrame, target: str, task: str, seconds: float) -> Fitted:
    """mljar-supervised in its mode `Perform`."""
    from supervised.automl import AutoML

    metric = {"binary": "auc", "multiclass": "logloss", "regression": "rmse"}[task]
    automl = AutoML(
        mode="Perform",
        total_time_limit=int(seconds),
        eval_metric=metric,
        results_path="model",
        random_state=SEED,
        verbose=0,
    )
    automl.fit(_plain(train.drop(columns=[target])), train[target])
    size = sum(f.stat().st_size for f in Path("model").rglob("*") if f.is_file())
    if task == "regression":
        return Fitted(lambda rows: automl.predict(_plain(rows)), [], size)
    classes = sorted(train[target].unique())
    return Fitted(lambda rows: automl.predict_proba(_plain(rows)), classes, size)


SYSTEMS: dict[str, Callable[..., Fitted]] = {
    "mulle": fit_mulle,
    "autogluon-medium": _fit_autogluon("medium_quality"),
    "autogluon-best": _fit_autogluon("best_quality"),
    "flaml": fit_flaml,
    "lightgbm": fit_lightgbm,
    "histgb": fit_histgb,
    "mljar": fit_mljar,
}
PACKAGES = {
    "mulle": ["mulle"],
    "autogluon-medium": ["autogluon.tabular"],
    "autogluon-best": ["autogluon.tabular"],
    "flaml": ["flaml", "lightgbm"],
    "lightgbm": ["lightgbm"],
    "histgb": ["scikit-learn"],
    "mljar": ["mljar-supervised"],
}


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Text as objects, dates as seconds: what the peers without dates take."""
    frame = frame.copy()
    for name in frame.columns:
        if pd.api.types.is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].astype("int64") / 1e9
        elif not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].astype(object)
    return frame


def error(y: pd.Series, answer: Any, classes: list[Any], task: str) -> float:
    """Return what is compared; lower is better: RMSE, 1 - ROC AUC or log loss."""
    answer = np.asarray(answer)
    if task == "regression":
        return float(root_mean_squared_error(y, answer))
    at = [list(map(str, classes)).index(str(c)) for c in sorted(y.unique())]
    if task == "binary":
        return 1 - float(roc_auc_score(y, answer[:, at[1]]))
    return float(log_loss(y, answer[:, at] / answer[:, at].sum(1, keepdims=True)))


def milliseconds(answer: Callable[[Any], Any], row: Any) -> float:
    """Return the median time of one answer."""
    taken = []
    for i in range(WARM_UP + ONE_ROW):
        begin = time.perf_counter()
        answer(row)
        if i >= WARM_UP:
            taken.append(time.perf_counter() - begin)
    return 1000 * float(np.median(taken))


def rows_a_second(answer: Callable[[Any], Any], rows: pd.DataFrame) -> float:
    """Return how many rows are answered in a second, at their best of three."""
    many = pd.concat([rows] * -(-MANY_ROWS // len(rows)), ignore_index=True)
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        answer(many)
        taken.append(time.perf_counter() - begin)
    return len(many) / min(taken)


def peak_memory() -> float:
    """Return the megabytes that this process held at most, and the largest of its children."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024


def main() -> None:
    """Fit, score, time and print."""
    system, name, number, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    warnings.simplefilter("ignore")
    train, test, task = split(name, number)
    target = TABLES[name].target
    rows = test.drop(columns=[target])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        begin = time.perf_counter()
        fitted = SYSTEMS[system](train, target, task, seconds)
        taken = time.perf_counter() - begin
        memory = peak_memory()
        one = rows.iloc[:1].to_dict("records")[0]
        print(
            json.dumps(
                {
                    "table": name,
                    "split": number,
                    "system": system,
                    "seconds": seconds,
                    "task": task,
                    "error": error(test[target], fitted.answer(rows), fitted.classes, task),
                    "taken": taken,
                    "memory_mb": memory,
                    "size_mb": fitted.size / 1e6,
                    "frame_ms": milliseconds(fitted.answer, rows.iloc[:1]),
                    "dict_ms": fitted.answer_one and milliseconds(fitted.answer_one, one),
                    "rows_a_second": rows_a_second(fitted.answer, rows),
                    "details": dict(fitted.details),
                }
            )
        )
        os.chdir("/")


if __name__ == "__main__":
    main()
