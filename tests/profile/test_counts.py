"""Counts over a frame are those of NumPy; those of a sketch are near them."""

import itertools

import msgspec
import numpy as np
import polars as pl
import pytest

import mulle
from mulle.errors import DataError
from mulle.profile import Answers, CategoryCounts, NumberCounts, Profile, counts_of, frame_of

RNG = np.random.default_rng(0)


def profile(values, **kinds):
    return Profile.of(mulle.read(pl.DataFrame({"x": values}), kinds=kinds)).columns["x"]


@pytest.mark.parametrize("x", [RNG.normal(size=5000), RNG.lognormal(0, 2, 5000),
                               RNG.poisson(3, 5000).astype(float)])  # fmt: skip
def test_counts_are_numpys(x):
    frame = frame_of(profile(x))
    frame.add(np.append(x, [np.nan, np.inf]))
    ends = [-np.inf, *frame.edges, np.inf]
    expected = [int(((x >= a) & (x < b)).sum()) for a, b in itertools.pairwise(ends)]
    assert frame.counts == expected and (frame.missing, frame.infinite) == (1, 1)
    assert frame.counts[0] == frame.counts[-1] == 0  # nothing lies outside of what was seen
    assert max(expected) < 0.06 * len(x) or len(np.unique(x)) < 40


def test_counts_of_a_sketch_are_near_those_of_the_values():
    x = RNG.lognormal(0, 1, 60_000)
    found = profile(x)
    near, true = counts_of(found), frame_of(found)
    true.add(x)
    gap = np.abs(np.cumsum(near.counts) - np.cumsum(true.counts)).max() / len(x)
    assert near.edges == true.edges and near.rows == true.rows and gap <= near.error


def test_dates_and_their_missing_value():
    days = np.array(["2024-01-01", "2024-03-01", "NaT"], "datetime64[us]")
    frame = frame_of(profile(days))
    frame.add(days.astype(np.int64))
    assert (frame.rows, frame.missing, sum(frame.counts)) == (3, 1, 2)


def test_categories_that_are_new_are_kept_apart():
    known = counts_of(profile(["a", "b", "a", None] * 5))
    assert known.counts == {"a": 10, "b": 5} and known.missing == 5
    window = known.empty()
    window.add({"a": 3, "z": 2}, 1, known.counts)
    assert (window.counts, window.unseen, window.examples, window.rows) == (
        {"a": 3}, 2, {"z": 2}, 6,
    )  # fmt: skip


def test_other_frames_are_refused():
    with pytest.raises(DataError, match="counted between different edges"):
        NumberCounts([0.0]).merge(NumberCounts([1.0]))
    with pytest.raises(DataError, match="counted between different edges"):
        CategoryCounts().merge(CategoryCounts(complete=False))
    with pytest.raises(DataError, match="counted between different edges"):
        two, three = (Answers.of(np.ones((3, n)) / n, np.zeros(3, int)) for n in (2, 3))
        two.merge(three)


@pytest.mark.parametrize("text", [
    b'{"type":"numbers","edges":[1,0],"counts":[1,1,1]}',
    b'{"type":"numbers","edges":[0],"counts":[1]}',
    b'{"type":"numbers","edges":[0],"counts":[1,-1]}',
    b'{"type":"categories","counts":{"a":-3}}',
])  # fmt: skip
def test_hostile_counts_are_refused(text):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=NumberCounts | CategoryCounts)


def test_answers_by_bin_are_what_came_true():
    p = RNG.random(2000)
    y = (RNG.random(2000) < p).astype(int)
    codes = (p >= 0.3).astype(int)  # whatever the model says; it need not be the largest
    seen = Answers.of(np.stack([1 - p, p], 1), codes, y)
    place = np.minimum((p * 50).astype(int), 49)
    assert seen.values.counts == np.bincount(place, minlength=50).tolist()
    assert seen.true == np.bincount(place, y, 50).astype(int).tolist()
    assert seen.chosen == [int((p < 0.3).sum()), int((p >= 0.3).sum())]
