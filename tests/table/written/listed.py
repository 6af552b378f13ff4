"""The lists of notations that the readers of numbers and dates are tested with, as files."""

import tomllib
from datetime import datetime, time
from pathlib import Path
from typing import Any

import polars as pl
from tests.table.layouts.files import delimited
from tests.table.written.case import WORDS, Case

FOLDER = Path(__file__).parents[1] / "types"


def _meant(value: Any) -> Any:
    """What a cell means: hours of a clock as its time, ISO text as its moment."""
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value) if value else None


def _clock(hours: list[Any]) -> list[Any]:
    """Times of the day; hours stay hours where one of them is beyond a day."""
    if any(value is not None and not 0 <= value < 24 for value in hours):
        return hours
    return [None if value is None else _time(value) for value in hours]


def _time(value: float) -> time:
    seconds = round(value * 3600)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _case(listed: dict[str, Any], sort: str) -> Case:
    cells, expected = listed["cells"], listed["expected"]
    delimiter = listed.get("delimiter", ",")
    words = [WORDS[i % len(WORDS)] for i in range(len(cells))]
    rows = [["tree", "x"], *([w, c] for w, c in zip(words, cells, strict=True))]
    asks = isinstance(expected, str) and expected.startswith("asked")
    if expected == "numbers":
        want = [float(cell) if cell else None for cell in cells]
    elif isinstance(expected, str):
        want = cells
    else:
        want = [_meant(value) for value in expected]
        if sort == "dates" and isinstance(expected[0], float):
            want = _clock(want)
    frame = pl.DataFrame([pl.Series("tree", words), pl.Series("x", want, strict=False)])
    return Case(
        f"list of {sort}: {listed['name']}",
        delimited(rows, delimiter=delimiter),
        frame,
        frozenset({"x"} if asks else ()),
        delimiter=delimiter,
    )


def listed(name: str, sort: str) -> tuple[Case, ...]:
    """The cases of a list beside the tests of a reader; none where there is no such list."""
    path = FOLDER / name
    if not path.exists():
        return ()
    cases = tomllib.loads(path.read_text("utf-8"))["cases"]
    return tuple(_case(case, sort) for case in cases)


LISTED = (*listed("number_notations.toml", "numbers"), *listed("date_notations.toml", "dates"))
