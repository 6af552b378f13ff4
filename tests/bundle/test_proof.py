"""The parity proof counts what was planted."""

from __future__ import annotations

import numpy as np
import pytest

from mulle.bundle import prove

P = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.5 + 4e-7, 0.5 - 4e-7], [0.4, 0.6]])


def test_agreement():
    proof = prove(P, P.copy(), P.argmax(axis=1), 2, 1.0)
    assert (proof.rows, proof.generated, proof.max_abs_diff, proof.label_flips) == (5, 2, 0.0, 0)
    assert proof.near_boundary == 2
    assert proof.holds


@pytest.mark.parametrize(("row", "flips"), [(0, 1), (1, 1), (2, 0), (3, 0), (4, 1)])
def test_a_flipped_label_counts_unless_it_is_a_tie(row, flips):
    chosen = P.argmax(axis=1)
    chosen[row] = 1 - chosen[row]
    proof = prove(P, P, chosen, 0, 1.0)
    assert proof.label_flips == flips
    assert proof.near_boundary == 2
    assert proof.holds == (flips == 0)


def test_ties_beyond_the_two_best_do_not_matter():
    p = np.array([[0.6, 0.2, 0.2], [0.4, 0.4, 0.2]])
    proof = prove(p, p, np.array([1, 1]), 0, 1.0)
    assert (proof.label_flips, proof.near_boundary) == (1, 1)


def test_planted_difference():
    other = P.copy()
    other[1, 0] += 0.125
    proof = prove(P, other, P.argmax(axis=1), 0, 1.0)
    assert proof.max_abs_diff == pytest.approx(0.125)
    assert not proof.holds


def test_values_are_compared_in_standard_deviations():
    expected = np.array([1e6, 2e6, 3e6])
    proof = prove(expected, expected + np.array([0.0, 10.0, 0.0]), None, 0, 1e6)
    assert proof.max_abs_diff == 10.0
    assert proof.max_diff_in_std == pytest.approx(1e-5)
    assert proof.holds
    assert not prove(expected, expected + 200.0, None, 0, 1e6).holds


def test_nan_on_both_sides_agrees_and_on_one_does_not():
    nan = np.array([np.nan, 1.0])
    assert prove(nan, nan, None, 0, 1.0).max_abs_diff == 0.0
    assert not prove(nan, np.array([0.0, 1.0]), None, 0, 1.0).holds
    assert not prove(np.array([0.0, 1.0]), nan, None, 0, 1.0).holds


def test_infinite_answers_agree_only_with_themselves():
    infinite = np.array([np.inf, 1.0])
    assert prove(infinite, infinite, None, 0, 1.0).holds
    assert not prove(infinite, -infinite, None, 0, 1.0).holds


def test_one_class_and_no_rows():
    assert prove(np.ones((3, 1)), np.ones((3, 1)), np.zeros(3, int), 0, 1.0).near_boundary == 0
    assert prove(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, int), 0, 1.0).holds
