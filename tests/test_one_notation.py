"""One table, however it is laid out and written, is one table to every verb.

The notation of a column belongs to the model, the layout to each file: a model answers a file in
another encoding, format or order as it answers the one it was fitted on.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.table.layouts.files import workbook
from tests.verbs.serve.conftest import Server
from tests.verbs.serve.test_monitor import until

import mulle
from mulle.bundle import load
from mulle.bundle.batch import predict_file

QUICK = {"preset": "quick", "trials": 2, "n_jobs": 1, "lang": "en"}
NAMES = ("price", "day", "city", "sold")


def rows(count: int, seed: int, last_day: int) -> list[dict[str, Any]]:
    """Rows whose label follows from the month and the price; days up to `last_day` of a month."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        price = round(float(rng.uniform(-900, 2500)), 2)
        month, day = int(rng.integers(1, 13)), int(rng.integers(1, last_day + 1))
        city = str(rng.choice(["서울", "부산", "대구"]))
        sold = month > 6 if rng.random() < 0.8 else price > 800
        found.append(
            {
                "price": None if rng.random() < 0.05 else price,
                "day": date(2024, month, day),
                "city": None if rng.random() < 0.05 else city,
                "sold": "yes" if sold else "no",
            }
        )
    return found


OLD = rows(160, 0, 28)
NEW = rows(60, 1, 12)  # no day tells the order of day and month


# --- notations: how cells are written ----------------------------------------------------------


def german(row: dict[str, Any]) -> dict[str, str]:
    """Write cells as in Germany: 1.234,50 and 13.04.2024."""
    price = row["price"]
    marks = str.maketrans(",.", ".,")
    return {
        "price": "" if price is None else f"{price:,.2f}".translate(marks),
        "day": f"{row['day']:%d.%m.%Y}",
        "city": row["city"] or "",
        "sold": row["sold"],
    }


def plain(row: dict[str, Any]) -> dict[str, str]:
    """Write cells as computers do."""
    return {name: "" if row[name] is None else str(row[name]) for name in NAMES}


def korean(row: dict[str, Any]) -> dict[str, str]:
    """Write cells as in a Korean office: 1,234.50원, 2024년 4월 13일, 미상 for missing."""
    price, day = row["price"], row["day"]
    return {
        "price": "미상" if price is None else f"{price:,.2f}원".replace("-", "△"),
        "day": f"{day.year}년 {day.month}월 {day.day}일",
        "city": row["city"] or "",
        "sold": row["sold"],
    }


def booked(row: dict[str, Any]) -> dict[str, str]:
    """Write cells as in American books: $(1,234.50) and 04/13/2024, n/a for missing."""
    price = row["price"]
    money = "" if price is None else f"${abs(price):,.2f}"
    return {
        "price": "n/a" if price is None else f"({money})" if price < 0 else money,
        "day": f"{row['day']:%m/%d/%Y}",
        "city": row["city"] or "",
        "sold": row["sold"],
    }


NOTATIONS = {"plain": plain, "german": german, "korean": korean, "booked": booked}


# --- layouts: where cells stand ----------------------------------------------------------------

Cells = list[dict[str, str]]


def csv_text(cells: Cells, delimiter: str = ",") -> str:
    """Return cells as CSV."""
    return pl.DataFrame(cells).write_csv(separator=delimiter, quote_style="non_numeric")


def with_blanks(cells: Cells) -> str:
    """Return cells as CSV, with a row of nothing behind the first and the third row."""
    lines = csv_text(cells).splitlines()
    nothing = ",".join([""] * len(cells[0]))
    return "\n".join([*lines[:2], nothing, *lines[2:4], nothing, *lines[4:]]) + "\n"


def sheet(cells: Cells) -> bytes:
    """Return cells as texts on the second sheet of a workbook, behind a cover."""
    table = [list(cells[0]), *(list(row.values()) for row in cells)]
    return workbook({"표지": ([["매출 보고"]], []), "자료": (table, [])})


def parquet(cells: Cells) -> bytes:
    """Return cells as texts in a Parquet file."""
    buffer = io.BytesIO()
    pl.DataFrame(cells).write_parquet(buffer)
    return buffer.getvalue()


