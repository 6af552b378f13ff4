"""Which rows are learned from, and which are the test; counted, and never in both."""

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.verbs.retrain.world import rows_of_the_shop

from mulle import load
from mulle.bundle import Manifest
from mulle.errors import DataError, PredictionError, UnknownName, UsageError
from mulle.verbs.retrain.rows import take_rows
from mulle.verbs.retrain.settings import Settings

BY_DAY = {"time_column": "day"}
OLD = rows_of_the_shop(80, 0)
NEW = rows_of_the_shop(60, 1, day=60)


@pytest.fixture
def manifest(here) -> Manifest:
    return load("shop.mulle").manifest


def days(table) -> np.ndarray:
    return table.frame["day"].to_numpy()


def test_the_most_recent_new_rows_are_the_test(manifest):
    rows = take_rows(manifest, NEW, [OLD], Settings(), BY_DAY)
    assert days(rows.train).max() < days(rows.holdout).min()
    assert rows.counts.held_by == "time"
    assert rows.counts.begins == str(days(rows.holdout).min().astype("datetime64[s]")).replace(
        "T", " "
    )
    assert rows.counts.train + rows.counts.holdout == 140
    newest = NEW.sort("day").tail(rows.counts.holdout)
    assert rows.holdout.frame["price"].to_list() == newest["price"].to_list()
    assert rows.holdout.frame["sold"].to_list() == newest["sold"].to_list()
    assert [manifest.labels[code] for code in rows.y] == newest["sold"].to_list()


def test_new_rows_that_the_old_table_has_are_taken_out_and_counted(manifest):
    both = pl.concat([NEW, OLD.head(7), OLD.head(2)])
    rows = take_rows(manifest, both, [OLD], Settings(), {})
    assert (rows.counts.old, rows.counts.new, rows.counts.duplicates) == (80, 69, 9)
    known = set(OLD["price"])
    assert not known & set(rows.holdout.frame["price"])


def test_a_column_that_no_model_reads_tells_rows_apart(manifest):
    old = OLD.with_columns(number=pl.int_range(80))
    copied, alike = old.head(5), old.head(9).with_columns(number=pl.int_range(900, 909))
    new = pl.concat([NEW.with_columns(number=pl.int_range(100, 160)), copied, alike])
    assert take_rows(manifest, new, [old], Settings(), {}).counts.duplicates == 5


def test_where_old_rows_repeat_an_equal_row_proves_nothing(manifest):
    old = pl.concat([OLD, OLD])
    rows = take_rows(manifest, pl.concat([NEW, OLD.head(6)]), [old], Settings(), {})
    assert (rows.counts.duplicates, rows.counts.alike) == (0, 6)
    assert rows.counts.champion_rows == "unknown"


def test_rows_later_than_the_test_begins_are_not_learned_from(manifest):
    later = rows_of_the_shop(20, 3, day=400)
    rows = take_rows(manifest, NEW, [OLD, later], Settings(), BY_DAY)
    assert rows.counts.by_time == 20
    assert days(rows.train).max() < days(rows.holdout).min()


def test_a_group_stands_on_one_side(manifest):
    old, new = (t.with_columns(shop=pl.int_range(t.height) % 12) for t in (OLD, NEW))
    rows = take_rows(manifest, new, [old], Settings(), {"group": "shop"})
    assert not set(rows.train.frame["shop"]) & set(rows.holdout.frame["shop"])
    assert (rows.counts.held_by, rows.drop) == ("group", ("shop",))
    assert rows.counts.by_group > 0
    assert rows.counts.train + rows.counts.holdout + rows.counts.by_group == 140


