"""One door for bundles: what is scored, measured and delivered is the file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from mulle.bundle import (
    Latency,
    Manifest,
    deliver,
    load,
    measure_latencies,
    measure_latency,
    package,
    read_labelled,
    score,
    usual_values,
)
from mulle.bundle.prove import prove
from mulle.errors import DataError, UsageError
from mulle.graph import MISSING_DATE, MISSING_STRING, arrays, g
from mulle.metrics import metric
from mulle.table import Column, Kind, Schema, Storage, Target

GOLDEN = Path(__file__).parent / "golden"
X = Column("x", Kind.continuous, Storage.number)
YES_NO = Target(Column("y", Kind.nominal, Storage.string), "binary", ("no", "yes"))


class Given:
    """A pipeline whose probability of `yes` is its only column."""

    def predict(self, columns):
        p = np.nan_to_num(columns["x"], nan=0.5).clip(0, 1)
        return np.hstack([1 - p, p])

    def split_points(self):
        return {"x": np.array([0.3])}

    def to_onnx(self, inputs):
        one = g.constant_of(np.array(1.0))
        x = inputs["x"]
        p = g.clip(
            g.where(g.isnan(x), g.constant_of(np.array(0.5)), x), g.constant_of(np.array(0.0)), one
        )
        return g.concat([g.sub(one, p), p], axis=1)


@pytest.fixture
def model():
    return package(Given(), Manifest(YES_NO, Schema((X,)), threshold=0.3), width=10**6)


def rows():
    rng = np.random.default_rng(0)
    x = rng.random(300)
    return pl.DataFrame({"x": x, "y": np.where(rng.random(300) < x, "yes", "no")})


def labelled(model, frame):
    found = read_labelled(model, frame)
    return arrays(found.table), found.y


def test_scores_are_of_the_graphs_labels(model):
    inputs, y = labelled(model, rows())
    found = score(model, inputs, y, with_interval={"f1"})
    called = rows()["x"].to_numpy() >= 0.3
    assert found["f1"] == pytest.approx(sk.f1_score(y, called))
    assert found["roc_auc"] == pytest.approx(sk.roc_auc_score(y, rows()["x"]))
    assert found.confusion().tolist() == sk.confusion_matrix(y, called).tolist()
    assert found.intervals["f1"].low < found["f1"] < found.intervals["f1"].high
    assert np.isnan(found.intervals["roc_auc"].low)
    assert next(iter(found.values())) == "roc_auc" and found.rows == 300
    (only,) = score(model, inputs, y, [metric("mcc")]).intervals
    assert only == "mcc"


def test_labels_are_read_by_the_target_and_rows_without_one_left_out(model):
    frame = pl.DataFrame({"x": [0.1, 0.9, 0.5], "y": ["No", None, "yes"]})
    inputs, y = labelled(model, frame)
    assert (inputs["x"].ravel().tolist(), y.tolist()) == ([0.1, 0.5], [0, 1])
    with pytest.raises(DataError) as caught:
        read_labelled(model, frame.with_columns(y=pl.lit(None, pl.String)))
    assert caught.value.code == "target-missing"


def test_the_proof_takes_the_threshold_of_the_file(model):
    inputs, _ = labelled(model, rows())
    proof = prove(model, Given(), inputs, inputs)
    assert (proof.rows, proof.generated, proof.label_flips) == (1300, 1000, 0)
    assert proof.near_boundary > 0, "rows one float either side of the threshold"
    other = package(Given(), msgspec.structs.replace(model.manifest, threshold=0.6))
    lie = type(model)(model.manifest, other.graph, other.members)
    assert prove(lie, Given(), inputs, inputs).label_flips > 50


def test_the_proof_keeps_the_standard_deviation_of_the_target(model):
    inputs, _ = labelled(model, rows())
    assert prove(model, Given(), inputs, inputs, std=250.0).std == 250.0


def test_rows_are_batched_by_the_width_of_the_graph(model):
    assert model.manifest.batch_rows == 16
    assert package(Given(), model.manifest, width=1).manifest.batch_rows == 10_000


def test_what_is_delivered_is_what_was_packaged(model, tmp_path):
    inputs, y = labelled(model, rows())
    proof, latency = prove(model, Given(), inputs, inputs), measure_latency(model, inputs, runs=20)
    scores = {"test": score(model, inputs, y).values()}
    path = tmp_path / "m.mulle"
    delivered = deliver(path, model, proof=proof, scores=scores, latency=latency, lang="ko")
    manifest = load(path).manifest
    assert (manifest.parity, manifest.scores, manifest.threshold) == (proof, scores, 0.3)
    assert manifest.latency_us == {"p50": latency.p50, "p99": latency.p99}
    assert delivered.graph == model.graph and "양성 클래스" in delivered.members["card.md"].decode()


def test_latencies_are_measured_side_by_side():
    model = load(GOLDEN / "binary.mulle")
    columns = model.inputs([dict.fromkeys(model.manifest.schema.names)] * 7)
    first, second = measure_latencies([model, model], [columns, columns])
    assert isinstance(first, Latency) and 0 < first.p50 <= first.p99
    assert 0.2 < first.p50 / second.p50 < 5


def test_usual_values_are_the_median_and_the_most_frequent():
    day, city = Column("d", Kind.datetime, Storage.date), Column("c", Kind.nominal, Storage.string)
    arrays = {
        "x": np.array([[1.0], [np.nan], [3.0], [9.0]]),
        "d": np.array([[5], [MISSING_DATE], [7], [6]]),
        "c": np.array([["b"], ["a"], ["a"], [MISSING_STRING]], dtype=object),
    }
    assert usual_values((X, day, city), arrays) == {"x": 3.0, "d": 6, "c": "a"}
    empty = {"x": np.full((2, 1), np.nan)}
    assert usual_values((X,), empty) == {"x": None}


def test_evaluate_takes_a_path_and_names_of_metrics(model, tmp_path):
    import mulle

    proof = prove(model, Given(), *[labelled(model, rows())[0]] * 2)
    deliver(tmp_path / "m.mulle", model, proof=proof, scores={}, latency=Latency(1.0, 2.0))
    rows().write_csv(tmp_path / "rows.csv")
    found = mulle.evaluate(tmp_path / "m.mulle", tmp_path / "rows.csv", metrics=["f1", "mcc"])
    called = rows()["x"].to_numpy() >= 0.3
    assert list(found.intervals) == ["f1", "mcc"]
    assert found["f1"] == pytest.approx(sk.f1_score(rows()["y"] == "yes", called))
    with pytest.raises(UsageError, match="'rmse' is not a metric for predicting two classes"):
        mulle.evaluate(model, rows(), metrics=["rmse"])
