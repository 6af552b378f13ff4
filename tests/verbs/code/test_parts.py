"""Every step and metric of mulle, against its counterpart in a script."""

from __future__ import annotations

import inspect
from importlib import import_module

import numpy as np
import pytest
import sklearn.ensemble
import sklearn.impute
import sklearn.metrics
import sklearn.preprocessing

from mulle.metrics import METRICS, metric
from mulle.metrics.predictions import decide
from mulle.steps import STEPS, Block, Preparation
from mulle.steps.categories import CategoryStep
from mulle.table import Storage
from mulle.verbs.code.parts import features, scores
from mulle.verbs.code.preamble import preamble_of
from mulle.verbs.code.scores import write_score
from mulle.verbs.code.steps import write_steps

PARTS = ("features", "numbers", "categories", "dates", "wide", "models", "rows", "scores")
TRAIN, TEST = slice(0, 240), slice(240, 300)
SETTINGS = {
    "Impute": [{}, {"strategy": "mean", "indicator": False}, {"strategy": "zero"},
               {"strategy": "most_frequent"}],
    "StandardScale": [{}, {"clip": 1.5}],
    "PowerTransform": [{}, {"min_skew": 0.0}, {"method": "box-cox", "min_skew": 0.0},
                       {"method": "log1p", "min_skew": 0.0}, {"method": "sqrt"}],
    "KBins": [{}, {"edges": "uniform", "one_hot": True}],
    "PiecewiseLinear": [{}, {"n_bins": 3, "max_features": 4}],
    "OneHot": [{}, {"max_categories": 2}],
    "OrdinalCodes": [{"order": ["c1", "c0"]}],
    "TargetEncode": [{}, {"smooth": 5.0}],
    "Hashed": [{"n_features": 5}],
    "DateParts": [{}, {"cyclic": True}],
    "TfIdf": [{}, {"max_n": 2, "max_features": 40}],
    "SelectK": [{"k": 2}, {"k": 2, "by": "mutual_info"}, {"k": 2, "by": "model"}],
    "LSA": [{"n_components": 3}],
    "PCA": [{"n_components": 2}],
}  # fmt: skip
MULLE_ALONE = {"Pixels"}  # read by what stands in a cell of mulle's
CASES = [
    (step, given)
    for step in STEPS
    if step.__name__ not in MULLE_ALONE
    for given in SETTINGS.get(step.__name__, [{}])
]
WIDE = {"TextScore", "LSA"}  # stand behind another step
WHOLE = {"PCA", "Normalize"}  # take no missing values


def names_of_parts() -> dict[str, object]:
    found: dict[str, object] = {"np": np}
    for library in (sklearn.metrics, sklearn.impute, sklearn.preprocessing, sklearn.ensemble):
        found |= vars(library)
    for name in PARTS:
        found |= vars(import_module(f"mulle.verbs.code.parts.{name}"))
    return found


def columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    skewed = np.exp(rng.normal(size=(300, 1)))
    gaps = np.where(rng.random((300, 1)) < 0.1, np.nan, rng.normal(3, 2, (300, 1)))
    few = np.array([f"c{i}" for i in rng.integers(0, 5, 300)], object)[:, None]
    few[rng.random(300) < 0.1] = "\ue000"
    few[250] = "unseen"
    text = np.array(["".join(rng.choice(list("ab c가"), 12)) for _ in range(300)], object)[:, None]
    text[3] = "\ue000"
    days = rng.integers(-(10**15), 10**15, (300, 2))
    days[rng.random(300) < 0.1] = np.iinfo(np.int64).min
    return {
        "skewed": skewed, "gaps": gaps, "flat": np.ones((300, 1)), "below": -skewed,
        "few": few, "text": text, "day": days[:, :1], "later": days[:, 1:],
    }  # fmt: skip


def columns_for(step: type, name: str) -> list[str]:
    if step.storage is Storage.date:
        return ["day", "later"]
    if name in WIDE or name == "TfIdf":
        return ["text"]
    if issubclass(step, CategoryStep):
        return ["few"]
    return ["skewed", "below"] if name in WHOLE else ["skewed", "gaps", "flat", "below"]