def test_without_a_time_column_the_test_is_drawn_or_the_end_of_the_table(manifest):
    drawn = take_rows(manifest, NEW, [], Settings(), {})
    last = take_rows(manifest, NEW, [], Settings(holdout="recent"), {})
    assert (drawn.counts.held_by, last.counts.held_by) == ("random", "order")
    assert last.holdout.frame["price"].to_list() == NEW["price"].to_list()[-18:]
    share = NEW["sold"].eq("yes").mean()
    assert abs(drawn.holdout.frame["sold"].eq("yes").mean() - share) < 0.03  # stratified


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_draws_the_same_test(manifest, seed):
    first, second = (take_rows(manifest, NEW, [], Settings(seed=seed), {}) for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert first.holdout.frame.equals(second.holdout.frame)


def test_policies(manifest):
    every = take_rows(manifest, NEW, [OLD], Settings(), BY_DAY)
    only_new = take_rows(manifest, NEW, [OLD], Settings(policy="new"), BY_DAY)
    recent = take_rows(manifest, NEW, [OLD], Settings(policy="recent:50"), BY_DAY)
    window = take_rows(manifest, NEW, [OLD], Settings(policy="window:30"), BY_DAY)
    assert every.counts.by_policy == 0
    assert set(only_new.train.frame["price"]) <= set(NEW["price"])
    assert only_new.counts.by_policy == 80
    assert recent.counts.train == 50
    assert days(recent.train).min() >= np.sort(days(every.train))[-50]
    latest = days(every.holdout).max()
    assert (days(window.train) >= latest - np.timedelta64(30, "D")).all()
    assert 0 < window.counts.train < every.counts.train
    for rows in (only_new, recent, window):
        assert rows.fingerprint == every.fingerprint  # the test is the same, whatever is learned


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    policy=st.sampled_from(["all", "new", "recent:20", "window:80"]),
    share=st.floats(0.1, 0.9),
    shared=st.integers(0, 40),
    timed=st.booleans(),
)
def test_every_row_is_counted_once(manifest, policy, share, shared, timed):
    timed = timed or policy.startswith("window")
    new = pl.concat([NEW, OLD.head(shared)]).sample(fraction=1, shuffle=True, seed=shared)
    options = Settings(policy=policy, holdout=share)
    rows = take_rows(manifest, new, [OLD], options, BY_DAY if timed else {})
    c = rows.counts
    assert c.old + c.new == c.train + c.holdout + c.duplicates + c.by_policy + c.by_time
    assert not set(rows.train.frame["price"]) & set(rows.holdout.frame["price"])
    assert len(rows.y) == c.holdout == rows.holdout.height
    assert len(rows.y_train) == c.train == rows.train.height


def test_rows_without_a_label_are_left_out(manifest):
    some = NEW.with_columns(sold=pl.when(pl.int_range(60) % 4 == 0).then(None).otherwise("sold"))
    assert take_rows(manifest, some, [], Settings(), {}).counts.unlabelled == 15


def test_whether_the_champions_rows_are_known(manifest):
    given = take_rows(manifest, "new.csv", ["old.csv"], Settings(), BY_DAY)
    other = take_rows(manifest, "new.csv", [OLD], Settings(), BY_DAY)
    assert (given.counts.champion_rows, other.counts.champion_rows) == ("excluded", "unknown")


def test_the_champions_own_table_is_no_test(manifest):
    with pytest.raises(DataError) as refusal:
        take_rows(manifest, "old.csv", [], Settings(), {})
    assert refusal.value.code == "rows-already-learned"


@pytest.mark.parametrize(
    ("new", "options", "error", "code"),
    [
        (NEW.drop("stock"), {}, PredictionError, "column-missing"),
        (NEW.drop("sold"), {}, UnknownName, "column-unknown"),
        (NEW.with_columns(sold=pl.lit("maybe")), {}, DataError, "label-unseen"),
        (NEW.with_columns(sold=pl.lit(None, pl.String)), {}, DataError, "target-missing"),
        (OLD, {}, DataError, "retrain-nothing-new"),
        (NEW, {"policy": "window:5"}, UsageError, "window-without-time"),
        (NEW, {"time_column": "price", "policy": "window:5"}, UsageError, "window-without-time"),
        (NEW, {"time_column": "city"}, DataError, "time-not-a-moment"),
        (NEW.with_columns(day=pl.lit("2024-05-05")), {"time_column": "day"}, DataError,
         "holdout-impossible"),
        (NEW, {"time_column": "day", "policy": "window:0.001"}, DataError, "retrain-no-rows"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_used_are_refused(manifest, new, options, error, code):
    with pytest.raises(error) as refusal:
        take_rows(manifest, new, [OLD], Settings(**options), {})
    assert refusal.value.code == code
