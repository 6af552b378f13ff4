"""Rows of part of a year are compared with the training rows of the same months, and it is said."""

import contextlib
import json
import os
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

import mulle
from mulle.bundle import WATCH, load, parse_baseline
from mulle.bundle import seasons as counting
from mulle.cli import main
from mulle.graph import arrays
from mulle.verbs.watch import Reference, Window, compare
from mulle.verbs.watch.season import score_in_season

DATA = os.environ.get("MULLE_DATA")
START, DAY = np.datetime64("2022-01-01", "us"), 86_400_000_000


def weather(
    rows: int, seed: int, months: tuple[int, ...] = (), *, years: int = 2, warmer: float = 0.0
) -> pl.DataFrame:
    """Demand by temperature, which is that of the day of the year; only of some months.

    In winter it is harder to predict: its deviation is 3.5 in January, 0.5 in July.
    """
    rng = np.random.default_rng(seed)
    when = START + rng.integers(0, 365 * years * DAY, rows * (20 if months else 1))
    frame = pl.DataFrame({"when": when}).with_columns(
        pl.col("when").dt.month().alias("month"), pl.col("when").dt.ordinal_day().alias("day")
    )
    frame = frame.filter(pl.col("month").is_in(months)).head(rows) if months else frame
    season = np.cos(2 * np.pi * frame["day"].to_numpy() / 365)
    temperature = 15 - 10 * season + 3 * rng.normal(size=frame.height) + warmer
    wet = rng.random(frame.height) < 0.5 + 0.4 * season
    return pl.DataFrame(
        {
            "when": frame["when"],
            "temperature": temperature,
            "sky": np.where(wet, "rain", "sun"),
            "demand": 100 + 3 * temperature + (2 + 1.5 * season) * rng.normal(size=frame.height),
        }
    )


@pytest.fixture(scope="session")
def yearly(share) -> Path:
    def make(folder: Path) -> None:
        with contextlib.chdir(folder):
            weather(12_000, 0).write_parquet("weather.parquet")
            mulle.fit("weather.parquet", "demand", preset="quick", trials=2, n_jobs=1, output=".")

    return share("watch-seasons", make) / "weather.mulle"


@pytest.fixture
def reference(yearly):
    return Reference.of(load(yearly))


def window(model, reference, frame):
    made = Window(reference)
    made.update(model.manifest.schema.validate(frame))
    return made


def _arrays(model, frame):
    return arrays(model.manifest.schema.validate(frame))


def test_a_bundle_of_whole_years_has_counts_by_month(yearly, bundle):
    known = parse_baseline(load(yearly).members[WATCH])
    assert known.seasons.column == "when" and list(known.seasons.months) == list(range(1, 13))
    months = known.seasons.months.values()
    assert sum(m.rows for m in months) == known.target.rows
    assert sum(m.answers.rows for m in months) == known.answers.rows
    assert set(known.seasons.months[6].columns) == {"temperature", "sky"}
    whole = known.columns["temperature"].counts
    assert np.sum([m.columns["temperature"].counts for m in months], 0).tolist() == whole
    assert parse_baseline(load(bundle).members[WATCH]).seasons is None  # January to October


def test_june_is_compared_with_junes(yearly):
    rows = weather(1500, 1, (6,))
    before = mulle.watch(yearly, rows, whole_year=True)
    assert before.season is None and before.columns["temperature"].drift_detected
    assert before.columns["sky"].drift_detected and before.target.drift_detected
    found = mulle.watch(yearly, rows)
    assert found.season.months == [6] and found.season.answers
    assert found.n_ref == found.season.rows == found.columns["temperature"].n_ref < 1000
    assert found.status == "no_drift_seen" and not found.alarm
    assert found.target.status == "no_drift_seen"
    assert found.prediction.status in {"no_drift_seen", "cannot_tell"}


def test_it_is_said_everywhere(yearly):
    found = mulle.watch(yearly, weather(1500, 1, (6, 7)))
    english = (
        f"Compared with the training rows of the same months: June, July ({found.n_ref:,} rows)."
    )
    korean = f"학습한 행 가운데 같은 달(6월, 7월)의 {found.n_ref:,}행과 비교했습니다."
    for lang, sentence in (("en", english), ("ko", korean)):
        assert found.summary(lang).splitlines()[1] == sentence
        assert sentence in found.to_html(lang)
        assert found.to_dict(lang)["season"]["reason"] == sentence
    again = type(found).from_json(found.to_json())
    assert again.season == found.season
    calm = mulle.watch(yearly, weather(3000, 2))
    assert calm.season is None and "months" not in calm.summary()


