"""Every registered step, on data of its storage: Python = ONNX Runtime, after the cast to float32.

Bit for bit, but for the `ulps` that a step states and justifies.
"""

import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mulle.graph import MISSING_DATE, MISSING_STRING, open_session, run, symbols, to_model
from mulle.steps import (
    LSA,
    PCA,
    STEPS,
    Arithmetic,
    Block,
    CategoryCodes,
    DateParts,
    Elapsed,
    Frequency,
    Hashed,
    Impute,
    KBins,
    MinMaxScale,
    Normalize,
    OneHot,
    OrdinalCodes,
    PiecewiseLinear,
    Pixels,
    PowerTransform,
    Preparation,
    RobustScale,
    SelectK,
    StandardScale,
    Step,
    TargetEncode,
    TextScore,
    TfIdf,
)
from mulle.table import Column, Kind, Storage

N = 120
DAY = 86_400_000_000
YEAR_1, YEAR_9999 = -719_162 * DAY, 2_932_896 * DAY + DAY - 1
STRINGS = [
    "", " ", "a", "b", "None", "nan", "물레", "물레", "가나다라", "😀", "👩‍👩‍👧", "a\nb", "\u3000",
    "x" * 5_000, "a\x00b", "é", "e\u0301", "１２３", "(rare)", MISSING_STRING,
]  # fmt: skip


class Sample(NamedTuple):
    steps: list[Step]  # the last one is tested, the others prepare its input
    target: str = "binary"
    columns: int = 3


SAMPLES: dict[type[Step], list[Sample]] = {
    Impute: [
        *[Sample([Impute(s)]) for s in ("median", "mean", "most_frequent", "zero")],
        Sample([Impute(indicator=False)]),
    ],
    StandardScale: [Sample([StandardScale()]), Sample([StandardScale(clip=2.0)])],
    RobustScale: [Sample([RobustScale()])],
    MinMaxScale: [Sample([MinMaxScale()]), Sample([MinMaxScale()], columns=1)],
    Normalize: [Sample([Normalize()])],
    PowerTransform: [
        Sample([PowerTransform(m, min_skew=s)])
        for m in ("yeo-johnson", "box-cox", "log1p", "sqrt")
        for s in (0.0, 1.0)
    ],
    KBins: [
        Sample([KBins(6, edges=e, one_hot=o)])
        for e in ("quantile", "uniform")
        for o in (False, True)
    ],
    PiecewiseLinear: [
        Sample([PiecewiseLinear()]),
        Sample([PiecewiseLinear(3)], columns=1),
        Sample([PiecewiseLinear(max_features=80)], columns=40),  # a wide table: two of each
    ],
    OneHot: [Sample([OneHot(min_count=1)]), Sample([OneHot(min_count=4, max_categories=3)])],
    CategoryCodes: [Sample([CategoryCodes()])],
    OrdinalCodes: [Sample([OrdinalCodes(["b", "", "물레"])])],
    Pixels: [Sample([Pixels(12)]), Sample([Pixels(1)])],
    Hashed: [Sample([Hashed()]), Sample([Hashed(1)]), Sample([Hashed(1000)])],
    Frequency: [Sample([Frequency()])],
    TargetEncode: [Sample([TargetEncode()], t) for t in ("binary", "three", "gap", "value", "one")],
    DateParts: [Sample([DateParts()]), Sample([DateParts(cyclic=True)])],
    Elapsed: [Sample([Elapsed()])],
    TfIdf: [Sample([TfIdf(min_count=1)]), Sample([TfIdf(max_n=2, max_features=7)])],
    TextScore: [Sample([TfIdf(min_count=1), TextScore()], t) for t in ("binary", "three", "value")],
    LSA: [Sample([TfIdf(min_count=1), LSA(3)])],
    PCA: [Sample([Impute(indicator=False), StandardScale(clip=20.0), PCA(2)])],
    SelectK: [
        Sample([Impute(), SelectK(2, by="f")]),
        Sample([Impute(), SelectK(2, by="mutual_info")], "value"),
        Sample([SelectK(2, by="model")], "three"),
    ],
    Arithmetic: [
        Sample([Arithmetic(4)], "ratio"),
        Sample([Arithmetic(6)], "three"),
    ],
}


def numbers(rng: np.random.Generator) -> np.ndarray:
    x = np.round(np.exp(rng.normal(size=N)), 3)
    x[::3] *= -1 if rng.random() < 0.5 else 1
    x[rng.random(N) < 0.1] = np.nan
    return x[:, None]


def dates(rng: np.random.Generator) -> np.ndarray:
    x = rng.integers(YEAR_1, YEAR_9999, N)
    x[::9] = MISSING_DATE
    return x[:, None]


def strings(rng: np.random.Generator) -> np.ndarray:
    return rng.choice(np.array(STRINGS, dtype=object), N)[:, None]


