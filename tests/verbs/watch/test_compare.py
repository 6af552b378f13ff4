"""A whole comparison: its status, the order of its columns, and its share of false alarms."""

from dataclasses import replace

import numpy as np
import polars as pl

import mulle
from mulle.profile import Answers
from mulle.verbs.watch import DriftReport, Status, compare, reference_of
from mulle.verbs.watch.window import Window


def normal(rows, seed, mean=0.0, **more):
    x = np.random.default_rng(seed).normal(mean, 1, rows)
    return pl.DataFrame({"x": x, **more})


def counted(before, now, **kinds):
    table = mulle.read(before, kinds=kinds)
    reference = reference_of(table)
    window = Window(reference)
    window.update(table.schema.validate(now))
    return reference, window


def test_the_status_of_the_whole():
    statuses = {
        Status.drifted: (5000, 5000, 0.5),
        Status.no_drift_seen: (5000, 5000, 0.0),
        Status.cannot_tell: (5000, 31, 0.0),
        Status.not_judged: (5000, 20, 5.0),
    }
    for status, (n, m, shift) in statuses.items():
        found = compare(*counted(normal(n, 0), normal(m, 1, shift)))
        assert found.status == status, status
        assert found.dataset_drift is (status is Status.drifted)
        assert (found.could_hide is None) is (status is Status.not_judged)
        assert (found.n_ref, found.n_cur) == (n, m)


def test_the_sentence_of_the_whole():
    few = compare(*counted(normal(5000, 0), normal(31, 1)))
    assert few.summary("en").startswith("Cannot tell: 31 rows are too few for 1 of 1 columns.")
    calm = compare(*counted(normal(5000, 0), normal(5000, 1)))
    hidden = f"{100 * calm.could_hide:.1f}%"
    assert calm.summary("en").startswith(
        f"No drift seen in 1 column; a move below about {hidden} of the rows could hide."
    )
    assert "판정하지 않음" in compare(*counted(normal(20, 0), normal(5000, 1))).summary("ko")


def test_columns_stand_by_effect_times_importance():
    before = normal(9000, 0, z=np.arange(9000.0))
    now = normal(9000, 1, 0.5, z=np.arange(9000.0) + 3000)
    reference, window = counted(before, now, z="continuous")
    order = {
        name: list(compare(replace(reference, importances=importances), window).columns)
        for name, importances in (("none", {}), ("x", {"x": 0.3, "z": 0.01}))
    }
    assert order == {"none": ["z", "x"], "x": ["x", "z"]}
    known = compare(replace(reference, importances={"x": 0.3}), window).columns
    assert known["x"].importance == 0.3 and known["z"].importance is None


def test_predictions_share_the_false_alarm_rate_of_the_columns():
    shares = np.random.default_rng(0).random(5000)
    reference, window = counted(normal(5000, 0), normal(5000, 1, 0.2))
    answers = Answers.of(np.stack([1 - shares, shares], 1), (shares >= 0.5).astype(int))
    alone = compare(reference, window).columns["x"]
    window.answers = answers
    both = compare(replace(reference, answers=answers), window)
    assert both.prediction.status is Status.no_drift_seen
    assert both.columns["x"].low < alone.low  # what could hide in it is no matter of the others


def test_a_report_survives_its_json():
    found = compare(*counted(normal(5000, 0), normal(5000, 1, 0.5)))
    for lang in ("en", "ko"):
        assert DriftReport.from_json(found.to_json(lang)) == found
