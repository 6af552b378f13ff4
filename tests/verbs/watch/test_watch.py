"""From a model file and rows to a report: what the bundle carries, scores, pages, old bundles."""

import json
import re
import sys
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.verbs.watch.made import table

import mulle
from mulle.bundle import WATCH, load, parse_baseline
from mulle.errors import BundleError, DataError, UnknownName
from mulle.metrics import metric
from mulle.verbs.watch import DriftReport, Reference, Window, watch

GOLDEN = Path(__file__).parents[2] / "bundle" / "golden"


def test_a_bundle_carries_what_it_learned_from(bundle):
    model = load(bundle)
    known = parse_baseline(model.members[WATCH])
    lineage = model.manifest.lineage
    size = known.columns["size"]
    assert size.rows == lineage["rows"] == sum(known.target.counts.values())
    assert sum(size.counts) + size.missing == size.rows and size.error == 0
    assert known.answers.rows == known.score.rows == lineage["test_rows"]
    assert 0 < sum(known.answers.true) < known.answers.rows
    assert known.score.low < known.score.score < known.score.high
    assert known.importances["size"][0] > known.importances["rooms"][0]
    assert set(known.columns["note"].scripts) == {"hangul", "latin"}


def test_new_rows_of_the_same_sort_show_no_drift(bundle):
    found = mulle.watch(bundle, table(3000, 1).drop("price"))
    assert not found.dataset_drift and found.number_of_drifted_columns == 0
    assert found.prediction.status == found.target.status == "no_drift_seen"
    assert found.performance[0].metric == "roc_auc" and not found.absent
    assert mulle.watch(bundle, table(900, 2)).performance[0].status != "worse"


def test_a_shift_is_found_in_the_column_and_in_the_answers(bundle):
    found = mulle.watch(bundle, table(3000, 1, 0.8).drop("price", "sold"))
    assert next(iter(found.columns)) == "size" and found.columns["size"].drift_detected
    assert found.prediction.drift_detected and found.dataset_drift
    assert found.number_of_drifted_columns == 1 and found.share_of_drifted_columns == 0.2
    assert found.performance == [] and found.target is None


def test_the_score_is_the_metric_on_the_rows_with_labels(bundle):
    model, rows = load(bundle), table(900, 2)
    found = watch(model, rows).performance[0]
    y = (rows["sold"] == model.manifest.labels[1]).to_numpy().astype(int)
    expected = metric(found.metric).score(y, model.predict_proba(rows))
    assert found.score == pytest.approx(expected) and found.low < found.score < found.high
    broken = rows.with_columns(pl.Series("sold", np.where(rows["sold"] == "yes", "no", "yes")))
    worse = watch(model, broken)
    assert worse.performance[0].status == "worse"
    renamed = watch(model, rows.rename({"sold": "answer"}), target="answer")
    assert renamed.performance[0].score == found.score


def test_rows_without_a_label_are_no_labels(bundle):
    rows = table(900, 2).with_columns(pl.when(pl.int_range(900) > 99).then("sold").alias("sold"))
    found = mulle.watch(bundle, rows)
    assert found.performance[0].rows == 800
    assert found.n_labels_unknown == 0 and found.labels_unknown == {}


def test_labels_in_another_case_are_the_same_labels(bundle):
    rows = table(900, 2)
    shouted = rows.with_columns(pl.col("sold").str.to_titlecase())
    assert mulle.watch(bundle, shouted).performance == mulle.watch(bundle, rows).performance


def test_unknown_labels_are_counted_and_told(bundle):
    odd = pl.when(pl.int_range(900) < 40).then(pl.lit("maybe")).otherwise("sold").alias("sold")
    found = mulle.watch(bundle, table(900, 2).with_columns(odd))
    assert found.performance[0].rows == 860 and found.target.n_cur == 860
    assert found.n_labels_unknown == 40 and found.labels_unknown == {"maybe": 40}
    assert json.loads(found.to_json())["labels_unknown"] == {"maybe": 40}
    english, korean = (
        "40 rows have labels that the model does not know (maybe)",
        "40행의 레이블을",
    )
    for text, lang in ((english, "en"), (korean, "ko")):
        assert text in found.summary(lang) and text in found.to_html(lang)


