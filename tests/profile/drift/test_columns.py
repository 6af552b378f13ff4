"""The comparison of columns: what is surely large, what could hide, and what is not judged."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import mulle
from mulle.i18n import LANGUAGES, Messages
from mulle.profile import CategoryCounts, NumberCounts
from mulle.profile.counting import add_values, count_column, known_categories
from mulle.profile.drift import (
    Limits,
    Pair,
    Status,
    compare_column,
    compare_columns,
    count_checks,
    render_reason,
    render_status,
)
from mulle.table import Kind


def compared(reference: pl.DataFrame, current: pl.DataFrame, limits=None, **kinds):
    """Both tables, counted over the frames of the first and compared."""
    table = mulle.read(reference, kinds=kinds)
    other = table.schema.validate(current)
    pairs = {}
    for column in table.schema.columns:
        first = count_column(column, table.column(column.name))
        second = first.empty()
        add_values(second, other.column(column.name), known_categories(first))
        pairs[column.name] = Pair(first, second, column.kind)
    return compare_columns(pairs, limits)


def drifted(drifts):
    return {name for name, drift in drifts.items() if drift.drift_detected}


def normal(rows, seed, mean=0.0, **more):
    x = np.random.default_rng(seed).normal(mean, 1, rows)
    return pl.DataFrame({"x": x, **more})


def test_a_small_shift_of_many_rows_is_found_and_said():
    found = compared(normal(50_000, 0), normal(50_000, 1, 0.15))["x"]
    assert found.status is Status.drifted and found.measure == "ks"
    assert found.reason.code == "mean-up" and found.score == pytest.approx(0.06, abs=0.01)
    assert found.low > found.threshold == 0.02


def test_a_tail_is_named_only_where_it_says_more_than_the_distribution():
    here, there = normal(20_000, 0), normal(20_000, 1)
    moved = pl.int_range(20_000) % 10 == 0
    one_side = there.with_columns(pl.when(moved).then(2.5).otherwise("x").alias("x"))
    found = compared(here, one_side)["x"]
    tail = next(c for c in found.checks if c.measure == "tail_share")
    assert tail.status is Status.drifted and 0.9 * found.score < tail.score < 1.5 * found.score
    assert found.measure == "ks" and found.reason.code == "mean-up"
    both_sides = there.with_columns(
        pl.when(moved).then(2.5 * pl.col("x").sign()).otherwise("x").alias("x")
    )
    found = compared(here, both_sides)["x"]
    assert found.measure == "tail_share" and found.reason.code == "tail"


def test_a_shift_that_surely_happened_but_is_too_small_is_no_drift():
    found = compared(normal(50_000, 0), normal(50_000, 1, 0.07))["x"]
    assert 0 < found.low < 0.02 < found.score
    assert found.status is Status.no_drift_seen and found.score < found.could_hide < 0.05
    assert found.reason.code == "no-drift-seen"
    assert found.reason.values["hidden"] == found.could_hide


def test_the_same_shift_of_few_rows_cannot_be_told_and_rows_are_named():
    found = compared(normal(50_000, 0), normal(35, 1, 0.15))["x"]
    assert found.status is Status.cannot_tell and not found.drift_detected
    assert found.could_hide > 0.25
    assert found.reason.code == "too-few-rows" and 35 < found.rows_needed < 200


def test_a_large_shift_of_few_rows_is_found():
    assert drifted(compared(normal(50_000, 0), normal(50, 1, 2.0))) == {"x"}


def test_the_rows_that_were_named_do_suffice():
    few = compared(normal(50_000, 0), normal(32, 1))["x"]
    assert few.status is Status.cannot_tell
    for seed in range(2, 8):
        enough = compared(normal(50_000, 0), normal(2 * few.rows_needed, seed))["x"]
        assert enough.status is Status.no_drift_seen


def test_a_reference_that_no_number_of_rows_helps_says_so():
    found = compared(normal(32, 0), normal(5000, 1))["x"]
    assert found.status is Status.cannot_tell and found.rows_needed is None
    assert found.reason.code == "small-reference"


@pytest.mark.parametrize(("n", "m"), [(29, 5000), (5000, 29)])
def test_below_30_rows_of_either_side_nothing_is_judged(n, m):
    found = compared(normal(n, 0), normal(m, 1, 50.0))["x"]
    assert found.status is Status.not_judged and found.score is None and found.checks == []
    assert found.reason.values == {"rows": 29, "needed": 30}
    assert (found.n_ref, found.n_cur) == (n, m)
    assert compared(normal(n + 1, 0), normal(m + 1, 1, 50.0))["x"].status is Status.drifted


def test_all_checks_of_a_comparison_share_its_false_alarm_rate():
    one, other = (
        CategoryCounts({"a": 500, "b": 500}, 1000),
        CategoryCounts({"a": 300, "b": 700}, 1000),
    )
    pair, number = Pair(one, other, Kind.nominal), NumberCounts([0.0, 1.0], [0, 9, 9], 18)
    assert count_checks(pair) == 3 and count_checks(Pair(number, number, Kind.discrete)) == 4
    assert count_checks(pair._replace(kind=Kind.id)) == 1
    assert len(compare_column(pair).checks) == count_checks(pair)
    alone, among = compare_column(pair), compare_columns(dict.fromkeys(range(100), pair))[0]
    assert among == compare_column(pair, checks=300)
    assert among.low < alone.low and among.could_hide == alone.could_hide
    # as wide as the chance that falls to each of 300 checks makes it: half of it to the distance
    noise = stats.norm.isf(0.01 / 300 / 2 / 2) * 0.5 * math.sqrt(2 / 1000)
    assert among.low == pytest.approx(0.2 - noise, abs=1e-9)


def test_every_check_has_one_threshold_and_limits_may_be_given():
    found = compared(normal(5000, 0, w=["a"] * 5000), normal(5000, 1, w=["b"] * 5000))
    assert {check.threshold for drift in found.values() for check in drift.checks} == {0.02}
    strict = compared(normal(5000, 0), normal(5000, 1, 0.5), Limits(threshold=0.3))["x"]
    assert strict.status is Status.no_drift_seen and strict.threshold == 0.3


def test_nulls_unseen_tails_and_ranges_make_a_column_drift():
    rng, n = np.random.default_rng(0), 20_000
    x, word = rng.normal(size=n), rng.choice(list("abc"), n)
    here = pl.DataFrame({"null": x, "unseen": word, "tail": x, "far": x})
    y, other = rng.normal(size=n), rng.choice(list("abc"), n)
    there = pl.DataFrame(
        {
            "null": pl.Series(y).set(pl.Series(rng.random(n) < 0.1), None),
            "unseen": np.where(rng.random(n) < 0.05, "new", other),
            "tail": np.where(rng.random(n) < 0.05, rng.choice([-3.3, 3.3], n), y),
            "far": np.where(rng.random(n) < 0.04, 1e6, y),
        }
    )
    found = compared(here, there)
    assert {n: (c.status.value, c.measure) for n, c in found.items()} == {
        "null": ("drifted", "missing_share"), "unseen": ("drifted", "unseen_share"),
        "tail": ("drifted", "tail_share"), "far": ("drifted", "range_share"),
    }  # fmt: skip
    assert found["unseen"].reason.values["labels"] == ["new"]
    assert found["null"].score == pytest.approx(0.1, abs=0.01)


def test_later_dates_are_no_drift_but_missing_ones_are():
    days = np.datetime64("2024-01-01", "us") + np.arange(9000) * 86_400_000_000
    here, there = pl.DataFrame({"d": days[:4000]}), pl.DataFrame({"d": days[5000:]})
    apart = compared(here, there)["d"]
    assert apart.status is Status.not_judged and apart.reason.code == "date"
    gone = there.with_columns(pl.when(pl.int_range(4000) > 1000).then("d"))
    assert compared(here, gone)["d"].measure == "missing_share"


def test_texts_drift_by_length_and_by_script():
    rng = np.random.default_rng(0)
    ko = ["물레 " * k + str(i) for i, k in enumerate(rng.integers(3, 9, 4000))]
    en = ["abc" * (len(t) // 3) + t[-1] for t in ko]
    found = compared(pl.DataFrame({"t": ko[:2000]}), pl.DataFrame({"t": en[2000:]}), t="text")
    assert found["t"].status is Status.drifted
    assert found["t"].measure in {"text_script", "text_length"}
    same = compared(pl.DataFrame({"t": ko[:2000]}), pl.DataFrame({"t": ko[2000:]}), t="text")
    assert not drifted(same)


def test_a_column_of_new_names_is_no_drift_where_names_are_always_new():
    rng = np.random.default_rng(0)
    names = [f"n{k}" for k in rng.integers(0, 1_000_000, 6000)]
    here, there = pl.DataFrame({"n": names[:3000]}), pl.DataFrame({"n": names[3000:]})
    assert not drifted(compared(here, there, n="nominal"))


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
            assert not drifted(compared(*frames, c="discrete", d="nominal"))


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
        assert set(found) == {"x", "w"}
        for drift in found.values():
            assert drift.could_hide is None or 0 <= drift.could_hide <= 1
            for lang in LANGUAGES:
                assert "{" not in render_reason(drift.reason, Messages(lang))


@settings(max_examples=40, deadline=None)
@given(COLUMNS, WORDS)
def test_identical_rows_never_drift(a, c):
    rows = min(len(a), len(c))
    frame = pl.DataFrame({"x": pl.Series(a[:rows], dtype=pl.Float64), "w": c[:rows]},
                         schema_overrides={"w": pl.String})  # fmt: skip
    for kind in ("nominal", "text"):
        assert not drifted(compared(frame, frame, x="continuous", w=kind))


def test_a_column_without_a_value_now_has_drifted_by_missing_values():
    here = CategoryCounts({"a": 500, "b": 500}, 1000)
    found = compare_column(Pair(here, CategoryCounts({}, 800, 800), Kind.nominal))
    assert found.measure == "missing_share" and found.status is Status.drifted


def test_a_column_without_any_value_is_not_judged():
    none = CategoryCounts({}, 800, 800)
    found = compare_column(Pair(none, none, Kind.nominal))
    assert found.status is Status.not_judged and found.reason.code == "no-values-at-all"


def test_other_identifiers_are_no_drift_but_missing_ones_are():
    one = CategoryCounts({f"n{k}": 1 for k in range(900)}, 900, single=900)
    other = CategoryCounts({}, 900, 0, unseen=900)
    assert compare_column(Pair(one, other, Kind.id)).status is Status.not_judged
    gone = CategoryCounts({}, 900, 300, unseen=600)
    assert compare_column(Pair(one, gone, Kind.id)).measure == "missing_share"


def test_a_status_has_a_name_in_both_languages():
    named = [[render_status(s, Messages(lang)) for s in Status] for lang in LANGUAGES]
    assert named[0] == ["drifted", "no drift seen", "cannot tell", "not judged"]
    assert named[1] == ["달라짐", "변화가 보이지 않음", "판단 불가", "판정하지 않음"]
