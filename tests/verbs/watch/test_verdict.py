"""The one verdict: what raises an alarm, in which order, and who reads it."""

import json

import numpy as np
import polars as pl
import pytest
from tests.verbs.watch.made import table

import mulle
from mulle.cli import main
from mulle.profile.drift import ColumnDrift, Limits, Status
from mulle.verbs.retrain.drift import check_drift
from mulle.verbs.watch import (
    DriftReport,
    Performance,
    ScoreStatus,
    VerdictStatus,
    Window,
    compare,
    judge,
    reference_of,
)
from mulle.verbs.watch.alert.measures import measure
from mulle.verbs.watch.alert.rules import Rule


def flipped(rows: pl.DataFrame) -> pl.DataFrame:
    other = pl.when(pl.col("sold") == "yes").then(pl.lit("no")).otherwise(pl.lit("yes"))
    return rows.with_columns(sold=other)


def column(status: str, hidden: float | None = 0.1) -> ColumnDrift:
    return ColumnDrift(
        kind="continuous", status=Status(status), drift_detected=status == "drifted", measure="ks",
        score=0.1, threshold=0.02, low=0.0, high=0.1, could_hide=hidden, n_ref=900, n_cur=900,
        reason_code="no-drift-seen", reason_values={"hidden": hidden, "rows": 900},
    )  # fmt: skip


def score(status: str, *, estimated: bool = False) -> Performance:
    code = "estimate-worse" if estimated else "score-worse"
    return Performance(
        "roc_auc", 0.5, 0.4, 0.6, 900, 0.8, 0.7, 0.9, ScoreStatus(status), code, {}, estimated
    )


CALM, MOVED, UNSURE = (column(s) for s in ("no_drift_seen", "drifted", "cannot_tell"))


@pytest.mark.parametrize(
    ("columns", "prediction", "target", "real", "guess", "status", "causes"),
    [
        ([CALM], CALM, CALM, "kept", "kept", "no_drift_seen", []),
        ([CALM], CALM, CALM, "worse", "kept", "worse", ["score"]),
        ([CALM], CALM, CALM, "kept", "worse", "no_drift_seen", []),
        ([CALM], CALM, None, None, "worse", "worse", ["estimate"]),
        ([CALM], CALM, CALM, "cannot_tell", "worse", "worse", ["estimate"]),
        ([CALM], CALM, MOVED, "kept", None, "drifted", ["target"]),
        ([CALM], MOVED, CALM, "kept", None, "drifted", ["prediction"]),
        ([MOVED, CALM], MOVED, MOVED, "worse", None, "worse",
         ["score", "columns", "target", "prediction"]),
        ([UNSURE, UNSURE, CALM], CALM, None, None, None, "cannot_tell", []),
        ([UNSURE, CALM, CALM], CALM, None, None, None, "no_drift_seen", []),
        ([], None, None, "cannot_tell", None, "cannot_tell", []),
        ([], None, None, "worse", None, "worse", ["score"]),
    ],
)  # fmt: skip
def test_the_first_that_holds_is_the_verdict(
    columns, prediction, target, real, guess, status, causes
):
    verdict = judge(
        {str(k): c for k, c in enumerate(columns)}, prediction, target,
        [score(real)] if real else [], [score(guess, estimated=True)] if guess else [], 900,
    )  # fmt: skip
    assert verdict.status == status and verdict.causes == causes
    assert verdict.alarm is (status in {"worse", "drifted"})


def test_what_could_hide_is_of_the_columns_that_have_rows_enough():
    verdict = judge(
        {"a": column("no_drift_seen", 0.08), "b": column("cannot_tell", 0.6)},
        None,
        None,
        [],
        [],
        900,
    )
    assert verdict.could_hide == verdict.reason.values["hidden"] == 0.08


@pytest.fixture(scope="module")
def labels_flipped(tmp_path_factory):
    path = tmp_path_factory.mktemp("flipped") / "flipped.csv"
    flipped(table(900, 2)).write_csv(path)
    return path


