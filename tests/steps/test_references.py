"""What steps learn and compute, against scikit-learn's own transformers."""

from typing import Any

import numpy as np
import pytest
from sklearn import decomposition, impute, preprocessing
from sklearn import feature_selection as selection
from sklearn.feature_extraction.text import TfidfVectorizer

from mulle.steps import (
    LSA,
    PCA,
    CategoryCodes,
    Frequency,
    Hashed,
    Impute,
    KBins,
    MinMaxScale,
    Normalize,
    OneHot,
    PowerTransform,
    RobustScale,
    SelectK,
    StandardScale,
    Step,
    TargetEncode,
    TextScore,
    TfIdf,
)

rng = np.random.default_rng(5)
X = np.exp(rng.normal(size=(200, 4)))
X[:, 1] -= 1.5
HOLES = np.where(rng.random(X.shape) < 0.1, np.nan, X)
STRINGS = rng.choice(np.array(["b", "a", "가", "", "z"], dtype=object), (200, 1))
Y = rng.integers(0, 2, 200)
THREE = rng.integers(0, 3, 200)
VALUES = X[:, 0] + rng.normal(size=200)


def quantile_bins(**how: Any) -> Any:
    return preprocessing.KBinsDiscretizer(
        8, strategy="quantile", quantile_method="linear", subsample=None, **how
    )


PAIRS: list[tuple[Step, Any, np.ndarray]] = [
    (StandardScale(), preprocessing.StandardScaler(), HOLES),
    (RobustScale(), preprocessing.RobustScaler(), HOLES),
    (MinMaxScale(), preprocessing.MinMaxScaler(), HOLES),
    (Normalize(), preprocessing.Normalizer(), X),
    (PowerTransform(min_skew=0.0), preprocessing.PowerTransformer(standardize=False), HOLES),
    (
        PowerTransform("box-cox", min_skew=0.0),
        preprocessing.PowerTransformer("box-cox", standardize=False),
        np.maximum(X, X[:100].min(axis=0))[:, [0, 2]],  # none below the least one in training
    ),
    (Impute(), impute.SimpleImputer(strategy="median", add_indicator=True), HOLES),
    (Impute("mean"), impute.SimpleImputer(strategy="mean", add_indicator=True), HOLES),
    (
        Impute("most_frequent"),
        impute.SimpleImputer(strategy="most_frequent", add_indicator=True),
        HOLES.round(),
    ),
    (KBins(8), quantile_bins(encode="ordinal"), X),
    (KBins(8, one_hot=True), quantile_bins(encode="onehot-dense"), X),
    (
        KBins(5, edges="uniform"),
        preprocessing.KBinsDiscretizer(5, strategy="uniform", encode="ordinal", subsample=None),
        X,
    ),
]


@pytest.mark.parametrize(
    ("step", "reference", "x"),
    PAIRS,
    ids=[f"{type(p[0]).__name__}-{i}" for i, p in enumerate(PAIRS)],
)
def test_numbers(step: Step, reference: Any, x: np.ndarray) -> None:
    half = len(x) // 2
    got = step.fit(x[:half]).transform(x)
    exact = 1e-6 if isinstance(step, PowerTransform) else 1e-12  # exponents are searched for
    np.testing.assert_allclose(got, reference.fit(x[:half]).transform(x), rtol=exact, atol=exact)


POWERS = {
    "long tail": np.exp(2 * rng.normal(size=500)),
    "both signs": np.exp(rng.normal(size=500) * 2) - 3,
    "negative": -np.exp(rng.normal(size=500)),
    "counts": rng.poisson(1, 500) * 1.0,
    "far tails": rng.standard_t(2, 500) ** 3,
    "over many sizes": np.exp(30 * rng.normal(size=500)),
}


@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
@pytest.mark.parametrize("column", POWERS.values(), ids=POWERS)
def test_exponents_are_those_of_scikit_learn(method: Any, column: np.ndarray) -> None:
    x = (np.abs(column) + 1e-3 if method == "box-cox" else column)[:, None]
    expected = preprocessing.PowerTransformer(method, standardize=False).fit(x).lambdas_[0]
    assert PowerTransform(method, min_skew=0.0).fit(x).exponent_[0] == pytest.approx(
        expected, abs=1e-6
    )


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
def test_a_column_far_from_zero_keeps_its_values_apart(method: Any, sign: float) -> None:
    x = sign * (1e6 + np.exp(3 * rng.normal(size=(500, 1))))
    if method == "box-cox":
        x = np.abs(x)
    bent = PowerTransform(method, min_skew=0.0).fit_transform(x)
    scaled = StandardScale().fit_transform(bent).astype(np.float32)
    order = np.argsort(x[:, 0])
    assert (np.diff(scaled[order, 0]) >= 0).all()
    assert len(np.unique(scaled)) > 450


