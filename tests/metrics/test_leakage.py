"""What is a leak and what is merely a strong column."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer, load_iris

from mulle.errors import UnknownName
from mulle.metrics import suspects
from mulle.metrics.leakage import _sample


def names(leaks):
    return [leak.column for leak in leaks]


def test_copies_of_a_binary_target_are_found_in_any_dress():
    rng = np.random.default_rng(0)
    y = (rng.uniform(size=3000) < 0.1).astype(int)
    columns = {
        "words": np.where(y == 1, "yes", "no").astype(object),
        "shifted": rng.normal(0, 1, 3000) + 20 * y,
        "only when true": np.where(y == 1, rng.normal(size=3000), np.nan),
        "none when false": np.array([f"boat {i % 7}" if v else None for i, v in enumerate(y)]),
        "strong": rng.normal(0, 1, 3000) + 2 * y,
        "unique": np.array([f"id {i}" for i in range(3000)]),
        "row": np.arange(3000.0)[:, None],
        "empty": np.full(3000, np.nan),
    }
    leaks = suspects(columns, y, "binary")
    assert sorted(names(leaks)) == ["none when false", "only when true", "shifted", "words"]
    reasons = {leak.column: leak.reason for leak in leaks}
    assert reasons["words"] == reasons["shifted"] == "alone-predicts"
    assert reasons["only when true"] == reasons["none when false"] == "missing-predicts"
    assert all(leak.score > leak.threshold > leak.baseline == 0.5 for leak in leaks)


def test_rare_positives_of_a_large_table_are_enough():
    rng = np.random.default_rng(0)
    y = (rng.uniform(size=50_000) < 0.005).astype(int)
    columns = {"leak": rng.normal(size=50_000) + 9 * y, "fair": rng.normal(size=50_000) + y}
    assert names(suspects(columns, y, "binary")) == ["leak"]


def test_large_tables_are_sampled_alike_from_every_class():
    y = np.repeat([0, 1, 2], [90_000, 9_000, 200])
    assert np.bincount(y[_sample(y, np.random.default_rng(0))]).tolist() == [1666, 1666, 200]


def test_regression_finds_monotone_copies_and_no_strong_columns():
    rng = np.random.default_rng(0)
    y = np.exp(rng.normal(0, 2, 4000))  # heavy tail
    columns = {
        "log": np.log(y),
        "minus": -y,
        "text": np.round(y, 3).astype(str),  # hardly a value occurs twice
        "noisy": np.log(y) + rng.normal(0, 0.5, 4000),
    }
    assert names(suspects(columns, y, "regression")) in (["log", "minus"], ["minus", "log"])


def test_multiclass_finds_the_name_of_the_class_only():
    iris = load_iris()
    columns = {name: iris.data[:, k] for k, name in enumerate(iris.feature_names)}
    columns["species"] = iris.target_names[iris.target]
    assert names(suspects(columns, iris.target, "multiclass")) == ["species"]


def test_honest_measurements_are_not_suspected():
    data = load_breast_cancer()
    columns = {name: data.data[:, k] for k, name in enumerate(data.feature_names)}
    assert suspects(columns, data.target, "binary") == []


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_never_suspected(seed):
    rng = np.random.default_rng(seed)
    columns = {str(k): rng.integers(0, 2 + k * 10, 60) for k in range(50)}
    assert suspects(columns, rng.integers(0, 2, 60), "binary", seed) == []


def test_few_rows_one_class_and_dates():
    y = np.arange(100) % 2
    assert suspects({"y": y[:40]}, y[:40], "binary") == []
    assert suspects({"y": y}, np.zeros(100, int), "binary") == []
    days = np.datetime64("2020-01-01") + y * np.timedelta64(40, "D")
    assert names(suspects({"day": days.astype("datetime64[us]")}, y, "binary")) == ["day"]
    with pytest.raises(UnknownName, match="no task named 'ranking'"):
        suspects({}, y, "ranking")


@pytest.mark.data
@pytest.mark.skipif("MULLE_DATA" not in os.environ, reason="MULLE_DATA is not set")
@pytest.mark.parametrize(
    ("file", "target", "expected"),
    [
        ("tables/titanic.csv", "survived", ["alive"]),
        ("text/nsmc_train.csv", "label", ["rating"]),
        ("tables/diamonds.csv", "price", []),
        ("tables/taxis.csv", "tip", []),
        ("tables/wa_churn.csv", "churn", []),
        ("tables/penguins.csv", "species", []),
        ("tables/lending_club.csv", "Class", []),
    ],
)
def test_real_tables(file, target, expected):
    path = Path(os.environ["MULLE_DATA"]) / file
    frame = pl.read_csv(path, infer_schema_length=None).drop_nulls(target)
    y, task = frame[target], "regression"
    if y.dtype == pl.String or y.n_unique() == 2:
        task = "binary" if y.n_unique() == 2 else "multiclass"
        y = y.rank("dense").cast(pl.Int64) - 1
    columns = {name: frame[name].to_numpy() for name in frame.columns if name != target}
    assert names(suspects(columns, y.to_numpy(), task)) == expected
