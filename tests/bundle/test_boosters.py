"""A bundle of a booster that LightGBM trained by itself answers as LightGBM does."""

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import pytest

from mulle.bundle import from_lightgbm, load
from mulle.errors import DataError, MulleError, UsageError

ROWS, LABELS = 400, ("가", "나", "다")
BASE = {"num_leaves": 15, "min_data_in_leaf": 3, "verbosity": -1, "num_threads": 1, "seed": 0}
CITIES = ["서울", "부산", "a b", ""]


def frame(rows: int = ROWS, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({"높이": rng.normal(size=rows), "price": np.exp(rng.normal(size=rows) * 3)})
    x["zeros"] = np.where(rng.random(rows) < 0.7, 0.0, rng.normal(size=rows))
    x.loc[rng.random(rows) < 0.2, "price"] = np.nan
    x["city"] = pd.Categorical(rng.choice(CITIES[:3], rows), CITIES)
    return x


def signal(x: pd.DataFrame) -> np.ndarray:
    return x["높이"] + np.log1p(x["price"].fillna(3)) / 3 + x["city"].cat.codes + x["zeros"]


def target(x: pd.DataFrame, objective: str) -> np.ndarray:
    y = signal(x).to_numpy()
    if objective == "binary":
        return (y > np.median(y)).astype(int)
    if objective == "multiclass":
        return np.digitize(y, np.quantile(y, [0.3, 0.6]))
    return np.exp(y / 2) if objective in {"poisson", "gamma", "tweedie", "mape"} else y


def train(objective: str, x: pd.DataFrame | None = None, **params: Any) -> lightgbm.Booster:
    x = frame() if x is None else x
    extra = {"num_class": 3} if objective == "multiclass" else {}
    data = lightgbm.Dataset(x, target(x, objective))
    return lightgbm.train(BASE | {"objective": objective} | extra | params, data, 20)


def given(x: pd.DataFrame, y: Any = None) -> pl.DataFrame:
    plain = x.assign(city=x["city"].astype(object)) if "city" in x else x
    table = pl.from_pandas(plain)
    return table if y is None else table.with_columns(pl.Series("y", y))


def own(booster: lightgbm.Booster, x: pd.DataFrame) -> np.ndarray:
    answers = booster.predict(x)
    return np.column_stack([1 - answers, answers]) if len(answers.shape) == 1 else answers


VALUES = ("regression", "regression_l1", "huber", "fair", "quantile", "mape", "poisson", "gamma",
          "tweedie")  # fmt: skip


@pytest.mark.parametrize("objective", VALUES)
def test_values_are_those_of_lightgbm(objective, tmp_path):
    booster, new = train(objective), frame(seed=1)
    path = tmp_path / "ours.mulle"
    model = from_lightgbm(booster, given(new, target(new, objective)), "y", path=path)
    np.testing.assert_allclose(load(path).predict(given(new)), booster.predict(new), rtol=1e-12)
    assert model.manifest.parity.label_flips == 0
    assert model.manifest.parity.max_abs_diff <= 1e-12 * np.abs(booster.predict(new)).max() * 1e3
    assert model.manifest.scores["test"]["rmse"] == pytest.approx(
        np.sqrt(np.mean((booster.predict(new) - target(new, objective)) ** 2))
    )


@pytest.mark.parametrize(
    ("objective", "labels", "params"),
    [
        ("binary", (), {}),
        ("binary", ("아니오", "예"), {"sigmoid": 2.5}),
        ("multiclass", LABELS, {}),
        ("multiclass", (), {}),
        ("binary", (), {"boosting": "dart"}),
        ("binary", (), {"use_missing": False}),
        ("binary", (), {"max_cat_to_onehot": 1, "min_data_per_group": 1, "cat_smooth": 1.0}),
    ],
)
def test_probabilities_and_labels_are_those_of_lightgbm(objective, labels, params, tmp_path):
    booster, new = train(objective, **params), frame(seed=1)
    codes = target(new, objective)
    y = [labels[code] for code in codes] if labels else codes
    model = from_lightgbm(booster, given(new, y), "y", labels=labels, path=tmp_path / "a.mulle")
    np.testing.assert_allclose(model.predict_proba(given(new)), own(booster, new), atol=1e-12)
    best = own(booster, new).argmax(axis=1)
    names = list(labels) or [0, 1, 2]
    assert list(model.predict(given(new))) == [names[code] for code in best]
    assert model.manifest.parity.generated > 0


def test_the_text_the_file_and_an_estimator_are_the_same_booster(tmp_path):
    x = frame()
    estimator = lightgbm.LGBMClassifier(n_estimators=5, verbosity=-1, n_jobs=1)
    estimator.fit(x, target(x, "binary"))
    text = estimator.booster_.model_to_string()
    estimator.booster_.save_model(tmp_path / "model.txt")
    graphs = {
        from_lightgbm(source, given(x), "y").graph
        for source in (estimator, estimator.booster_, text, tmp_path / "model.txt",
                       str(tmp_path / "model.txt"))
    }  # fmt: skip
    assert len(graphs) == 1


def test_numbers_are_compared_in_float64_and_codes_are_cut_off():
    rng = np.random.default_rng(0)
    x = np.column_stack([1e9 + rng.integers(0, 9, ROWS) * 1e-3, rng.integers(0, 6, ROWS) + 0.0])
    y = x[:, 0] % 1 * 300 + (x[:, 1] == 4)
    data = lightgbm.Dataset(x, y, categorical_feature=[1])
    booster = lightgbm.train(BASE | {"objective": "regression"}, data, 20)
    new = np.column_stack([x[:, 0], x[:, 1] + rng.choice([0, 0.7, -0.5, 9, -3], ROWS)])
    table = pl.DataFrame({"a": new[:, 0], "b": new[:, 1]})
    model = from_lightgbm(booster, table, "y")
    np.testing.assert_allclose(model.predict(table), booster.predict(new), rtol=1e-12)


def test_categories_that_the_booster_does_not_know_are_asked_for():
    x = frame()
    codes = x.assign(city=x["city"].cat.codes.astype(float))
    data = lightgbm.Dataset(codes, target(x, "regression"), categorical_feature=["city"])
    booster = lightgbm.train(BASE | {"objective": "regression"}, data, 20)
    with pytest.raises(UsageError, match="does not say which categories") as refused:
        from_lightgbm(booster, given(x), "y")
    assert "categories['city']" in refused.value.fix
    model = from_lightgbm(booster, given(x), "y", categories={"city": CITIES})
    np.testing.assert_allclose(model.predict(given(x)), booster.predict(codes), rtol=1e-12)
    unseen = given(x).with_columns(pl.lit("평양").alias("city"))
    answers = booster.predict(codes.assign(city=np.nan))
    np.testing.assert_allclose(model.predict(unseen), answers, rtol=1e-12)


def test_names_with_spaces_are_found_and_columns_without_names_go_by_place():
    x = frame().rename(columns={"높이": "the height"}).drop(columns="city")
    y = x["the height"].to_numpy()
    booster = lightgbm.train(BASE | {"objective": "regression"}, lightgbm.Dataset(x, y), 5)
    assert from_lightgbm(booster, pl.from_pandas(x), "y").manifest.schema.names[0] == "the height"
    nameless = lightgbm.train(
        BASE | {"objective": "regression"}, lightgbm.Dataset(x.to_numpy(), y), 5
    )
    model = from_lightgbm(nameless, pl.from_pandas(x), "y")
    np.testing.assert_allclose(model.predict(pl.from_pandas(x)), nameless.predict(x), rtol=1e-12)
    with pytest.raises(UsageError, match="reads 3 columns, and the rows have 2"):
        from_lightgbm(nameless, pl.from_pandas(x.drop(columns="zeros")), "y")


def custom(predicted: np.ndarray, data: lightgbm.Dataset) -> tuple[np.ndarray, np.ndarray]:
    return predicted - data.get_label(), np.ones(len(predicted))


@pytest.mark.parametrize(
    ("objective", "params", "code"),
    [
        (custom, {}, "lightgbm-objective-own"),
        ("cross_entropy", {}, "lightgbm-objective"),
        ("regression", {"reg_sqrt": True}, "lightgbm-objective"),
        ("multiclassova", {"num_class": 3}, "lightgbm-objective"),
        ("regression", {"linear_tree": True}, "lightgbm-linear-trees"),
        ("regression", {"zero_as_missing": True}, "lightgbm-zero-missing"),
        (
            "regression",
            {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
            "lightgbm-averaged",
        ),
    ],
)
def test_what_cannot_be_carried_is_refused_in_words(objective, params, code):
    x = frame().drop(columns="city")
    y = np.abs(x["높이"].to_numpy()) % 1
    y = (y * 3).astype(int) if "num_class" in params else y
    params = BASE | {"objective": objective} | params
    booster = lightgbm.train(params, lightgbm.Dataset(x, y, params=params), 5)
    with pytest.raises(UsageError) as refused:
        from_lightgbm(booster, pl.from_pandas(x), "y")
    assert refused.value.code == code
    for lang in ("en", "ko"):
        assert refused.value.render_what(lang).endswith(".") and refused.value.fix


def test_sets_of_categories_that_are_too_large_are_refused(monkeypatch):
    monkeypatch.setattr("mulle.bundle.boosters._MOST_MEMBERS", 3)
    booster = train("regression", max_cat_to_onehot=1, min_data_per_group=1, cat_smooth=1.0)
    with pytest.raises(UsageError, match="at most 3 can be carried"):
        from_lightgbm(booster, given(frame()), "y")


@pytest.mark.parametrize("what", ["not a booster\nat all", "no_such_file.txt", 7, b"tree"])
def test_what_is_no_booster_is_refused(what):
    with pytest.raises(UsageError, match="no booster of LightGBM"):
        from_lightgbm(what, given(frame()), "y")


def test_rows_and_labels_that_do_not_fit_are_refused():
    booster, x = train("multiclass"), frame()
    with pytest.raises(UsageError, match="3 classes, and 2 different labels"):
        from_lightgbm(booster, given(x), "y", labels=("a", "b"))
    with pytest.raises(UsageError, match="0 classes, and 2 different labels"):
        from_lightgbm(train("regression"), given(x), "y", labels=("a", "b"))
    with pytest.raises(MulleError, match="price"):
        from_lightgbm(booster, given(x.drop(columns="price")), "y")
    with pytest.raises(UsageError, match="'높이' is"):
        words = given(x).with_columns(pl.lit("tall").alias("높이"))
        from_lightgbm(booster, words, "y")
    with pytest.raises(DataError):
        from_lightgbm(booster, given(x).head(1), "y")


def test_a_booster_of_no_trees_answers_with_its_mean():
    x = frame().drop(columns="city")
    booster = lightgbm.train(
        BASE | {"objective": "regression", "min_data_in_leaf": 10_000},
        lightgbm.Dataset(x, np.full(ROWS, 3.5)),
        5,
    )
    model = from_lightgbm(booster, pl.from_pandas(x), "y")
    np.testing.assert_allclose(model.predict(pl.from_pandas(x)), booster.predict(x), rtol=1e-12)