def test_one_hot() -> None:
    step = OneHot(min_count=1).fit(STRINGS)
    new = np.vstack([STRINGS, [["unseen"]]])
    reference = preprocessing.OneHotEncoder(
        categories=[step.categories_], handle_unknown="ignore", sparse_output=False
    )
    assert np.array_equal(step.transform(new), reference.fit(STRINGS).transform(new))


def test_one_hot_of_rare_ones() -> None:
    x = np.repeat(np.array(["a", "b", "c", "d"], dtype=object), [9, 8, 2, 1])[:, None]
    step = OneHot(min_count=5).fit(x)
    reference = preprocessing.OneHotEncoder(
        min_frequency=5, handle_unknown="infrequent_if_exist", sparse_output=False
    )
    new = np.vstack([x, [["unseen"]]])
    assert np.array_equal(step.transform(new), reference.fit(x).transform(new))


def test_ordinal_and_frequency() -> None:
    step = CategoryCodes().fit(STRINGS)
    reference = preprocessing.OrdinalEncoder(
        categories=[step.categories_], handle_unknown="use_encoded_value", unknown_value=np.nan
    )
    new = np.vstack([STRINGS, [["unseen"]]])
    np.testing.assert_array_equal(step.transform(new), reference.fit(STRINGS).transform(new))
    shares = [(value == STRINGS).mean() for value in STRINGS[:, 0]]
    assert Frequency().fit_transform(STRINGS)[:, 0].tolist() == shares
    counts = [(c == STRINGS).sum() for c in step.categories_]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("y", [Y, THREE, VALUES], ids=["binary", "three", "values"])
@pytest.mark.parametrize("smooth", ["auto", 0.0, 5.0])
def test_target_means_also_out_of_fold(y: np.ndarray, smooth: Any) -> None:
    reference = preprocessing.TargetEncoder(smooth=smooth, cv=5, random_state=0)
    with pytest.warns(FutureWarning) if hasattr(reference, "shuffle") else _nothing():
        expected = reference.fit_transform(STRINGS, y)
    step = TargetEncode(smooth=smooth)
    np.testing.assert_allclose(step.fit_transform(STRINGS, y), expected, rtol=1e-12)
    new = np.vstack([STRINGS, [["unseen"]]])
    np.testing.assert_allclose(step.transform(new), reference.transform(new), rtol=1e-12)


@pytest.mark.parametrize("y", [Y, THREE, VALUES, VALUES * 0], ids=["two", "three", "values", "0"])
def test_target_means_of_many_categories_of_which_folds_lack_some(y: np.ndarray) -> None:
    x = np.array([[f"값 {i * i % 90}"] for i in range(200)], dtype=object)
    reference = preprocessing.TargetEncoder(smooth="auto", cv=5, random_state=0)
    with pytest.warns(FutureWarning) if hasattr(reference, "shuffle") else _nothing():
        expected = reference.fit_transform(x, y)
    np.testing.assert_allclose(TargetEncode().fit_transform(x, y), expected, rtol=1e-9, atol=1e-12)


def _nothing() -> Any:
    import contextlib

    return contextlib.nullcontext()


@pytest.mark.parametrize("columns", [1, 7, 64])
def test_hashed_categories_are_those_of_the_feature_hasher(columns: int) -> None:
    from sklearn.feature_extraction import FeatureHasher

    x = np.array(["", " ", "가", "😀", "a\x00b", *(f"c {i}" for i in range(500))], dtype=object)
    hasher = FeatureHasher(columns, input_type="string")
    expected = hasher.transform([[text] for text in x]).toarray()
    assert np.array_equal(Hashed(columns).fit_transform(x[:, None]), expected)