def test_a_score_is_compared_with_that_of_the_same_months(yearly):
    january = weather(1500, 1, (1,))
    before = mulle.watch(yearly, january, whole_year=True).performance[0]
    assert before.status == "worse" and "months" not in before.reason_values
    report = mulle.watch(yearly, january)
    found = report.performance[0]
    assert found.status != "worse" and not report.alarm
    assert found.reference > 1.3 * before.reference and found.score == before.score
    assert "Those were the held-out rows of the same months: January." in report.summary("en")
    assert "같은 달(1월)의 행과 비교한 값입니다." in report.summary("ko")
    worse = january.with_columns(demand=pl.col("demand") + 4)
    assert mulle.watch(yearly, worse).performance[0].status == "worse"
    july = weather(1500, 2, (7,)).with_columns(demand=pl.col("demand") + 1)
    easy = [mulle.watch(yearly, july, whole_year=w).performance[0].status for w in (True, False)]
    assert easy == ["kept", "worse"]  # an error of 1.2 is small in a year, and large in July


def test_scores_of_several_months_are_weighed_as_the_rows_are(yearly, reference):
    scores = {m: month.score for m, month in reference.seasons.months.items()}
    assert all(score.low < score.score < score.high for score in scores.values())
    rows = [0] * 12
    rows[0], rows[6] = 300, 100
    found, months = score_in_season(reference, rows, 400)
    mean = np.average([scores[1].score ** 2, scores[7].score ** 2], weights=[3, 1]) ** 0.5
    assert months == [1, 7] and found.score == pytest.approx(mean)
    assert found.low < mean < found.high and 100 < found.rows < scores[1].rows + scores[7].rows
    ranks = replace(reference, score=msgspec.structs.replace(reference.score, metric="r2"))
    assert score_in_season(ranks, rows, 400) == (ranks.score, [])
    assert score_in_season(reference, [50] * 12, 600) == (reference.score, [])
    reference.seasons.months[7].score = None
    assert score_in_season(reference, rows, 400) == (reference.score, [])


def test_what_really_moved_in_june_is_found(yearly):
    found = mulle.watch(yearly, weather(1500, 3, (6,), warmer=2.0))
    assert found.season.months == [6] and found.columns["temperature"].drift_detected
    assert found.columns["sky"].status == "no_drift_seen"


def test_months_weigh_as_they_do_in_the_new_rows(yearly):
    rows = pl.concat([weather(1400, 4, (6,)), weather(150, 5, (1,))])
    found = mulle.watch(yearly, rows)
    assert found.season.months == [1, 6] and not found.dataset_drift


def test_a_few_stray_rows_are_no_month(yearly):
    rows = pl.concat([weather(1500, 4, (6,)), weather(20, 5, (1,))])
    found = mulle.watch(yearly, rows)
    assert found.season.months == [6] and not found.dataset_drift
    undated = weather(1500, 6, (6,)).with_columns(
        pl.when(pl.int_range(pl.len()) > 300).then("when").alias("when")
    )
    assert mulle.watch(yearly, undated).season is None


def test_months_that_the_reference_lacks_are_compared_with_all_rows(yearly, reference):
    model, rows = load(yearly), weather(1500, 1, (6, 7))
    for month in (None, 99):
        held = {**reference.seasons.months}
        july = held.pop(7)
        if month:
            july.rows = month
            held[7] = july
        fewer = replace(reference, seasons=type(reference.seasons)(reference.seasons.column, held))
        found = compare(fewer, window(model, fewer, rows))
        assert found.season is None and found.columns["temperature"].drift_detected
        assert found.columns["temperature"].n_ref == reference.columns["temperature"].rows


def test_predictions_of_another_season_are_not_compared(yearly, reference):
    model = load(yearly)
    reference.seasons.months[6].answers = None
    rows = window(model, reference, weather(1500, 1, (6,)))
    rows.add_predictions(model.predict_arrays(_arrays(model, weather(1500, 1, (6,)))))
    found = compare(reference, rows)
    assert found.prediction is None and not found.season.answers
    assert "Predictions are not compared: the held-out rows have too few" in found.summary()
    assert "예측은 비교하지 않았습니다." in found.summary("ko")


