"""The parity proof counts what was planted."""

from __future__ import annotations

import numpy as np
import pytest

from mulle.bundle.prove import compare
from mulle.metrics import Predictions

P = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.5 + 4e-7, 0.5 - 4e-7], [0.4, 0.6]])
CODES = np.array([0, 1, 1, 0, 1])  # by the rule: positive from 0.5 on


def test_agreement():
    proof = compare(P, Predictions(P.copy(), CODES), generated=2)
    assert (proof.rows, proof.generated, proof.max_abs_diff, proof.label_flips) == (5, 2, 0.0, 0)
    assert proof.near_boundary == 2
    assert proof.holds


@pytest.mark.parametrize(("row", "flips"), [(0, 1), (1, 1), (2, 0), (3, 0), (4, 1)])
def test_a_flipped_label_counts_unless_it_is_a_tie(row, flips):
    chosen = CODES.copy()
    chosen[row] = 1 - chosen[row]
    proof = compare(P, Predictions(P, chosen))
    assert proof.label_flips == flips
    assert proof.near_boundary == 2
    assert proof.holds == (flips == 0)


@pytest.mark.parametrize(("probability", "flips", "near"), [
    (0.3, 0, 1), (0.3 + 9e-7, 0, 1), (0.3 - 9e-7, 0, 1), (0.3 + 2e-6, 1, 0), (0.5, 1, 0),
    (0.2, 0, 0),
])  # fmt: skip
def test_the_boundary_lies_at_the_threshold(probability, flips, near):
    """A graph that calls everything negative is wrong only clearly above the threshold."""
    p = np.array([[1 - probability, probability]])
    proof = compare(p, Predictions(p, np.array([0])), threshold=0.3)
    assert (proof.label_flips, proof.near_boundary) == (flips, near)


def test_ties_beyond_the_two_best_do_not_matter():
    p = np.array([[0.6, 0.2, 0.2], [0.4, 0.4, 0.2]])
    proof = compare(p, Predictions(p, np.array([1, 1])))
    assert (proof.label_flips, proof.near_boundary) == (1, 1)


def test_planted_difference():
    other = P.copy()
    other[1, 0] += 0.125
    proof = compare(P, Predictions(other, CODES))
    assert proof.max_abs_diff == pytest.approx(0.125)
    assert not proof.holds


def test_values_are_compared_in_standard_deviations():
    expected = np.array([1e6, 2e6, 3e6])
    proof = compare(expected, Predictions(expected + np.array([0.0, 10.0, 0.0])), std=1e6)
    assert proof.max_abs_diff == 10.0
    assert proof.max_diff_in_std == pytest.approx(1e-5)
    assert proof.holds
    assert not compare(expected, Predictions(expected + 200.0), std=1e6).holds


def test_nan_on_both_sides_agrees_and_on_one_does_not():
    nan = np.array([np.nan, 1.0])
    assert compare(nan, Predictions(nan)).max_abs_diff == 0.0
    assert not compare(nan, Predictions(np.array([0.0, 1.0]))).holds
    assert not compare(np.array([0.0, 1.0]), Predictions(nan)).holds


def test_infinite_answers_agree_only_with_themselves():
    infinite = np.array([np.inf, 1.0])
    assert compare(infinite, Predictions(infinite)).holds
    assert not compare(infinite, Predictions(-infinite)).holds


def test_one_class_and_no_rows():
    assert (
        compare(np.ones((3, 1)), Predictions(np.ones((3, 1)), np.zeros(3, int))).near_boundary == 0
    )
    assert compare(np.zeros((0, 2)), Predictions(np.zeros((0, 2)), np.zeros(0, int))).holds
