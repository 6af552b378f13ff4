"""Writes the golden bundles of this folder: run it once for each new format version.

    python tests/bundle/golden/write.py

Each bundle answers a binary, a multiclass or a regression task from a number, a string, a date and
a text column; `rows.json` holds rows, `NAME.json` what that version answered. Files of released
versions are never written again: a later mulle must still give these answers.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl

from mulle.bundle import Latency, Manifest, deliver, package
from mulle.bundle.prove import compare
from mulle.graph import arrays
from mulle.learners import Learner, LightGBMRegressor, LogisticRegression, RandomForestClassifier
from mulle.steps import Block, DateParts, Impute, OneHot, Preparation, StandardScale, TfIdf
from mulle.table import Column, Kind, Storage, Target, read
from mulle.table.types.notation import Notation
from mulle.verbs.fit.pipeline import Blend, train

HERE = Path(__file__).parent
CITIES = ["서울", "Busan", "대구", "Jeju Island"]
MEMOS = ["새 차입니다", "한 번 고쳤음", "like new", "사고 없음 👍", ""]


def table(rows: int = 400) -> pl.DataFrame:
    """Second-hand cars: what they cost follows from mileage, city, day and memo."""
    rng = np.random.default_rng(7)
    mileage = rng.gamma(2.0, 40_000.0, rows).round()
    city, memo = rng.integers(0, len(CITIES), rows), rng.integers(0, len(MEMOS), rows)
    day = rng.integers(0, 1_500, rows)
    price = 3_000 - mileage / 100 + 150 * city + day / 5 - 120 * (memo == 1)
    frame = pl.DataFrame(
        {
            "mileage": pl.Series(mileage).set(pl.Series(rng.random(rows) < 0.1), None),
            "city": pl.Series([CITIES[i] for i in city]).set(pl.Series(city == 3), None),
            "first day": pl.Series(day).cast(pl.Int64) * 86_400_000_000,
            'a "memo" 메모': [MEMOS[i] for i in memo],
        }
    )
    frame = frame.with_columns(
        pl.col("first day").cast(pl.Datetime("us")) + pl.duration(days=17000)
    )
    middle = np.digitize(price, np.quantile(price, [0.33, 0.66]))
    return frame.with_columns(
        pl.Series("price", price),
        pl.Series("sold", price < np.median(price)),
        pl.Series("class", np.array(["싸다", "보통", "dear"])[middle]),
    )


def preparation(*, text: bool) -> Preparation:
    """A step of every sort of column; without text its column is read and not used."""
    blocks = [
        Block(["mileage"], [Impute(), StandardScale()]),
        Block(["city"], [OneHot()]),
        Block(["first day"], [DateParts(), Impute()]),
    ]
    if text:
        blocks.append(Block(['a "memo" 메모'], [TfIdf(max_n=2, max_features=12)]))
    return Preparation(blocks)


def write(name: str, target: Target, learner: Learner, y: np.ndarray) -> None:
    """One bundle and its answers."""
    frame = table()
    kinds = {'a "memo" 메모': "text", "city": "nominal", "mileage": "continuous"}
    columns = read(frame.drop("price", "sold", "class"), kinds=kinds)
    inputs = arrays(columns)
    prepared = preparation(text=learner.native_sparse)
    pipeline = train(name, target, learner, (prepared, prepared.fit_transform(inputs, y)), y)
    blend = Blend([(1.0, pipeline)])
    manifest = Manifest(
        target=target,
        schema=columns.schema,
        usual={"mileage": 70_000.0, "city": "서울", 'a "memo" 메모': ""},
        lineage={"source": "golden", "rows": len(y), "seed": 0},
        mulle="0.1.0",
    )
    path = HERE / f"{name}.mulle"
    path.unlink(missing_ok=True)  # what a new file replaces would be kept beside it
    packaged = package(blend, manifest)
    proof = compare(blend.predict(inputs), packaged.predict_arrays(inputs), std=float(y.std()))
    model = deliver(path, packaged, proof=proof, scores={}, latency=Latency(0.0, 0.0))
    rows = json.loads((HERE / "rows.json").read_text("utf-8"))
    answer = {"predict": model.predict(rows).tolist()}
    if not model.is_regression:
        answer["predict_proba"] = model.predict_proba(rows).tolist()
    text = json.dumps(answer, ensure_ascii=False, indent=1)
    (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """All of them."""
    frame = table()
    seen = frame.drop("price", "sold", "class").head(8)
    seen = seen.with_columns(pl.col("first day").dt.to_string("%Y-%m-%d"))
    odd = {"mileage": "12,000", "city": "어디", "first day": None, 'a "memo" 메모': None}
    rows = [*seen.to_dicts(), odd, {**odd, "mileage": -1e300, 'a "memo" 메모': "👍👍 새"}]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    (HERE / "rows.json").write_text(text + "\n", encoding="utf-8")
    sold = frame["sold"].cast(pl.Int64).to_numpy()
    truth = Column(
        "sold", Kind.boolean, Storage.number, "true-false", notation=Notation(form="truth")
    )
    write("binary", Target(truth, "binary", (False, True)), LogisticRegression(), sold)
    labels = ("싸다", "보통", "dear")
    codes = np.array([labels.index(v) for v in frame["class"]])
    forest = RandomForestClassifier(n_estimators=5, max_leaf_nodes=8, n_jobs=1, random_state=0)
    words = Column("class", Kind.nominal, Storage.string)
    write("multiclass", Target(words, "multiclass", labels), forest, codes)
    boosting = LightGBMRegressor(n_estimators=10, num_leaves=5)
    price = frame["price"].to_numpy()
    number = Column("price", Kind.continuous, Storage.number)
    write("regression", Target(number, "regression"), boosting, price)


if __name__ == "__main__":
    main()