MAKE: dict[Storage, Callable[[np.random.Generator], np.ndarray]] = {
    Storage.number: numbers,
    Storage.date: dates,
    Storage.string: strings,
}


def target(kind: str, columns: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    if kind == "value":
        return rng.normal(size=N)
    if kind == "ratio":
        return np.nan_to_num(columns[0][:, 0] / columns[1][:, 0])
    codes = rng.integers(0, {"one": 1, "binary": 2, "three": 3, "gap": 3}[kind], N)
    return np.array([0, 2, 7])[codes] if kind == "gap" else codes


def column(name: str, storage: Storage) -> Column:
    kind = {"number": Kind.continuous, "date": Kind.datetime, "string": Kind.nominal}[storage.name]
    return Column(name=name, kind=kind, storage=storage)


class Fitted(NamedTuple):
    preparation: Preparation
    columns: dict[str, np.ndarray]
    session: Any
    storage: Storage
    ulps: int
    edges: np.ndarray


def case_id(case: tuple[type[Step], int]) -> str:
    return f"{case[0].__name__}-{case[1]}"


CASES = [(cls, i) for cls in STEPS for i in range(len(SAMPLES.get(cls, [])))]


@cache
def fitted(cls: type[Step], number: int) -> Fitted:
    sample = SAMPLES[cls][number]
    rng = np.random.default_rng(zlib.crc32(cls.__name__.encode()) + number)
    storage = sample.steps[0].storage
    count = 1 if sample.steps[0].per_column else sample.columns
    columns = {f"c{i}": MAKE[storage](rng) for i in range(count)}
    preparation = Preparation([Block(list(columns), sample.steps)])
    preparation.fit_transform(columns, target(sample.target, list(columns.values()), rng))
    inputs = symbols(column(name, storage) for name in columns)
    model = to_model(inputs, {"y": preparation.to_onnx(inputs)})
    learned = [
        np.ravel(v).astype(float)
        for v in vars(preparation.blocks[0].chains_[0][-1]).values()
        if isinstance(v, np.ndarray) and v.dtype.kind in "fi"
    ]
    edges = np.concatenate([*learned, np.zeros(1)])
    edges = np.concatenate([edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)])
    ulps = sample.steps[-1].ulps
    return Fitted(
        preparation, columns, open_session(model), storage, ulps, edges[np.isfinite(edges)]
    )


def distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How many float32 steps lie between two float32 values; 0 where both are NaN."""
    bits = [
        np.where(v < 0, -(v & 0x7FFFFFFF), v)
        for v in (m.view(np.int32).astype(np.int64) for m in (a, b))
    ]
    both_nan = np.isnan(a) & np.isnan(b)
    return np.where(both_nan, 0, np.abs(bits[0] - bits[1]))


def assert_same(case: Fitted, columns: dict[str, np.ndarray]) -> None:
    python = case.preparation.transform(columns)
    python = python.toarray() if sparse.issparse(python) else python
    graph = run(case.session, columns)[0]
    assert python.dtype == graph.dtype == np.float32
    assert python.shape == graph.shape == (n_rows(columns), len(case.preparation.feature_names_))
    assert not np.isinf(python).any()
    apart = distance(python, graph)
    if case.ulps:  # what is rounding error of sums is measured against the row's size
        size = np.abs(python).max(axis=1, keepdims=True, initial=1e-30)
        apart = np.abs(python.astype(float) - graph) / (size * np.finfo(np.float32).eps)
    assert np.nanmax(apart, initial=0) <= case.ulps


def n_rows(columns: dict[str, np.ndarray]) -> int:
    return len(next(iter(columns.values())))


def test_every_step_has_samples() -> None:
    assert set(SAMPLES) == set(STEPS)
    assert all(SAMPLES[step] for step in STEPS)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_training_rows_and_their_names(case: tuple[type[Step], int]) -> None:
    it = fitted(*case)
    assert_same(it, it.columns)
    names = it.preparation.feature_names_
    assert len(names) == len(set(names))


HARD = [
    np.nan, 0.0, -0.0, 1.0, -1.0, 5e-324, 1e-300, 1e-40, 1e-35, -1e-35, 3.4e38, -3.5e38, 1e39,
    1e150, -1e200, 1e300, -1e300, 1.7e308, 2.0**53, 0.1,
]  # fmt: skip
TEXT = st.sampled_from(STRINGS) | st.text(
    st.characters(exclude_categories=["Cs", "Co"]), max_size=12
)


def values(it: Fitted) -> st.SearchStrategy[Any]:
    if it.storage is Storage.string:
        return TEXT
    if it.storage is Storage.date:
        return st.integers(YEAR_1, YEAR_9999) | st.sampled_from(
            [MISSING_DATE, YEAR_1, YEAR_9999, -1, 0, DAY - 1]
        )
    return st.sampled_from([*HARD, *it.edges]) | st.floats(allow_nan=False, allow_infinity=False)


DTYPES = {Storage.number: np.float64, Storage.date: np.int64, Storage.string: object}


@pytest.mark.parametrize("case", CASES, ids=case_id)
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_any_values(case: tuple[type[Step], int], data: st.DataObject) -> None:
    it = fitted(*case)
    rows = data.draw(st.integers(1, 8))
    drawn = {
        name: data.draw(st.lists(values(it), min_size=rows, max_size=rows)) for name in it.columns
    }
    assert_same(
        it, {n: np.array(v, dtype=DTYPES[it.storage]).reshape(-1, 1) for n, v in drawn.items()}
    )


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if SAMPLES[c[0]][c[1]].steps[0].storage is Storage.number],
    ids=case_id,
)
def test_all_edges_and_hard_values(case: tuple[type[Step], int]) -> None:
    it = fitted(*case)
    pool = np.concatenate([it.edges, HARD])
    rng = np.random.default_rng(0)
    drawn = {name: rng.permutation(np.tile(pool, 3))[:, None] for name in it.columns}
    assert_same(it, drawn)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_no_rows(case: tuple[type[Step], int]) -> None:
    if isinstance(SAMPLES[case[0]][case[1]].steps[0], TfIdf):
        pytest.xfail("ONNX Runtime's Tokenizer drops the second axis of an empty batch")
    it = fitted(*case)
    assert_same(it, {name: x[:0] for name, x in it.columns.items()})


LITTLE = ["one row", "two rows", "constant", "all missing"]


@pytest.mark.parametrize("what", LITTLE)
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_little_to_learn_from(case: tuple[type[Step], int], what: str) -> None:
    sample = SAMPLES[case[0]][case[1]]
    storage = sample.steps[0].storage
    count = 1 if sample.steps[0].per_column else sample.columns
    rows = {"one row": 1, "two rows": 2}.get(what, 12)
    value = {Storage.number: 2.5, Storage.date: DAY * 400, Storage.string: "가 a"}[storage]
    missing = {Storage.number: np.nan, Storage.date: MISSING_DATE, Storage.string: MISSING_STRING}
    filled = missing[storage] if what == "all missing" else value
    columns = {f"c{i}": np.full((rows, 1), filled, dtype=DTYPES[storage]) for i in range(count)}
    preparation = Preparation([Block(list(columns), sample.steps)])
    features = preparation.fit_transform(columns, np.arange(rows) % 2)
    assert features.shape == (rows, len(preparation.feature_names_))
    inputs = symbols(column(name, storage) for name in columns)
    model = to_model(inputs, {"y": preparation.to_onnx(inputs)})
    it = Fitted(
        preparation, columns, open_session(model), storage, sample.steps[-1].ulps, np.zeros(0)
    )
    assert_same(it, columns)


def test_ten_thousand_categories() -> None:
    names = np.array([f"값 {i}" for i in range(10_000)] + [MISSING_STRING], dtype=object)[:, None]
    y = np.arange(len(names)) % 2
    for step in (CategoryCodes(), Frequency(), OneHot(), TargetEncode()):
        preparation = Preparation([Block(["c"], [step])])
        preparation.fit_transform({"c": names}, y)
        inputs = symbols([column("c", Storage.string)])
        session = open_session(to_model(inputs, {"y": preparation.to_onnx(inputs)}))
        some = names[::371]
        assert np.array_equal(run(session, {"c": some})[0], preparation.transform({"c": some}))


def test_what_two_blocks_begin_with_alike_is_learned_and_computed_once(monkeypatch) -> None:
    counted = {"learn": 0, "compute": 0}
    learn, compute = TfIdf.learn, TfIdf.compute

    def count_learn(self, *args):
        counted["learn"] += 1
        return learn(self, *args)

    def count_compute(self, *args):
        counted["compute"] += 1
        return compute(self, *args)

    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("가나 ab"), 9)) for _ in range(N)]
    texts, y = {"t": np.array(words, object)[:, None]}, rng.integers(0, 2, N)

    def blocks() -> list[Block]:
        return [
            Block(["t"], [TfIdf(min_count=1), TextScore()]),
            Block(["t"], [TfIdf(min_count=1), LSA(3)]),
            Block(["t"], [TfIdf(min_count=2), LSA(3)]),  # other settings
        ]

    alone = [Preparation([block]) for block in blocks()]
    expected = np.hstack([p.fit_transform(texts, y) for p in alone])
    again = np.hstack([p.transform(texts) for p in alone])
    monkeypatch.setattr(TfIdf, "learn", count_learn)
    monkeypatch.setattr(TfIdf, "compute", count_compute)
    together = Preparation(blocks())
    assert np.array_equal(together.fit_transform(texts, y), expected)
    assert counted == {"learn": 2, "compute": 2}
    assert np.array_equal(together.transform(texts), again)
    assert counted == {"learn": 2, "compute": 4}
