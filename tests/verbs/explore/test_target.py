"""What columns tell about a target, and another table beside the first."""

import numpy as np
import polars as pl
import pytest

from mulle import explore, read
from mulle.errors import DataError, UnknownName
from mulle.table import find_target

RNG = np.random.default_rng(0)
N = 2000
Y = (RNG.random(N) < 0.48).astype(int)


@pytest.fixture(scope="module")
def frame():
    return pl.DataFrame({
        "y": np.where(Y, "yes", "no"), "copy": Y * 3 + 1.0, "strong": RNG.normal(size=N) + 2 * Y,
        "weak": RNG.normal(size=N) + 0.2 * Y, "nothing": RNG.normal(size=N),
        "word": np.where(RNG.random(N) < 0.2, "x", np.where(Y, "a", "b")),
        "lacking": pl.select(pl.when(pl.Series(RNG.random(N) < 0.7)).then(1.5)).to_series(),
    })  # fmt: skip


@pytest.fixture(scope="module")
def target(frame):
    return explore(frame, "y").target


def test_columns_are_ranked_by_what_they_tell(target):
    order = [t.column for t in target.columns]
    assert order[0] == "copy" and order.index("strong") < order.index("weak")
    assert (target.task, target.positive) == ("binary", "yes")
    told = {t.column: t for t in target.columns}
    assert told["copy"].share == pytest.approx(1, abs=0.01)
    assert told["nothing"].share < 0.01
    assert (told["word"].measure, told["strong"].measure) == ("cramers_v", "correlation_ratio")


def test_classes_are_of_all_rows(target):
    counts = {c.value: c.count for c in target.classes}
    assert counts == {"yes": int(Y.sum()), "no": int(N - Y.sum())}
    assert target.balance == pytest.approx(1, abs=0.01)


def test_slices(frame, target):
    slices = next(t for t in target.columns if t.column == "word").slices
    for s in slices:
        rows = frame.filter(pl.col("word") == s.label)
        assert s.rows == rows.height
        assert s.mean == pytest.approx((rows["y"] == "yes").mean())
        assert sum(s.shares) == pytest.approx(1)
    strong = next(t for t in target.columns if t.column == "strong").slices
    assert sum(s.rows for s in strong) == N
    assert [s.low for s in strong[1:]] == [s.high for s in strong[:-1]]
    means = [s.mean for s in strong]
    assert means[0] < 0.1 < 0.9 < means[-1]


def test_a_leak_is_suspected(target):
    assert [leak.column for leak in target.leaks] == ["copy"]


def test_a_number_as_target():
    x = RNG.normal(size=500)
    report = explore({"x": x, "y": x**3, "k": np.where(x > 0, "p", "n")}, "y")
    told = {t.column: t for t in report.target.columns}
    assert report.target.task == "regression" and report.target.classes == []
    assert (told["x"].measure, told["x"].value) == ("spearman", pytest.approx(1))
    assert told["k"].slices[0].mean is not None


def test_nothing_to_predict():
    report = explore({"x": [1.0, 2.0, 3.0], "y": ["a", "a", "a"]}, "y")
    assert report.target is None
    assert ("target", "nothing-to-predict") in {
        (n.what, n.reason) for n in report.header.not_computed
    }


def test_no_such_target():
    with pytest.raises(UnknownName, match="no column named 'z'"):
        explore({"x": [1, 2]}, "z")


def shifted(seed, moved=0.0, lacking=0.0):
    rng = np.random.default_rng(seed)
    x = pl.Series(rng.normal(size=3000) + moved)
    kept = pl.Series(rng.random(3000) >= lacking)
    return pl.DataFrame({
        "x": x, "same": rng.normal(size=3000), "c": rng.choice(["a", "b"], 3000),
        "m": pl.select(pl.when(kept).then(pl.Series(rng.random(3000)))).to_series(),
    })  # fmt: skip


def test_like_tables_do_not_drift():
    comparison = explore(shifted(1), against=shifted(2)).comparison
    assert [d.column for d in comparison.drifts if d.drift_detected] == []
    assert comparison.shared_rows == 0


def test_drift():
    other = shifted(2, moved=0.3, lacking=0.1).with_columns(
        c=pl.Series(np.random.default_rng(3).choice(["a", "b", "new"], 3000)), more=pl.lit(1)
    )
    comparison = explore(shifted(1), against=other).comparison
    drifts = {d.column: d for d in comparison.drifts}
    assert [d.column for d in comparison.drifts if d.drift_detected] == [
        d.column for d in comparison.drifts[:3]
    ]
    assert {d for d in drifts if drifts[d].drift_detected} == {"x", "c", "m"}
    assert drifts["c"].unseen[0].value == "new"
    assert drifts["x"].distances["wasserstein"] == pytest.approx(0.3, abs=0.06)
    assert [t.test for t in drifts["m"].tests] == ["missing", "ks"]
    assert comparison.only_in_current == ["more"]
    for d in drifts.values():
        assert 0.95 < sum(d.picture.reference) <= 1 + 1e-9
        for t in d.tests:
            assert t.adjusted == min(1.0, t.p * comparison.tests)


def test_the_other_table_is_binned_alike():
    report = explore(shifted(1), against=shifted(2, moved=1.0))
    there = next(c for c in report.comparison.summaries if c.name == "x")
    assert there.histogram.edges == report.column("x").histogram.edges


def test_a_table_against_itself():
    comparison = explore(shifted(1), against=shifted(1)).comparison
    assert comparison.shared_rows == 3000
    assert all(d.distances.get("psi", 0) == 0 for d in comparison.drifts)


def test_texts_are_compared_by_words():
    here = {"t": [f"the wheel number {i} is turning round" for i in range(60)]}
    there = {"t": [f"그 물레 {i} 은 잘도 돌아간다 그려" for i in range(60)]}
    drift = explore(here, against=there).comparison.drifts[0]
    assert 0.7 < drift.distances["unseen_words"] <= 1


def test_a_date_is_refused_as_by_fit():
    dates = [f"2024-01-{day:02}" for day in range(1, 29)]
    with pytest.raises(DataError) as refused:
        explore({"x": list(range(28)), "when": dates}, "when")
    assert refused.value.code == "target-date" and "days since" in refused.value.fix


@pytest.mark.parametrize(
    ("labels", "positive"),
    [(["no"] * 30 + ["yes"] * 10, "yes"), (["no"] * 10 + ["yes"] * 30, "no"),
     (["b"] * 20 + ["a"] * 20, "b"), ([1] * 10 + [0] * 30, "1")],
)  # fmt: skip
def test_the_positive_class_is_that_of_fit(labels, positive):
    frame = {"x": [float(i % 7) for i in range(40)], "y": labels}
    assert explore(frame, "y").target.positive == positive
    target, _, _ = find_target(read(frame), "y")
    assert (
        str(int(target.positive) if isinstance(target.positive, bool) else target.positive)
        == positive
    )
