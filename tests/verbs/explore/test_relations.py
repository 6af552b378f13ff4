"""Relations agree with SciPy, pandas and scikit-learn, and copies are found."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.metrics import mutual_info_score

from mulle import explore
from mulle.table import Column, Kind, Storage
from mulle.verbs.explore.relations import categories as cat
from mulle.verbs.explore.relations import numbers as num
from mulle.verbs.explore.relations.encoded import encode, joint


@pytest.fixture
def x():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4))
    x[:, 1] += x[:, 0]
    x[:, 2] = np.round(x[:, 2])  # ties
    x[rng.random(x.shape) < 0.1] = np.nan
    return x


def test_pearson(x):
    r, n = num.pearson(x)
    assert r == pytest.approx(pd.DataFrame(x).corr().to_numpy())
    assert n[0, 1] == (~np.isnan(x[:, :2])).all(1).sum()


def test_pearson_of_what_does_not_vary():
    r, _ = num.pearson(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]))
    assert np.isnan(r[0, 1]) and r[0, 0] == pytest.approx(1)


def test_pearson_of_extremes():
    x = np.array([1e300, -1e300, 5e299, 0.0])
    assert num.pearson(np.stack([x, -x], axis=1))[0][0, 1] == pytest.approx(-1)


def test_spearman(x):
    whole = x[~np.isnan(x).any(1)]
    assert num.spearman(whole) == pytest.approx(stats.spearmanr(whole).statistic)
    assert num.ranks(x) == pytest.approx(pd.DataFrame(x).rank().to_numpy(), nan_ok=True)


def test_kendall(x):
    found = num.kendall(x)
    for i in range(4):
        for j in range(4):
            both = ~np.isnan(x[:, [i, j]]).any(1)
            reference = stats.kendalltau(x[both, i], x[both, j]).statistic
            assert found[i, j] == pytest.approx(reference)


def test_components(x):
    whole = x[~np.isnan(x).any(1)]
    z = (whole - whole.mean(0)) / whole.std(0)
    reference = PCA(3).fit(z)
    shares, directions = num.components(np.corrcoef(whole.T), 3)
    assert shares == pytest.approx(reference.explained_variance_ratio_)
    assert np.abs(directions) == pytest.approx(np.abs(reference.components_), abs=1e-6)


TABLE = np.array([[30.0, 5, 2], [4, 40, 3], [0, 6, 10]])


def test_cramers_v():
    reference = stats.contingency.association(TABLE.astype(int), method="cramer")
    assert cat.cramers_v(TABLE, corrected=False) == pytest.approx(reference)
    n, k = TABLE.sum(), 3
    phi2 = reference**2 * 2 - (k - 1) ** 2 / (n - 1)
    least = k - (k - 1) ** 2 / (n - 1) - 1
    assert cat.cramers_v(TABLE) == pytest.approx(np.sqrt(phi2 / least))
    assert np.isnan(cat.cramers_v(TABLE[:1]))


def test_independent_columns_have_nearly_no_v():
    rng = np.random.default_rng(1)
    raw, better = [], []
    for _ in range(50):
        t = np.zeros((8, 8))
        np.add.at(t, (rng.integers(0, 8, 300), rng.integers(0, 8, 300)), 1)
        raw.append(cat.cramers_v(t, corrected=False))
        better.append(cat.cramers_v(t))
    assert np.mean(better) < 0.3 * np.mean(raw)


def test_theils_u_and_information():
    rows = np.repeat(np.arange(3), TABLE.sum(1).astype(int))
    columns = np.concatenate([np.repeat(np.arange(3), t.astype(int)) for t in TABLE])
    shared = mutual_info_score(rows, columns)
    assert cat.mutual_information(TABLE, corrected=False) == pytest.approx(shared / np.log(2))
    u, back = cat.theils_u(TABLE)
    assert u == pytest.approx(shared / stats.entropy(TABLE.sum(1)))
    assert back == pytest.approx(shared / stats.entropy(TABLE.sum(0)))
    assert cat.mutual_information(TABLE) < shared / np.log(2)


def test_correlation_ratio():
    rng = np.random.default_rng(2)
    codes = rng.integers(1, 5, 200)
    x = rng.normal(size=200) + codes
    groups = [x[codes == c] for c in range(1, 5)]
    f = stats.f_oneway(*groups).statistic
    eta2 = f * 3 / (f * 3 + 196)
    raw = cat.correlation_ratio(codes, 4, x, corrected=False)
    assert raw == pytest.approx(np.sqrt(eta2))
    assert cat.correlation_ratio(codes, 4, x) < raw
    assert np.isnan(cat.correlation_ratio(codes, 4, np.ones(200)))


def test_codes():
    column = Column("c", Kind.nominal, Storage.string)
    many = encode(column, pl.Series([f"v{i}" for i in range(80)] * 2 + ["v0"]))
    assert (many.k, many.lumped, many.codes[0]) == (50, True, 1)
    number = encode(Column("n", Kind.continuous, Storage.number), pl.Series([None, *range(1000)]))
    counts = np.bincount(number.codes)
    assert counts[0] == 1 and number.k == 16 and counts[1:].max() - counts[1:].min() < 3
    assert joint(number, number).sum() == 1000


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(3)
    a, kind = rng.normal(size=400), rng.integers(0, 3, 400)
    return explore(pl.DataFrame({
        "a": a, "double": a * 2 + 1, "curve": np.exp(3 * a), "same": a,
        "free": rng.normal(size=400),
        "kind": np.array(["x", "y", "z"])[kind], "renamed": np.array(["p", "q", "r"])[kind],
        "shifted": rng.normal(size=400) + kind,
        "when": np.datetime64("2020-01-01") + np.arange(400),
    }))  # fmt: skip


def test_each_pair_has_the_measure_of_its_kinds(report):
    names = report.relations.columns
    mixed = report.relations.mixed
    at = {n: k for k, n in enumerate(names)}
    assert mixed.names[at["a"]][at["free"]] == "spearman"
    assert mixed.names[at["kind"]][at["renamed"]] == "cramers_v"
    assert mixed.names[at["shifted"]][at["kind"]] == "correlation_ratio"
    assert mixed.names[at["when"]][at["a"]] == "spearman"
    for i in range(len(names)):
        for j in range(len(names)):
            assert mixed.values[i][j] == mixed.values[j][i]
            assert mixed.values[i][j] is None or abs(mixed.values[i][j]) <= 1


def test_copies_are_told_by_how(report):
    twins = {(t.a, t.b): t.how for t in report.relations.twins}
    assert twins == {
        ("a", "same"): "equal", ("a", "double"): "linear", ("a", "curve"): "monotone",
        ("double", "same"): "linear", ("curve", "same"): "monotone",
        ("double", "curve"): "monotone", ("kind", "renamed"): "renamed",
    }  # fmt: skip


def test_drawings(report):
    sorts = {p.sort for p in report.relations.plots}
    assert "boxes" in sorts
    drawn = [(p.a, p.b) for p in report.relations.plots]
    assert ("a", "double") not in drawn and ("kind", "renamed") not in drawn
    for plot in report.relations.plots:
        assert len(plot.x) == len(plot.y) <= 500
        assert len(plot.boxes) in (0, len(plot.groups))


def test_pairs_are_capped_and_say_so():
    frame = {f"c{i}": np.random.default_rng(i).normal(size=30) for i in range(8)}
    report = explore(frame, "c7", pairs=3)
    assert report.relations.columns == ["c0", "c1", "c7"]
    left = report.header.not_computed
    assert [(n.what, n.reason, n.values["count"]) for n in left] == [
        ("pairs", "too-many-columns", 5)
    ]
    assert {t.column for t in report.target.columns} == {f"c{i}" for i in range(7)}
