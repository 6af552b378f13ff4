"""Pairs of columns are taken on evidence only."""

import time

import numpy as np
import pytest

from mulle.errors import UsageError
from mulle.steps import Arithmetic, Elapsed, Step
from mulle.steps.prepare import Block, Preparation

rng = np.random.default_rng(11)
X = rng.uniform(1, 10, (1_500, 5))


def chosen(x: np.ndarray, y: np.ndarray) -> list[str]:
    names = list("abcde")
    return Arithmetic().fit(x, y).get_feature_names_out(names)[5:].tolist()


@pytest.mark.parametrize(
    ("y", "wanted"),
    [
        (X[:, 0] / X[:, 1], "a / b"),
        (X[:, 3] / X[:, 2], "d / c"),
        (X[:, 1] * X[:, 4], "b * e"),
        (X[:, 2] - X[:, 3], "c - d"),
        (X[:, 2] + X[:, 3], "c + d"),
        ((X[:, 0] / X[:, 4] > 1.3).astype(int), "a / e"),
        (np.digitize(X[:, 0] - X[:, 4], [-2, 2]), "a - e"),
        (np.where(X[:, 0] > X[:, 4], "big", "small"), "a - e"),
    ],
    ids=["ratio", "other way", "product", "difference", "sum", "binary", "three", "strings"],
)
def test_the_true_pair_is_found(y: np.ndarray, wanted: str) -> None:
    found = chosen(X, y)
    left, operator, right = wanted.split()
    # A ratio and its inverse tell a tree the same, and of a threshold so does the difference.
    same = {wanted, f"{right} {operator} {left}"}
    if wanted in {"a - e", "a / e"}:
        same |= {"a - e", "a / e", "e / a"}
    assert same & set(found)


@pytest.mark.parametrize("seed", range(5))
def test_noise_earns_nothing(seed: int) -> None:
    noise = np.random.default_rng(seed)
    x = noise.normal(size=(1_500, 5))
    assert chosen(x, noise.normal(size=1_500)) == []
    assert chosen(x, noise.integers(0, 3, 1_500)) == []
    assert chosen(x, 2 * x[:, 0] + noise.normal(size=1_500)) == []


def test_columns_come_first_and_a_ratio_by_zero_is_missing() -> None:
    step = Arithmetic().fit(X, 2 * X[:, 0] / X[:, 1])
    row = np.array([[6.0, 3.0, 1.0, 1.0, 1.0], [6.0, 0.0, 1.0, 1.0, 1.0]])
    result = step.transform(row)
    assert np.array_equal(result[:, :5], row)
    at = step.get_feature_names_out(list("abcde")).tolist().index("a / b")
    assert result[0, at] == 2.0
    assert np.isnan(result[1, at])


def test_given_candidates_alone_are_looked_at_and_still_must_earn_their_place() -> None:
    given = Arithmetic(candidates=["0 / 1", "2 + 3"]).fit(X, X[:, 0] / X[:, 1])
    assert [str(pair) for pair in given.pairs_] == ["0 / 1"]
    noise = np.random.default_rng(3).normal(size=len(X))
    assert Arithmetic(candidates=["0 / 1"]).fit(X, noise).pairs_ == []


def test_a_candidate_beyond_the_columns_is_refused() -> None:
    with pytest.raises(UsageError, match="among 5 columns"):
        Arithmetic(candidates=["0 / 5"]).fit(X, X[:, 0])


def test_columns_that_reach_the_learner_as_they_are_are_known() -> None:
    columns = {name: X[:, [i]] for i, name in enumerate("abcde")}
    preparation = Preparation([Block(list("abcde"), [Arithmetic()])])
    preparation.fit_transform(columns, X[:, 0] / X[:, 1])
    assert preparation.untouched() == {name: i for i, name in enumerate("abcde")}


def test_a_hundred_columns_take_little_time() -> None:
    x = rng.normal(size=(50_000, 100))
    begin = time.process_time()
    Arithmetic().fit(x, x[:, 0] * x[:, 1] + rng.normal(size=50_000))
    assert time.process_time() - begin < 6  # about 1 s alone; a bound on growth, not a race


def test_elapsed_wants_two_columns() -> None:
    with pytest.raises(UsageError, match="needs at least two date columns"):
        Elapsed().fit(np.zeros((3, 1), np.int64))


def test_a_target_is_asked_for() -> None:
    step: Step = Arithmetic()
    with pytest.raises(UsageError, match="requires y to be passed"):
        step.fit(X)