def test_a_training_row_does_not_see_its_own_target() -> None:
    unique = np.array([[f"row {i}"] for i in range(200)], dtype=object)
    encoded = TargetEncode().fit_transform(unique, VALUES)
    assert abs(np.corrcoef(encoded[:, 0], VALUES)[0, 1]) < 0.3
    assert (
        np.corrcoef(TargetEncode().fit(unique, VALUES).transform(unique)[:, 0], VALUES)[0, 1] > 0.9
    )


LETTERS = list("가나다라ab! ")
TEXTS = ["".join(rng.choice(LETTERS, 12)).replace("  ", "가") for _ in range(150)]
TEXTS = [text.replace("  ", " ") for text in TEXTS]


@pytest.mark.parametrize("max_n", [1, 2, 3])
def test_tf_idf_of_text_without_repeated_spaces(max_n: int) -> None:
    x = np.array(TEXTS, dtype=object)[:, None]
    step = TfIdf(max_n=max_n, min_count=3).fit(x[:100])
    reference = TfidfVectorizer(
        analyzer="char", ngram_range=(1, max_n), min_df=3, sublinear_tf=True, lowercase=False
    ).fit(TEXTS[:100])
    columns = [reference.vocabulary_[gram] for gram in step.vocabulary_]
    assert sorted(columns) == list(range(len(reference.vocabulary_)))
    expected = reference.transform(TEXTS).toarray()[:, columns]
    np.testing.assert_allclose(step.transform(x).toarray(), expected, atol=1e-12)


def test_a_text_score_of_a_row_comes_from_other_rows() -> None:
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import KFold, cross_val_predict

    x = TfIdf(min_count=2).fit_transform(np.array(TEXTS, dtype=object)[:, None])
    y = VALUES[: len(TEXTS)]
    step = TextScore()
    folds = KFold(5, shuffle=True, random_state=0)
    expected = cross_val_predict(Ridge(solver="sparse_cg"), x, y, cv=folds)
    np.testing.assert_allclose(step.fit_transform(x, y)[:, 0], expected, atol=1e-6)
    everything = Ridge(solver="cholesky").fit(x.toarray(), y).predict(x.toarray())
    np.testing.assert_allclose(step.transform(x)[:, 0], everything, atol=1e-3)


def test_topics_and_components_up_to_sign() -> None:
    weights = TfIdf(min_count=2).fit_transform(np.array(TEXTS, dtype=object)[:, None])
    svd = decomposition.TruncatedSVD(5, random_state=0, n_iter=4).fit_transform(weights)
    np.testing.assert_allclose(np.abs(LSA(5).fit_transform(weights)), np.abs(svd), atol=1e-9)
    pca = decomposition.PCA(3).fit_transform(X)
    np.testing.assert_allclose(np.abs(PCA(3).fit_transform(X)), np.abs(pca), atol=1e-9)


@pytest.mark.parametrize(
    ("by", "y", "score"),
    [
        ("f", THREE, selection.f_classif),
        ("f", VALUES, selection.f_regression),
        ("mutual_info", Y, selection.mutual_info_classif),
        ("mutual_info", VALUES, selection.mutual_info_regression),
    ],
)
def test_selection(by: Any, y: np.ndarray, score: Any) -> None:
    def seeded(x: Any, y: Any) -> Any:
        return score(x, y, random_state=0) if by == "mutual_info" else score(x, y)

    reference = selection.SelectKBest(seeded, k=2).fit(X, y)
    assert np.array_equal(SelectK(2, by=by).fit_transform(X, y), reference.transform(X))


def test_selection_by_a_model_sees_what_columns_tell_together() -> None:
    signs = rng.choice([-1.0, 1.0], (600, 2)) * rng.random((600, 2))
    x = np.hstack([rng.normal(size=(600, 3)), signs])
    y = (x[:, 3] * x[:, 4] > 0).astype(int)
    assert SelectK(2, by="model").fit(x, y).kept_.tolist() == [3, 4]


def test_a_value_at_an_edge_lies_above_it() -> None:
    x = np.arange(9.0)[:, None]
    step = KBins(4).fit(x)
    reference = quantile_bins(encode="ordinal").set_params(n_bins=4).fit(x)
    edges = reference.bin_edges_[0][:, None]
    near = np.concatenate([edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)])
    assert np.array_equal(step.transform(near), reference.transform(near))