def test_a_score_that_is_surely_worse_comes_first_and_ends_with_3(bundle, labels_flipped, capfd):
    capfd.readouterr()
    for lang, begin in (
        ("en", "Surely worse: ROC AUC is 0."),
        ("ko", "ROC AUC 값이 확실히 나빠졌습니다."),
    ):
        code = main(["watch", str(bundle), str(labels_flipped), "--fail-on-drift", "--lang", lang])
        assert code == 3 and capfd.readouterr().out.startswith(begin)


def test_all_who_judge_read_the_same_verdict(bundle, labels_flipped, tmp_path):
    report = mulle.watch(bundle, labels_flipped)
    assert report.alarm and report.status is VerdictStatus.worse and report.causes[0] == "score"
    plain = json.loads(report.to_json())
    assert (plain["status"], plain["alarm"], plain["causes"][0]) == ("worse", True, "score")
    assert plain["reason"].startswith("Surely worse") and plain["reason"] in report.to_html("en")
    report.save(tmp_path / "verdict.json")
    for given in (str(tmp_path / "verdict.json"), "now"):
        found, evidence = check_drift(given, bundle, labels_flipped)
        assert found and evidence["causes"][0] == "score"
    for rule in (Rule("r", "dataset"), Rule("r", "performance")):
        assert [m.side for m in measure(rule, plain)] == ["over"]
    assert DriftReport.from_json(report.to_json()) == report


def test_labels_that_moved_alone_raise_the_alarm(bundle):
    rows = table(3000, 3)
    more = rows.with_columns(
        sold=pl.Series(np.where(np.random.default_rng(0).random(3000) < 0.3, "yes", rows["sold"]))
    )
    found = mulle.watch(bundle, more)
    assert found.alarm and "target" in found.causes and "columns" not in found.causes


def test_nothing_is_said_in_numbers_where_nothing_can_be_said(bundle):
    one_class = table(900, 2).with_columns(sold=pl.lit("yes"))
    for rows in (one_class, table(1, 2), table(5, 2), table(1, 2).drop("sold")):
        found = mulle.watch(bundle, rows)
        plain = json.loads(found.to_json())
        for part in (*plain["performance"], *plain["estimated_performance"]):
            if part["status"] == "cannot_tell":
                assert part["score"] is part["low"] is part["high"] is None
        for text in (found.summary("en"), found.summary("ko"), found.summary("en", verbose=True)):
            assert "0.0000" not in text and "nan" not in text
        page = found.to_html("en")
        assert "nan" not in page.replace("nance", "").lower().split("</style>")[1][:4000]
    found = mulle.watch(bundle, one_class)
    assert found.performance[0].reason.code == "score-one-class"
    assert "All 900 rows with a label have the same one" in found.summary("en")


def test_reports_of_the_first_version_know_no_alarm_but_drift(bundle):
    plain = json.loads(mulle.watch(bundle, table(3000, 1, 0.8)).to_json())
    old = {k: v for k, v in plain.items() if k not in {"alarm", "causes"}} | {"version": 1}
    assert DriftReport.from_json(json.dumps(old).encode()).alarm


def test_ordinary_rows_get_one_sentence(bundle):
    found = mulle.watch(bundle, table(3000, 4).drop("price", "sold").gather_every(2))
    text, verbose = (found.summary("en", verbose=v) for v in (False, True))
    assert "\n" not in text and text.startswith("No drift seen in 4 columns; a move below about")
    assert all(f"- {name}: " in verbose for name in ("size", "rooms", "city", "note", "day"))


@pytest.mark.parametrize(("lang", "needed"), [("en", "below 45 on"), ("ko", "45행보다 적으면")])
def test_how_many_rows_it_takes_is_what_the_limits_say(bundle, lang, needed):
    found = mulle.watch(bundle, table(40, 4).drop("price", "sold"), limits=Limits(min_rows=45))
    text = found.summary(lang)
    assert found.status is VerdictStatus.not_judged and "\n" not in text
    assert needed in text and "40" in text and "30" not in text.replace("3,000", "")


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "no column has values"), ("ko", "값이 있는 열이")]
)
def test_nothing_but_dates_is_no_lack_of_rows(lang, text):
    days = pl.DataFrame(
        {"day": pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 12, 31), eager=True)}
    )
    reference = reference_of(mulle.read(days))
    window = Window(reference)
    window.update(mulle.read(days))
    found = compare(reference, window)
    assert found.status is VerdictStatus.not_judged and text in found.summary(lang)
