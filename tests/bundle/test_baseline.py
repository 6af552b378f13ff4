"""What later rows are judged by is recorded whatever time a fit had."""

import numpy as np
import polars as pl
import pytest
from tests.verbs.watch.made import table

import mulle
from mulle.bundle import WATCH, BaselineScore, load, parse_baseline
from mulle.bundle.baseline import QUICK_ROWS, with_interval
from mulle.metrics import bootstrap_score, decided, metric


@pytest.mark.parametrize("rows", [60, 900, 9000])
@pytest.mark.parametrize("name", ["roc_auc", "log_loss", "rmse"])
def test_an_interval_that_no_time_was_left_for_is_that_of_all_rows(rows, name):
    rng = np.random.default_rng(0)
    p = 1 / (1 + np.exp(-rng.normal(0, 2, rows)))
    if name == "rmse":
        y = rng.normal(size=rows)
        predictions = decided(y + rng.normal(size=rows))
    else:
        y, predictions = (rng.random(rows) < p).astype(int), decided(np.stack([1 - p, p], 1))
    whole = bootstrap_score(metric(name), y, predictions, n_resamples=1000)
    found = with_interval(BaselineScore(name, whole.score, rows=rows), predictions, y)
    assert found.score == whole.score and found.low < found.score < found.high
    assert found.high - found.low == pytest.approx(whole.high - whole.low, rel=0.35)
    assert rows > QUICK_ROWS or found.low == pytest.approx(whole.low, abs=0.1 * whole.score)


@pytest.mark.parametrize("rows", [90, 400])
@pytest.mark.parametrize("how", [{"trials": 1}, {"time": 5}])
def test_fits_of_any_length_record_an_interval_and_a_calibration(tmp_path, monkeypatch, rows, how):
    monkeypatch.chdir(tmp_path)
    frame: pl.DataFrame = table(rows).select("size", "rooms", "city", "sold")
    mulle.fit(frame, "sold", preset="quick", n_jobs=1, output=".", **how)
    known = parse_baseline(load("table.mulle").members[WATCH])
    assert known.score.low <= known.score.score <= known.score.high
    assert known.score.low < known.score.high or how == {"trials": 1}  # the constant baseline
    assert sum(known.answers.values.counts) == known.answers.rows == known.score.rows
    assert 0 < sum(known.answers.true) < known.answers.rows
