"""Verdicts on columns: what is surely large, surely small, and what cannot be told."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mulle
from mulle.profile import CategoryCounts
from mulle.table import Kind
from mulle.verbs.watch import Status, compare, judge, reference_of
from mulle.verbs.watch.window import Window


def compared(here: pl.DataFrame, there: pl.DataFrame, **kinds):
    table = mulle.read(here, kinds=kinds)
    reference = reference_of(table)
    window = Window(reference)
    window.update(table.schema.conform(there))
    return compare(reference, window)


def normal(rows, seed, mean=0.0, **more):
    x = np.random.default_rng(seed).normal(mean, 1, rows)
    return pl.DataFrame({"x": x, **more})


def test_a_small_shift_of_many_rows_is_found_and_said():
    found = compared(normal(50_000, 0), normal(50_000, 1, 0.15)).columns["x"]
    assert found.status is Status.drifted and found.measure == "ks"
    assert found.reason.code == "mean-up" and found.score == pytest.approx(0.06, abs=0.01)
    assert found.low > found.threshold


def test_the_same_shift_of_few_rows_cannot_be_told_and_rows_are_named():
    found = compared(normal(50_000, 0), normal(100, 1, 0.15)).columns["x"]
    assert found.status is Status.unknown and not found.drift_detected
    assert found.reason.code == "too-few-rows" and 100 < found.rows_needed < 50_000


def test_a_large_shift_of_few_rows_is_found():
    assert compared(normal(50_000, 0), normal(50, 1, 2.0)).dataset_drift


def test_the_rows_that_were_named_do_suffice():
    few = compared(normal(50_000, 0), normal(60, 1))
    assert few.status is Status.unknown
    needed = few.columns["x"].rows_needed
    for seed in range(2, 8):
        assert compared(normal(50_000, 0), normal(2 * needed, seed)).status is Status.stable


def test_a_small_reference_says_so():
    found = compared(normal(20, 0), normal(30, 1)).columns["x"]
    assert found.status in {Status.unknown, Status.stable}
    assert found.high > 0.3  # and claims nothing that it cannot know


def test_nulls_unseen_tails_and_ranges_make_a_column_drift():
    rng, n = np.random.default_rng(0), 20_000
    x, word = rng.normal(size=n), rng.choice(list("abc"), n)
    here = pl.DataFrame({"null": x, "unseen": word, "tail": x, "far": x})
    y, other = rng.normal(size=n), rng.choice(list("abc"), n)
    there = pl.DataFrame(
        {
            "null": pl.Series(y).set(pl.Series(rng.random(n) < 0.1), None),
            "unseen": np.where(rng.random(n) < 0.05, "new", other),
            "tail": np.where(rng.random(n) < 0.03, rng.choice([-3.3, 3.3], n), y),
            "far": np.where(rng.random(n) < 0.015, 1e6, y),
        }
    )
    found = compared(here, there).columns
    assert {n: (c.status.value, c.measure) for n, c in found.items()} == {
        "null": ("drifted", "missing_share"), "unseen": ("drifted", "unseen_share"),
        "tail": ("drifted", "tail_share"), "far": ("drifted", "range_share"),
    }  # fmt: skip
    assert found["unseen"].reason.values["labels"] == ["new"]
    assert found["null"].score == pytest.approx(0.1, abs=0.01)


def test_later_dates_are_no_drift_but_missing_ones_are():
    days = np.datetime64("2024-01-01", "us") + np.arange(9000) * 86_400_000_000
    here, there = pl.DataFrame({"d": days[:4000]}), pl.DataFrame({"d": days[5000:]})
    assert compared(here, there).columns["d"].status is Status.not_judged
    gone = there.with_columns(pl.when(pl.int_range(4000) > 1000).then("d"))
    assert compared(here, gone).columns["d"].measure == "missing_share"


def test_texts_drift_by_length_and_by_script():
    rng = np.random.default_rng(0)
    ko = ["물레 " * k + str(i) for i, k in enumerate(rng.integers(3, 9, 4000))]
    en = ["abc" * (len(t) // 3) + t[-1] for t in ko]
    found = compared(pl.DataFrame({"t": ko[:2000]}), pl.DataFrame({"t": en[2000:]}), t="text")
    assert found.columns["t"].status is Status.drifted
    assert found.columns["t"].measure in {"text_script", "text_length"}
    same = compared(pl.DataFrame({"t": ko[:2000]}), pl.DataFrame({"t": ko[2000:]}), t="text")
    assert not same.dataset_drift


def test_a_column_of_new_names_is_no_drift_where_names_are_always_new():
    rng = np.random.default_rng(0)
    names = [f"n{k}" for k in rng.integers(0, 1_000_000, 6000)]
    here, there = pl.DataFrame({"n": names[:3000]}), pl.DataFrame({"n": names[3000:]})
    assert not compared(here, there, n="nominal").dataset_drift


def test_columns_stand_by_effect_times_importance():
    from dataclasses import replace

    here, there = (
        normal(9000, 0, z=np.arange(9000.0)),
        normal(9000, 1, 0.5, z=np.arange(9000.0) + 3000),
    )
    table = mulle.read(here, kinds={"z": "continuous"})
    reference = reference_of(table)
    window = Window(reference)
    window.update(table.schema.conform(there))
    order = {w: list(compare(replace(reference, importances=w2), window).columns)
             for w, w2 in (("none", {}), ("x", {"x": 0.3, "z": 0.01}))}  # fmt: skip
    assert order == {"none": ["z", "x"], "x": ["x", "z"]}


def test_false_alarms_are_rare_at_any_size():
    rng = np.random.default_rng(5)
    for n, m in ((200, 200), (3000, 50), (3000, 3000)):
        for _ in range(12):
            frames = [
                pl.DataFrame({
                    "a": rng.normal(size=k), "b": rng.lognormal(0, 2, k),
                    "c": rng.poisson(2, k), "d": rng.choice(list("abcdef"), k),
                    "e": rng.standard_cauchy(k),
                }) for k in (n, m)
            ]  # fmt: skip
            assert not compared(*frames, c="discrete", d="nominal").dataset_drift


COLUMNS = st.lists(
    st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)), min_size=1, max_size=60
)
WORDS = st.lists(st.one_of(st.none(), st.text(max_size=6)), min_size=1, max_size=60)


@settings(max_examples=40, deadline=None)
@given(COLUMNS, COLUMNS, WORDS, WORDS)
def test_odd_columns_never_crash(a, b, c, d):
    rows = min(map(len, (a, c))), min(map(len, (b, d)))
    here = pl.DataFrame({"x": pl.Series(a[: rows[0]], dtype=pl.Float64), "w": c[: rows[0]]},
                        schema_overrides={"w": pl.String})  # fmt: skip
    there = pl.DataFrame({"x": pl.Series(b[: rows[1]], dtype=pl.Float64), "w": d[: rows[1]]},
                         schema_overrides={"w": pl.String})  # fmt: skip
    for kind in ("nominal", "text"):
        found = compared(here, there, x="continuous", w=kind)
        assert found.to_json()
        assert set(found.columns) == {"x", "w"}


@settings(max_examples=40, deadline=None)
@given(COLUMNS, WORDS)
def test_identical_rows_never_drift(a, c):
    rows = min(len(a), len(c))
    frame = pl.DataFrame({"x": pl.Series(a[:rows], dtype=pl.Float64), "w": c[:rows]},
                         schema_overrides={"w": pl.String})  # fmt: skip
    for kind in ("nominal", "text"):
        assert not compared(frame, frame, x="continuous", w=kind).dataset_drift


def test_a_column_without_a_value_now_cannot_be_told_or_is_missing():
    here = CategoryCounts({"a": 500, "b": 500}, 1000)
    found = judge(here, CategoryCounts({}, 800, 800), Kind.nominal)
    assert found.measure == "missing_share" and found.status is Status.drifted