@pytest.mark.parametrize("target", ["values", "two", "three"])
@pytest.mark.parametrize(("step", "given"), CASES, ids=lambda v: getattr(v, "__name__", str(v)))
def test_a_step_of_a_script_gives_what_the_step_gives(step, given, target):
    rng = np.random.default_rng(1)
    data, name = columns(rng), step.__name__
    y = {"values": rng.normal(size=300), "two": rng.integers(0, 2, 300)}.get(target)
    y = rng.integers(0, 3, 300) if y is None else y
    used = columns_for(step, name)
    entries = [{"step": name, **given}]
    before = [{"step": "TfIdf"}] if name in WIDE else []
    train = {c: data[c][TRAIN] for c in used}
    test = {c: data[c][TEST] for c in used}

    classes = {s.__name__: s for s in STEPS}
    steps = [classes[e["step"]](**{k: v for k, v in e.items() if k != "step"})
             for e in [*before, *entries]]  # fmt: skip
    ours = Preparation([Block(used, steps)])
    x, x_test = ours.fit_transform(train, y[TRAIN]), ours.transform(test)

    found = [eval(e, names_of_parts()) for e in write_steps([*before, *entries], "")]
    theirs, theirs_test, codes = features.prepare([(used, found)], train, y[TRAIN], test)
    assert codes == ours.categorical_
    for a, b in ((x, theirs), (x_test, theirs_test)):
        a, b = (m.toarray() if hasattr(m, "toarray") else m for m in (a, b))
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=2e-6, atol=1e-6)


def test_pairs_of_a_script_are_those_that_were_found():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(1, 5, (300, 1)), rng.uniform(1, 5, (300, 1))
    y = (a / b)[:, 0]
    arithmetic = next(step for step in STEPS if step.__name__ == "Arithmetic")()
    x = np.hstack([a, b])
    ours = arithmetic.fit_transform(x, y)
    assert arithmetic.pairs_
    pairs = ", ".join(repr(tuple(pair)) for pair in arithmetic.pairs_)
    (written,) = write_steps([{"step": "Arithmetic"}], pairs)
    np.testing.assert_array_equal(eval(written, names_of_parts()).fit_transform(x, y), ours)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_script_computes_each_metric_alike(task):
    rng = np.random.default_rng(3)
    for each in METRICS:
        if task not in each.tasks:
            continue
        if task == "regression":
            y, p, labels = rng.normal(size=200), rng.normal(size=200), None
            y[:3] = 0.0
            classes = 0
        else:
            classes = 2 if task == "binary" else 4
            p = rng.dirichlet(np.ones(classes), 200)
            y, labels = rng.integers(0, min(3, classes), 200), decide(p, 0.4)
        names = names_of_parts() | {"y_test": y, "p": p, "labels": labels}
        found = eval(write_score(each.name, classes), names)
        expected = metric(each.name).score_at(y, p, threshold=0.4)
        assert found == pytest.approx(expected, abs=1e-12), each.name


def test_a_script_gets_what_it_names_and_no_more():
    found = preamble_of("prepare([(['a'], [Clip(2.0)])], train, y, test)")
    text = "\n".join(found.definitions)
    assert "class Clip(Step)" in text
    assert "class TfIdf" not in text
    assert "Any" not in text
    assert not any("mulle" in line for line in found.imports)


def test_parts_name_no_other_room():
    for name in (*PARTS, "network"):
        source = inspect.getsource(import_module(f"mulle.verbs.code.parts.{name}"))
        lines = [line for line in source.splitlines() if "import" in line and "mulle" in line]
        assert all("mulle.verbs.code.parts" in line for line in lines)


def test_brier_of_many_classes():
    p = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
    assert scores.brier(np.array([2, 1]), p) == pytest.approx((0.04 + 0.09 + 0.25 + 1 + 1) / 2)