LAYOUTS: dict[str, Callable[[Cells], bytes]] = {
    "a.csv": lambda c: csv_text(c, ";").encode("cp949"),
    "b.csv": lambda c: csv_text(c).encode("utf-8"),
    "c.txt": lambda c: csv_text(c, "\t").encode("utf-16"),
    "d.csv": lambda c: ("매출 현황\n\n" + csv_text(c)).encode("utf-8-sig"),
    "e.csv": lambda c: csv_text(c, ";").replace("\n", "\r").encode("utf-8"),
    "f.json": lambda c: json.dumps(c, ensure_ascii=False).encode(),
    "g.jsonl": lambda c: "".join(json.dumps(x) + "\n" for x in c).encode(),
    "h.json": lambda c: pl.DataFrame(c).to_pandas().to_json(force_ascii=False).encode(),
    "i.parquet": parquet,
    "j.xlsx": sheet,
}


@pytest.fixture(scope="module", params=["german", "korean"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A model of one notation, with the later rows in every layout beside it."""
    folder = tmp_path_factory.mktemp(request.param)
    write = NOTATIONS[request.param]
    (folder / "old.csv").write_bytes(LAYOUTS["a.csv"]([write(row) for row in OLD]))
    later = [write(row) for row in NEW]
    for name, lay in LAYOUTS.items():
        (folder / name).write_bytes(lay(later))
    with contextlib.chdir(folder):
        result = mulle.fit("old.csv", "sold", test="b.csv", output=".", **QUICK)
        return World(folder, folder / result.bundle, later, dict(result.packaged.scores))


@dataclass(frozen=True)
class World:
    """A folder with a model, and the later rows as cells."""

    folder: Path
    bundle: Path
    later: Cells
    tested: dict[str, float]

    @property
    def expected(self) -> pl.DataFrame:
        """The later rows as they are meant, in the storage of the model's columns."""
        meant = pl.DataFrame(NEW, schema_overrides={"price": pl.Float64})
        frame = meant.select(pl.col("price"), pl.col("day").cast(pl.Datetime("us")), "city")
        return frame.select(load(self.bundle).manifest.schema.names)


def test_cells_mean_what_they_meant_in_training(world: World) -> None:
    schema = load(world.bundle).manifest.schema
    assert set(schema.names) == {"price", "day", "city"}
    for name in LAYOUTS:
        found = schema.validate_rows(world.folder / name).frame
        assert found.equals(world.expected), name
    for row, cells in zip(world.expected.iter_rows(named=True), world.later, strict=True):
        read_row = schema.row(cells)
        assert (read_row["price"], read_row["city"]) == (row["price"], row["city"])


def test_a_file_in_any_layout_gets_the_same_answers(world: World) -> None:
    model = load(world.bundle)
    expected = model.predict_proba(world.later)
    assert len(np.unique(expected)) > len(NEW) / 2  # the model is no constant
    for name in LAYOUTS:
        assert np.array_equal(model.predict_proba(world.folder / name), expected), name
        batches = predict_file(model, world.folder / name, rows=7).start(0)
        found = pl.concat([batch.predictions for batch in batches])
        assert found.drop("prediction").to_numpy() == pytest.approx(expected, abs=1e-9), name
    frame = pl.DataFrame(world.later)
    for given in (frame, frame.to_pandas(), frame.to_dict(as_series=False)):
        assert np.array_equal(model.predict_proba(given), expected)


def test_a_row_that_is_left_out_keeps_its_place_in_every_answer(world: World) -> None:
    model = load(world.bundle)
    (world.folder / "blank.csv").write_text(with_blanks(world.later), encoding="utf-8")
    expected = model.predict(world.later).tolist()
    expected = [expected[0], None, *expected[1:3], None, *expected[3:]]
    path = world.folder / "blank.csv"
    assert model.predict(path).tolist() == expected
    assert model.predict(path.read_text("utf-8")).tolist() == expected
    assert np.isnan(model.predict_proba(path)).any(1).nonzero()[0].tolist() == [1, 4]
    whys = model.predict(path, why=True)
    assert [why.prediction for why in whys] == expected and whys[1].contributions == []
    found = predict_file(model, path, rows=7, why=True)
    answers = pl.concat([batch.predictions for batch in found.start(0)])
    assert answers["prediction"].to_list() == expected
    assert answers[1].null_count().row(0) == answers[4].null_count().row(0) == (1,) * 4
    assert [out.rows for out in found.reading.left_out if out.code == "blank-rows"] == [(2, 5)]
    assert mulle.evaluate(world.bundle, path).rows == len(NEW)
    assert mulle.watch(world.bundle, path).n_cur == len(NEW)


def test_scores_are_the_same_in_fit_evaluate_watch_and_retrain(world: World) -> None:
    with contextlib.chdir(world.folder):
        for name in LAYOUTS:
            scores = mulle.evaluate(world.bundle, name)
            assert scores.values() == pytest.approx(world.tested), name
            assert scores.rows == len(NEW)
            (watched,) = mulle.watch(world.bundle, name).performance
            assert watched.score == pytest.approx(world.tested[watched.metric]), name
        for name in ("a.csv", "b.csv", "j.xlsx", "f.json"):
            outcome = mulle.retrain(world.bundle, name, old="old.csv", dry_run=True, **QUICK)
            assert (outcome.rows.new, outcome.rows.duplicates) == (len(NEW), 0), name


def ended(server: Server, job: str) -> dict[str, Any] | None:
    """Return a job once it has ended."""
    found: dict[str, Any] = server.get(f"/jobs/{job}").json()
    return found if found["ended"] else None


def test_a_server_answers_the_same_in_json_csv_and_jobs(world: World) -> None:
    model = load(world.bundle)
    expected = model.predict_proba(world.later)
    records = [{k: v for k, v in cells.items() if k != "sold"} for cells in world.later]

    def same(answers: list[dict[str, Any]], wanted: np.ndarray) -> None:
        found = [[one["probabilities"][label] for label in model.classes_] for one in answers]
        assert np.array(found) == pytest.approx(wanted, abs=1e-9)

    server = Server(world.bundle, cwd=world.folder)
    try:
        same(server.post("/predict", records).json()["predictions"], expected)
        same([server.post("/predict", records[0]).json()], expected[:1])
        text = server.post("/predict", csv_text(records).encode(), content_type="text/csv").json()
        same(text["predictions"], expected)
        blank = with_blanks(records).encode()
        answers = server.post("/predict", blank, content_type="text/csv").json()["predictions"]
        assert [i for i, one in enumerate(answers) if one["label"] is None] == [1, 4]
        same([one for one in answers if one["label"] is not None], expected)
        for name in ("a.csv", "c.txt", "g.jsonl", "i.parquet"):
            body = (world.folder / name).read_bytes()
            job = server.post(f"/jobs?name={name}&format=csv", body, content_type="x/x").json()
            done = until(
                lambda job=job: (s := server.get(f"/jobs/{job['id']}").json())["ended"] and s
            )
            result = pl.read_csv(server.get(done["links"]["result"]).body)
            assert result.drop("prediction").to_numpy() == pytest.approx(expected, abs=1e-9), name
    finally:
        server.stop()


def test_models_of_all_notations_are_one_model(tmp_path: Path) -> None:
    answers = []
    for name, write in NOTATIONS.items():
        folder = tmp_path / name
        folder.mkdir()
        with contextlib.chdir(folder):
            cells = [write(row) for row in OLD]
            bundle = mulle.fit(pl.DataFrame(cells), "sold", output=".", **QUICK).bundle
            answers.append(load(bundle).predict_proba([write(row) for row in NEW]))
    assert len(np.unique(answers[0])) > len(NEW) / 2
    assert all(np.array_equal(one, answers[0]) for one in answers)


def test_explore_reads_the_other_table_by_the_notation_of_the_first(tmp_path: Path) -> None:
    first = [german(row) for row in OLD]
    other = [german(row) for row in NEW]
    other[3]["price"] = "viel"
    (tmp_path / "old.csv").write_text(csv_text(first, ";"), encoding="utf-8")
    (tmp_path / "new.csv").write_text(csv_text(other), encoding="utf-8")
    report = mulle.explore(tmp_path / "old.csv", against=tmp_path / "new.csv")
    found = report.comparison
    meant = mulle.explore(pl.DataFrame(OLD), against=pl.DataFrame(NEW)).comparison
    assert found.kinds_changed == {} and found.rows == len(NEW)
    days, expected = (next(d for d in one.drifts if d.column == "day") for one in (found, meant))
    assert (days.score, days.n_cur) == (expected.score, expected.n_cur)
    price = next(c for c in found.summaries if c.name == "price")
    assert price.missing == 1 + sum(row["price"] is None for row in NEW)
    (out,) = [out for out in report.left_out if out.code == "cells-otherwise"]
    assert (out.column, out.count, out.values) == ("price", 1, {"examples": ["viel"]})