def test_labels_that_are_mostly_unknown_are_refused(bundle):
    odd = pl.when(pl.int_range(900) < 500).then(pl.lit("maybe")).otherwise("sold").alias("sold")
    with pytest.raises(DataError) as caught:
        mulle.watch(bundle, table(900, 2).with_columns(odd))
    assert caught.value.code == "watch-labels-unknown"
    assert "500 of 900" in caught.value.what and "maybe" in caught.value.what
    assert "no, yes" in caught.value.fix or "yes, no" in caught.value.fix


def test_the_estimate_without_labels_is_near_the_real_score(bundle):
    model = load(bundle)
    for shift in (0.0, 1.0):
        rows = table(4000, 3, shift)
        # the same rows still mean the same: labels follow from the shifted size
        y = rows["size"].fill_null(0).to_numpy() + 0.6 * np.random.default_rng(9).normal(size=4000)
        y = y + (rows["city"] == "서울").to_numpy() > 0.2
        estimate = {p.metric: p for p in watch(model, rows.drop("sold")).estimated_performance}
        real = (model.predict(rows) == np.where(y, "yes", "no")).mean()
        assert estimate["accuracy"].estimated
        assert estimate["accuracy"].score == pytest.approx(real, abs=0.04)


def test_a_model_of_values_is_watched_too(valued):
    found = mulle.watch(valued, table(1500, 4, 0.0).drop("sold", "note", "day"))
    assert found.prediction is not None and found.performance[0].metric == "rmse"
    assert found.estimated_performance == [] and not found.dataset_drift
    assert found.target.kind == "continuous"


def test_against_other_rows(bundle, tmp_path):
    earlier = tmp_path / "earlier.csv"
    table(3000, 5, 0.8).write_csv(earlier)
    rows = table(3000, 6, 0.8)
    assert mulle.watch(bundle, rows).dataset_drift
    found = mulle.watch(bundle, rows, against=earlier)
    assert not found.dataset_drift and found.reference == "earlier.csv"


def test_against_an_earlier_window(bundle):
    model = load(bundle)
    reference = Reference.of(model)
    earlier, later = Window(reference), Window(reference)
    for window, seed in ((earlier, 7), (later, 8)):
        inputs = model.inputs(table(2000, seed, 0.8))
        window.update(inputs, predictions=model.predict_arrays(inputs))
    assert watch(model, later).columns["size"].drift_detected
    found = watch(model, later, against=earlier)
    assert not found.dataset_drift and found.prediction.n_ref == 2000


@pytest.mark.parametrize("name", ["binary", "multiclass", "regression"])
def test_bundles_from_before_are_answered_with_what_they_have(name):
    rows = json.loads((GOLDEN / "rows.json").read_text("utf-8"))
    model = load(GOLDEN / f"{name}.mulle")
    found = watch(model, rows)
    assert found.status == "cannot_tell" and found.reason.code == "nothing-recorded"
    assert set(found.absent) >= set(model.manifest.schema.names)
    assert set(found.absent.values()) == {"not-recorded"}
    assert "not recorded" in found.to_html().lower()
    again = watch(model, rows, against=rows)
    assert again.columns and not again.dataset_drift


def test_the_profile_alone_is_enough_for_the_columns(bundle):
    model = load(bundle)
    del model.members[WATCH]
    found = watch(model, table(3000, 1, 0.8))
    assert found.columns["size"].drift_detected and found.prediction is None
    assert found.absent == {"note": "not-recorded"} | {
        f"<{part}>": "not-recorded" for part in ("target", "answers", "score")
    }
    assert not watch(model, table(3000, 1)).dataset_drift


def test_what_was_recorded_is_refused_where_it_is_damaged_or_newer(bundle):
    data = load(bundle).members[WATCH]
    with pytest.raises(BundleError, match="cannot be trusted"):
        parse_baseline(data[:-4])
    with pytest.raises(BundleError, match="cannot be trusted"):
        parse_baseline(data.replace(b'"counts":[', b'"counts":[1,', 1))
    newer = msgspec.json.decode(data) | {"version": 99}
    with pytest.raises(BundleError, match="version 99"):
        parse_baseline(msgspec.json.encode(newer))


