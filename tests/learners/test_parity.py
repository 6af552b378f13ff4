"""Every learner of the registries, on every form of data it takes: Python = ONNX Runtime."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import sparse
from spox import Tensor, argument
from tests.learners.agreement import most_apart

from mulle.graph import g, open_session, run, to_model
from mulle.learners import CLASSIFIERS, REGRESSORS, Learner

FLIP = 1e-6  # two probabilities that differ by more must keep their order

SMALL: dict[str, dict[str, Any]] = {  # settings that keep the tests quick
    "dummy": {},
    "linear": {},
    "lightgbm": {"n_estimators": 25, "min_child_samples": 3, "n_jobs": 1},
    "random_forest": {"n_estimators": 25, "n_jobs": 1, "bootstrap": True},
    "extra_trees": {"n_estimators": 25, "n_jobs": 1},
    "network": {"hidden": (32, 32), "epochs": 25, "n_jobs": 1},
    "convolution": {"maps": (8, 8), "epochs": 8, "n_jobs": 1},
}
TARGETS = ("binary", "three", "many", "one", "gap", "strings")
FORMS = ("dense", "missing", "sparse", "codes", "weights", "one_row", "constant", "extreme")


class Data(NamedTuple):
    x: Any
    fit: dict[str, Any]


def data(form: str, rng: np.random.Generator, n: int = 240) -> Data:
    x = rng.normal(size=(n, 6)).astype(np.float32)
    x[:, 5] = np.round(x[:, 5])  # ties
    if form == "missing":
        x[rng.random(x.shape) < 0.2] = np.nan
    elif form == "sparse":
        return Data(sparse.csr_matrix(np.where(rng.random(x.shape) < 0.7, 0, x)), {})
    elif form == "codes":
        x[:, 0], x[:, 1] = rng.integers(0, 90, n), rng.integers(0, 3, n)
        return Data(x, {"categorical": [0, 1]})
    elif form == "weights":
        return Data(x, {"sample_weight": rng.random(n) + 0.1})
    elif form == "one_row":
        x = x[:1]
    elif form == "constant":
        x[:] = 1.5
    elif form == "extreme":
        x[:, 0] *= np.float32(1e30)
        x[:, 1] *= np.float32(1e-38)
    return Data(x, {})


def signal(x: Any) -> np.ndarray:
    dense = np.nan_to_num(x.toarray() if sparse.issparse(x) else x).astype(np.float64)
    return np.arctan(dense[:, 0] % 7) + dense[:, 2] * dense[:, 5] + dense[:, 3]


def target(kind: str, x: Any, rng: np.random.Generator) -> np.ndarray:
    s = signal(x) + 0.3 * rng.normal(size=x.shape[0])
    rank = np.argsort(np.argsort(s)) / len(s)
    if kind == "value":
        return s * 1e3 + 5e4
    if kind == "one":
        return np.full(len(s), 4)
    count = {"binary": 2, "three": 3, "many": 40, "gap": 3, "strings": 3}[kind]
    codes = np.minimum((rank * count).astype(int), count - 1)
    if kind == "gap":
        return np.array([-3, 5, 900])[codes]
    return np.array(["둘", "", "a"], dtype=object)[codes] if kind == "strings" else codes


def takes(cls: type[Learner], form: str) -> bool:
    return {"missing": cls.native_missing, "sparse": cls.native_sparse}.get(form, True)


def cases() -> Iterator[Any]:
    for name, cls in CLASSIFIERS.items():
        for kind in TARGETS:
            for form in FORMS:
                if takes(cls, form) and (kind in {"binary", "three"} or form in {"dense", "codes"}):
                    yield pytest.param(cls, name, kind, form, id=f"{cls.__name__}-{kind}-{form}")
    for name, cls in REGRESSORS.items():
        for form in FORMS:
            if takes(cls, form):
                yield pytest.param(cls, name, "value", form, id=f"{cls.__name__}-value-{form}")


def test_every_learner_has_small_settings() -> None:
    assert set(SMALL) == set(CLASSIFIERS) | set(REGRESSORS)


def answer_of_graph(learner: Learner, x: np.ndarray) -> np.ndarray:
    features = argument(Tensor(np.float32, ("N", x.shape[1])))
    model = to_model({"x": features}, {"y": learner.to_onnx(g, features)})
    answer = run(open_session(model), {"x": x})[0]
    assert answer.dtype == np.float64
    return answer


def edges(learner: Learner, x: np.ndarray) -> np.ndarray:
    """Rows of x with cells at thresholds of its trees, and one float either side of them."""
    trees = getattr(learner, "trees", None)
    if trees is None or not any(len(tree.feature) > 1 for tree in trees()):
        return x[:0]
    rng = np.random.default_rng(1)
    grown = trees()
    rows = x[rng.integers(0, len(x), 300)].copy()
    for row in rows:
        tree = grown[rng.integers(len(grown))]
        node = rng.integers(len(tree.feature))
        if node in tree.members:
            row[tree.feature[node]] = rng.integers(0, 100)
            continue
        at = np.float32(np.clip(tree.threshold[node], -1e38, 1e38))
        row[tree.feature[node]] = rng.choice(
            [at, np.nextafter(at, -np.inf), np.nextafter(at, np.inf)]
        )
    return rows


def new_rows(learner: Learner, x: Any, form: str) -> np.ndarray:
    dense = x.toarray() if sparse.issparse(x) else x
    large = dense[:1] * np.float32(0) + np.float32(1e30)
    if form == "codes":  # unseen categories, as the steps give them, and in their midst
        large = dense[:3].copy()
        large[:, :2] = [[5_000, 2], [89, 77], [0, 1]]
        if learner.native_missing:
            large[2, 0] = np.nan
    rows = np.concatenate([dense, -dense, large, dense[:1] * 0, edges(learner, dense)])
    if learner.native_missing and form != "one_row":
        rows[::17, 2] = np.nan  # also where training had none
    return rows.astype(np.float32)


def assert_same(expected: np.ndarray, got: np.ndarray, *, regression: bool, allowed: float) -> None:
    assert expected.shape == got.shape
    assert np.abs(expected - got).max() <= allowed
    if regression or expected.shape[1] == 1:
        return
    first, second = np.sort(expected, axis=1)[:, [-1, -2]].T
    clear = first - second > FLIP
    assert (expected.argmax(1) == got.argmax(1))[clear].all()


@pytest.mark.parametrize(("cls", "name", "kind", "form"), list(cases()))
def test_the_graph_answers_as_python_does(
    cls: type[Learner], name: str, kind: str, form: str
) -> None:
    rng = np.random.default_rng(7)
    x, extra = data(form, rng)
    y = target(kind, x, rng)
    learner = cls(**SMALL[name]).fit(x, y, **extra)
    rows = new_rows(learner, x, form)
    got = answer_of_graph(learner, rows)
    expected, regression = learner.scores(rows), kind == "value"
    allowed = most_apart(learner, expected)
    assert_same(expected, got, regression=regression, allowed=allowed)
    if kind == "value":
        assert np.array_equal(learner.predict(rows), learner.scores(rows)[:, 0])
        return
    assert got.shape[1] == len(np.unique(y))
    assert np.allclose(got.sum(axis=1), 1, atol=1e-9)
    assert set(learner.predict(rows)) <= set(y)
    if form == "dense" and name != "dummy" and kind not in {"one", "many"}:
        assert (learner.predict(x) == y).mean() > 0.6  # it did learn


@pytest.mark.parametrize("name", ["lightgbm", "random_forest", "extra_trees"])
@pytest.mark.parametrize("registry", [CLASSIFIERS, REGRESSORS], ids=["classes", "values"])
def test_a_fold_without_a_class_can_still_be_held_against(name: str, registry: Any) -> None:
    from mulle.learners import Held

    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 3)).astype(np.float32)
    y = np.where(x[:, 0] > 0, 2, 0)
    held = Held(x[:60], np.arange(60) % 4)  # classes 1 and 3 were never trained on
    learner = registry[name](**SMALL[name]).fit(x, y, held=held)
    assert np.isfinite(learner.scores(x)).all()


def test_a_network_whose_answers_float32_would_move_keeps_float64() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 5)).astype(np.float32)
    settings = SMALL["network"]
    near = REGRESSORS["network"](**settings).fit(x, x[:, 0].astype(float))
    assert near.graph_type_ is np.float32

    class Strict(REGRESSORS["network"]):
        def most_off(self) -> float:
            return 0.0

    strict = Strict(**settings).fit(x, x[:, 0].astype(float))
    assert strict.graph_type_ is np.float64
    off = {
        learner: np.abs(learner.scores(x) - answer_of_graph(learner, x)).max()
        for learner in (near, strict)
    }
    assert 1e-9 < off[near] <= most_apart(near, near.scores(x)) and off[strict] < 1e-12