def test_months_of_windows_are_added_up_and_written(yearly, reference):
    model = load(yearly)
    one, two = (window(model, reference, weather(500, k, (k,))) for k in (6, 7))
    one.merge(two)
    assert one.months[5:7] == [500, 500] and sum(one.months) == 1000
    again = Window.from_bytes(one.to_bytes(), reference)
    assert again.months == one.months
    arrays_too = Window(reference)
    arrays_too.update(_arrays(model, weather(500, 6, (6,))))
    assert arrays_too.months[5] == 500
    plain = json.loads(one.to_bytes())
    del plain["months"]  # as an earlier version wrote it
    old = Window.from_bytes(json.dumps(plain).encode(), reference)
    assert old.months == [0] * 12 and compare(reference, old).season is None


@pytest.mark.parametrize("rows", [20, 60])
def test_a_few_rows_of_a_whole_year_are_of_no_season(yearly, rows):
    found = mulle.watch(yearly, weather(rows, 4))
    assert found.season is None and "months" not in found.summary()


def test_rows_without_the_dates_are_of_any_season(yearly, reference):
    hidden = replace(reference, columns={n: c for n, c in reference.columns.items() if n != "when"})
    made = Window(hidden)
    made.update({n: a for n, a in _arrays(load(yearly), weather(500, 1, (6,))).items()
                 if n != "when"})  # fmt: skip
    assert compare(hidden, made).season is None


def test_earlier_rows_are_compared_with_as_they_are(yearly):
    found = mulle.watch(yearly, weather(1500, 1, (6,)), against=weather(1500, 2, (1,)))
    assert found.season is None and found.columns["temperature"].drift_detected


def test_rows_of_june_are_called_drifted_at_most_one_time_in_a_hundred(yearly, reference):
    model = load(yearly)
    alarms = [
        compare(reference, window(model, reference, weather(300, 1000 + k, (5, 6)))).dataset_drift
        for k in range(100)
    ]
    assert sum(alarms) <= 3  # more than 3 of 100 has a chance of 2 % at 1 %


def test_what_takes_too_much_room_is_left_out_and_noted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(counting, "MAX_BYTES", 1000)
    how = {"preset": "quick", "trials": 1, "n_jobs": 1, "output": None}
    result = mulle.fit(weather(3000, 0), "demand", **how)
    assert "seasons-left-out" in [d.code for d in result.decisions]
    assert Reference.of(result.model).seasons is None
    assert mulle.watch(result.model, weather(1500, 1, (6,))).season is None


def test_at_most_so_many_rows_are_counted(monkeypatch):
    monkeypatch.setattr(counting, "MAX_CELLS", 6000)
    months = np.repeat(np.arange(1, 13), 1000)
    drawn = counting._draw(months, 3)
    assert len(drawn) == 2000 and len(set(drawn.tolist())) == 2000
    assert np.bincount(months[drawn])[1:].min() > 120  # of 167 that are to be expected


def test_the_option_of_the_command(yearly, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    weather(1500, 1, (6,)).write_parquet("june.parquet")
    assert main(["watch", str(yearly), "june.parquet", "--fail-on-drift"]) == 0
    assert "of the same months: June (" in capfd.readouterr().out
    assert main(["watch", str(yearly), "june.parquet", "--fail-on-drift", "--whole-year"]) == 3
    assert "months" not in capfd.readouterr().out


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="MULLE_DATA is not set")
def test_demand_of_half_hours_is_compared_by_season(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pl.read_parquet(Path(DATA) / "tables" / "vic_elec.parquet").drop("rownames")
    year, month = pl.col("Date").dt.year(), pl.col("Date").dt.month()
    past = frame.filter(year < 2014)
    how = {"preset": "quick", "trials": 2, "n_jobs": 1, "output": None}
    model = mulle.fit(past, "Demand", **how).model
    moved, calm = [], []
    for k in range(1, 13):
        rows = frame.filter((year == 2014) & (month == k))
        before, found = (mulle.watch(model, rows, whole_year=w) for w in (True, False))
        assert before.season is None and found.season.months == [k]
        pair = [report.columns["Temperature"] for report in (before, found)]
        moved.append([c.score for c in pair])
        calm.append([not c.drift_detected for c in pair])
    # what is left is the weather: June of 2014 was 1.6 degrees warmer than those before it
    assert np.sum(calm, 0).tolist() == [0, 5]
    before, found = np.mean(moved, 0)
    assert found < before / 2
    assert moved[5][1] < 0.6 * moved[5][0]