def test_the_verdict_as_json_has_the_shape_that_people_parse(bundle):
    found = mulle.watch(bundle, table(3000, 1, 0.8))
    plain = json.loads(found.to_json())
    assert plain["version"] == 2 and plain["dataset_drift"] is True
    wanted = {"measure", "score", "threshold", "drift_detected", "n_ref", "n_cur", "reason"}
    wanted |= {"status", "could_hide", "reason_code", "reason_values"}
    assert {"reference", "current"} <= set(plain["columns"]["size"]["picture"])
    assert all(wanted <= set(c) and isinstance(c["reason"], str) for c in plain["columns"].values())
    assert "standard deviations" in plain["columns"]["size"]["reason"]
    assert "표준편차" in json.loads(found.to_json("ko"))["columns"]["size"]["reason"]
    assert DriftReport.from_json(found.to_json("ko")) == found
    with pytest.raises(DataError, match="version 9"):
        DriftReport.from_json(b'{"version": 9}')
    with pytest.raises(DataError, match="cannot be read"):
        DriftReport.from_json(b'{"version": 1}')


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_tells_all_in_one_file(bundle, lang):
    found = mulle.watch(bundle, table(3000, 1, 0.8))
    page = found.to_html(lang)
    for name in found.columns:
        assert name in page
    assert page.count("<svg") >= 5 and not re.search(r"(?:src|href)=.https?:", page)
    assert "{" not in found.summary(lang) and found.summary(lang).splitlines()[0] in page


def test_wrong_calls_say_what_to_do(bundle):
    with pytest.raises(UnknownName, match="no column named 'sald'"):
        mulle.watch(bundle, table(50), target="sald")
    with pytest.raises(DataError, match="no rows"):
        mulle.watch(bundle, table(50).head(0))


def as_if_large(monkeypatch, block):
    monkeypatch.setattr(sys.modules["mulle.table.stream.size"], "MAX_WHOLE_BYTES", 1 << 10)
    monkeypatch.setattr(sys.modules["mulle.verbs.watch.watch"], "BLOCK", block)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_a_large_file_is_read_in_blocks_with_the_same_verdict_to_the_bit(
    bundle, tmp_path, monkeypatch, suffix
):
    path, rows = tmp_path / f"new.{suffix}", table(2500, 1, 0.8)
    how = {"csv": rows.write_csv, "parquet": rows.write_parquet, "jsonl": rows.write_ndjson}
    how[suffix](path)
    monkeypatch.setattr(sys.modules["mulle.verbs.watch.watch"], "BLOCK", 1000)
    monkeypatch.setattr(sys.modules["mulle.verbs.watch.sample"], "MAX_ROWS", 800)
    whole = mulle.watch(bundle, path)
    as_if_large(monkeypatch, 1000)
    parts = mulle.watch(bundle, path)
    assert parts.n_cur == whole.n_cur == 2500 and parts.performance[0].rows == 625
    assert msgspec.structs.replace(parts, created="") == msgspec.structs.replace(whole, created="")


def test_labels_under_another_name_are_read_of_a_large_file_too(bundle, tmp_path, monkeypatch):
    for suffix in ("csv", "parquet"):
        path, rows = tmp_path / f"n.{suffix}", table(1500, 1).rename({"sold": "answer"})
        (rows.write_csv if suffix == "csv" else rows.write_parquet)(path)
        as_if_large(monkeypatch, 400)
        assert mulle.watch(bundle, path, target="answer").performance[0].rows == 1500
        with pytest.raises(UnknownName):
            mulle.watch(bundle, path, target="nothing")


def test_a_large_file_may_be_what_rows_are_compared_with(bundle, tmp_path, monkeypatch):
    table(3000, 5, 0.8).write_csv(tmp_path / "earlier.csv")
    table(3000, 6, 0.8).write_csv(tmp_path / "later.csv")
    as_if_large(monkeypatch, 700)
    found = mulle.watch(bundle, tmp_path / "later.csv", against=tmp_path / "earlier.csv")
    assert not found.alarm and found.n_ref == found.n_cur == 3000
    assert found.performance[0].reference == pytest.approx(found.performance[0].score, abs=0.03)
