"""The reading end: by model, version and time; labels by id; retention; Parquet beside SQL."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.errors import DataError, MissingFile, UnknownName, UsageError
from mulle.verbs.watch.log import (
    LogSettings,
    PredictionLog,
    Retention,
    attach_labels,
    attach_labels_from,
    prune_log,
    read_log,
    scan_log,
)
from mulle.verbs.watch.log.entry import Record
from mulle.verbs.watch.log.places import open_sink

DAY = datetime(2026, 3, 1, tzinfo=UTC)
PLACES = ("log.db", "parts")


def filled(
    place: Path, rows: int = 60, *, parts: int = 4, begin: datetime = DAY, prefix: str = "r"
) -> Path:
    """A log with a row an hour, of two models in turn, written in some batches."""
    sink = open_sink(place)
    first = int(begin.timestamp() * 1_000_000)
    records = [
        Record(f"{prefix}{n}", "", first + n * 3_600_000_000, "ab"[n % 2], str(n % 3),
               f'{{"n":{n}}}', f'{{"value":{n}.5}}')
        for n in range(rows)
    ]  # fmt: skip
    for begin_at in range(0, rows, rows // parts):
        sink.append(records[begin_at : begin_at + rows // parts])
    return place


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return filled(tmp_path / request.param)


def numbers(place: Path, **asked: object) -> list[int]:
    logged = read_log(place, **asked)  # type: ignore[arg-type]
    return logged.rows["n"].to_list() if len(logged) else []


def test_what_is_asked_for_is_read(place: Path) -> None:
    every = range(60)
    assert numbers(place) == list(every)
    assert numbers(place, model="b") == [n for n in every if n % 2]
    assert numbers(place, model="a", version="2") == [n for n in every if n % 6 == 2]
    since, until = DAY + timedelta(hours=10), DAY + timedelta(hours=20)
    assert numbers(place, since=since, until=until) == list(range(10, 20))
    seoul = since.astimezone(datetime.strptime("+0900", "%z").tzinfo)
    assert numbers(place, since=seoul, until=until) == list(range(10, 20))
    assert numbers(place, since=since.replace(tzinfo=None), until=until) == list(range(10, 20))
    assert numbers(place, model="nobody") == [] and len(read_log(place, model="nobody")) == 0


@pytest.mark.parametrize("size", [1, 7, 15, 60, 1000])
def test_batches_are_the_whole_in_pieces(place: Path, size: int) -> None:
    batches = list(scan_log(place, batch_rows=size))
    assert [n for batch in batches for n in batch.rows["n"]] == list(range(60))
    assert all(len(batch) <= size for batch in batches)
    assert len(batches) == -(-60 // size)


def test_many_rows_of_one_moment_are_each_read_once(tmp_path: Path) -> None:
    with PredictionLog(tmp_path / "log.db") as log:
        log.write({"n": list(range(100))}, model="m", at=DAY)
    batches = scan_log(tmp_path / "log.db", batch_rows=7)
    assert [n for batch in batches for n in batch.rows["n"]] == list(range(100))


def test_types_that_change_are_widened(tmp_path: Path) -> None:
    with PredictionLog(tmp_path / "log.db") as log:
        for value in (1, 2.5, None, "three"):
            log.write({"a": value, "b": 1}, model="m")
        log.write({}, model="m")
    assert read_log(tmp_path / "log.db").rows["a"].to_list() == ["1", "2.5", None, "three", None]
    parts = [b.rows for b in scan_log(tmp_path / "log.db", batch_rows=1)]
    assert [p.height for p in parts] == [1] * 5


def test_labels_are_found_by_id_and_the_last_one_counts(place: Path) -> None:
    assert attach_labels(place, ["r3", "r5", "r3", "later"], [1, 2, 3, 4]).known == 2
    attach_labels(place, ["r5", "r9"], [20, None])
    logged = read_log(place, labelled=True)
    assert dict(zip(logged.about["id"], logged.label, strict=True)) == {"r3": 3, "r5": 20}
    assert logged.labelled("price").to_dicts() == [{"n": 3, "price": 3}, {"n": 5, "price": 20}]
    assert read_log(place).label.null_count() == 58
    assert read_log(place, model="a", labelled=True).about.height == 0


def test_a_label_may_come_before_its_prediction(place: Path) -> None:
    attach_labels(place, ["r99"], ["early"])
    at = int(DAY.timestamp() * 1e6)
    open_sink(place).append([Record("r99", "r99", at, "a", "1", '{"n":99}', "{}")])
    assert read_log(place, labelled=True).label.to_list() == ["early"]


@pytest.mark.parametrize("labels", [["yes", "아니오"], [1, 0], [1.5, 2.0], [True, False]])
def test_labels_keep_their_type(place: Path, labels: list[object]) -> None:
    attach_labels(place, ["r1", "r2"], labels)
    assert read_log(place, labelled=True).label.to_list() == labels


@pytest.mark.parametrize(
    ("ending", "write"),
    [
        (".csv", lambda f, p: p.write_bytes(f.write_csv().encode("cp949"))),
        (".parquet", lambda f, p: f.write_parquet(p)),
    ],
)
@pytest.mark.parametrize("labels", [["좋음", "나쁨"], [3, 4], [1.5, 2.5]])
def test_labels_from_a_file(place: Path, tmp_path: Path, ending: str, write, labels) -> None:
    file = tmp_path / f"labels{ending}"
    write(pl.DataFrame({"번호": ["r1", "r2"], "결과": labels}), file)
    attached = attach_labels_from(place, file, id="번호", label="결과")
    assert (attached.given, attached.known) == (2, 2)
    assert read_log(place, labelled=True).label.to_list() == labels
    with pytest.raises(UnknownName, match="There is no column named '번'"):
        attach_labels_from(place, file, id="번", label="결과")


def test_ids_that_look_like_numbers_stay_text(tmp_path: Path) -> None:
    with PredictionLog(tmp_path / "log.db") as log:
        log.write({"a": 1}, model="m", request_id="007")
    (tmp_path / "l.csv").write_text("id,label\n007,1\n", encoding="utf-8")
    assert attach_labels_from(tmp_path / "log.db", tmp_path / "l.csv").known == 1


def test_as_many_labels_as_ids(place: Path) -> None:
    with pytest.raises(UsageError, match=r"2 id\(s\) and 1 label\(s\) were given"):
        attach_labels(place, ["a", "b"], [1])


def test_a_target_that_is_a_column_already_is_refused(place: Path) -> None:
    with pytest.raises(UsageError, match="have a column ‘n’ themselves"):
        read_log(place).labelled("n")


def test_all_of_it_side_by_side(place: Path) -> None:
    attach_labels(place, ["r1"], ["x"])
    frame = read_log(place).frame()
    assert frame.columns == ["log.id", "log.request", "log.at", "log.model", "log.version", "n",
                             "answer.value", "log.label"]  # fmt: skip
    assert frame.row(1)[5:] == (1, 1.5, "x")


def test_no_log_is_not_made_by_reading(tmp_path: Path) -> None:
    for name in PLACES:
        with pytest.raises(MissingFile, match="There is no log"):
            read_log(tmp_path / name)
        with pytest.raises(MissingFile):
            attach_labels(tmp_path / name, ["a"], [1])
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    place = filled(tmp_path / "parts")
    part = min(place.glob("records-*"))
    part.write_bytes(b"PAR1 rubbish")
    with pytest.raises(DataError, match="A part of the log cannot be read") as error:
        read_log(place)
    assert part.name in str(error.value)


# --- retention --------------------------------------------------------------------------------


def test_days_and_rows_are_kept(place: Path) -> None:
    old, new = filled(place.with_name("2" + place.name)), datetime.now(UTC)
    filled(old, 20, parts=1, begin=new - timedelta(hours=20), prefix="new")
    assert prune_log(old, Retention(days=1)) == 60
    assert len(read_log(old)) == 20
    removed = prune_log(place, Retention(rows=30))
    left = numbers(place)
    assert removed == 60 - len(left) and left == list(range(removed, 60))
    assert 30 <= len(left) < 30 + (15 if place.is_dir() else 1), "parts go as wholes"


def test_bytes_are_kept(place: Path) -> None:
    wide = [Record(f"w{n}", "", n, "m", "", f'{{"n":"{"x" * 2000}"}}', "{}") for n in range(400)]
    sink = open_sink(place)
    for begin in range(0, 400, 20):
        sink.append(wide[begin : begin + 20])
    before = len(read_log(place))
    limit = 5_000 if place.is_dir() else 200_000
    assert prune_log(place, Retention(bytes=limit)) > 0
    assert 0 < len(read_log(place)) < before
    assert prune_log(place, Retention(bytes=10**9)) == 0


def test_labels_of_what_is_gone_go_too(tmp_path: Path) -> None:
    place = filled(tmp_path / "log.db", begin=datetime.now(UTC) + timedelta(days=1))
    attach_labels(place, ["r1", "r59", "unknown"], [1, 2, 3])
    prune_log(place, Retention(rows=1))
    assert read_log(place, labelled=True).label.to_list() == [2]
    at = int(datetime.now(UTC).timestamp() * 1e6)
    open_sink(place).append([Record("r1", "", at, "m", "", "{}", "{}")])
    assert read_log(place, labelled=True).label.to_list() == [2]


def test_an_open_log_keeps_to_its_retention(place: Path) -> None:
    settings = LogSettings(retention=Retention(days=1), batch_seconds=0.02)
    with PredictionLog(place, settings) as log:
        log.write({"n": 100}, model="m")
        end = time.monotonic() + 10
        while numbers(place) != [100] and time.monotonic() < end:
            time.sleep(0.02)
    assert numbers(place) == [100]


def test_what_a_kill_left_unfinished_is_swept(tmp_path: Path) -> None:
    import os

    place = filled(tmp_path / "parts")
    (place / ".records-1.parquet.ab12").write_bytes(b"half")
    (place / ".records-2.parquet.ab12").write_bytes(b"half, and young")
    os.utime(place / ".records-1.parquet.ab12", (0, 0))
    assert prune_log(place, Retention(days=10_000)) == 0
    assert [p.name for p in place.glob(".*")] == [".records-2.parquet.ab12"]


def test_nothing_to_keep_to_is_refused(place: Path) -> None:
    with pytest.raises(UsageError, match="No limit says what the log should keep"):
        prune_log(place, Retention())
    with pytest.raises(UsageError, match=r"limit days of the log must be above 0; 0"):
        Retention(days=0)


# --- both kinds of place are one --------------------------------------------------------------

values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
tables = st.lists(st.fixed_dictionaries({"텍스트": st.text(max_size=8), "x": st.floats(-1e9, 1e9)}),
                  min_size=1, max_size=8)  # fmt: skip


@settings(deadline=None, max_examples=15)
@given(rows=tables, label=values)
def test_sql_and_parquet_give_the_same_back(tmp_path_factory, rows, label) -> None:
    folder = tmp_path_factory.mktemp("log")
    back = []
    for name in PLACES:
        with PredictionLog(folder / name, LogSettings(batch_seconds=0.001)) as log:
            log.write(rows, model="m", request_id="r", at=DAY)
        attach_labels(folder / name, [log_id(rows)], [label])
        back.append(read_log(folder / name))
    assert back[0].rows.to_dicts() == rows == back[1].rows.to_dicts()
    assert back[0].frame().equals(back[1].frame())
    assert back[0].label[0] == label


def log_id(rows: list[object]) -> str:
    return "r" if len(rows) == 1 else "r/0"


def test_a_part_that_retention_removes_while_it_is_read_is_left_out(tmp_path: Path) -> None:
    place = filled(tmp_path / "parts")
    batches = scan_log(place, batch_rows=15)
    first = next(batches)
    for part in sorted(place.glob("records-*.parquet"))[1:3]:
        part.unlink()
    rest = [n for batch in batches for n in batch.rows["n"].to_list()]
    assert first.rows["n"].to_list() == list(range(15)) and rest == list(range(45, 60))
