"""How tables of the wild are read: cells right, wrong in silence, asked about, left as text.

Three sorts of files, each with the table that its author meant: thirty layouts of Korean offices
(drawn at random, by seed), some 700 files written in the dialects and notations of many countries,
and a folder of your own: beside each FILE in it, FILE.want.json with the columns that are expected.

    pip install .[test] duckdb
    python benchmarks/read_correctness.py [--seeds 5] [--cases FOLDER] [--list mulle]

    right    means what it meant; numbers and ISO days that are still text count as right
    text     left as it was written, without a word
    told     differs, and the reader refused the file or named the column or the rows
    wrong    differs, and nothing was told

Caveats: mulle is given a path and nothing else. Its peers are given each text as UTF-8 and, but for
DuckDB, which finds it, the delimiter; pandas and Polars otherwise read as they do by default.
"readr's rules" are its guesses of types (CollectorGuess of readr 2, grouping mark "," and decimal
mark ".") restated here on cells that Python's csv splits; R itself is not run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import re
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from common import header

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests own the files that are read

import readr_rules
from tests.table.layouts import LAYOUTS, Published, columns_of, compared, of_published
from tests.table.written import WRITTEN

import mulle
from mulle.errors import MulleError
from mulle.table.reading import Reading

Columns = dict[str, Sequence[Any]]
REFUSED = (MulleError, OSError, ValueError, ImportError, RuntimeError, pl.exceptions.PolarsError)


@dataclass(frozen=True)
class File:
    """A file to read, and the table that it means; None where it is to be refused."""

    group: str
    name: str
    data: bytes
    suffix: str
    want: pl.DataFrame | None
    published: Published | None = None
    named: bool = True
    asked: bool = False
    delimiter: str = ","
    encoding: str = "utf-8"

    @property
    def cells(self) -> int:
        """How many cells it is worth."""
        return 20 if self.want is None else self.want.width * self.want.height

    def judged(self, columns: Columns, reading: Reading | None) -> Counter[str]:
        """What became of its cells."""
        if self.want is None:
            return Counter({"wrong": self.cells})
        if self.published is not None:
            return of_published(columns, reading, self.published)
        return compared(columns, self.want, reading, named=self.named)


# --- the readers ------------------------------------------------------------------------------


def by_mulle(path: Path, file: File) -> tuple[Columns, Reading | None]:
    table = mulle.read(path)
    return dict(columns_of(table)), table.reading


def by_pandas(path: Path, file: File) -> tuple[Columns, Reading | None]:
    import pandas as pd

    if file.suffix in {".json", ".jsonl"}:
        frame = pd.read_json(path, lines=file.suffix == ".jsonl")
    elif file.suffix == ".xlsx":
        frame = pd.read_excel(path)
    elif is_html(file):
        frame = pd.read_html(path)[0]
    else:
        mark = r"\s+" if file.delimiter == " " else file.delimiter
        frame = pd.read_csv(path, sep=mark, engine="python" if len(mark) > 1 else "c")
        if not isinstance(frame.index, pd.RangeIndex):
            frame = frame.reset_index()
    values = frame.astype(object).where(frame.notna(), None)
    return {str(name): list(values.iloc[:, i]) for i, name in enumerate(frame.columns)}, None


def by_polars(path: Path, file: File) -> tuple[Columns, Reading | None]:
    if file.suffix in {".json", ".jsonl"}:
        frame = pl.read_json(path) if file.suffix == ".json" else pl.read_ndjson(path)
    elif file.suffix == ".xlsx":
        frame = pl.read_excel(path)
    else:
        frame = pl.read_csv(
            path, separator=file.delimiter, try_parse_dates=True, infer_schema_length=None
        )
    return frame.to_dict(as_series=False), None


def by_duckdb(path: Path, file: File) -> tuple[Columns, Reading | None]:
    import duckdb

    if file.suffix == ".xlsx":
        raise ImportError("duckdb")
    reader = "read_json_auto" if file.suffix in {".json", ".jsonl"} else "read_csv"
    with duckdb.connect() as base:
        found = base.execute(f"SELECT * FROM {reader}(?)", [str(path)])
        names = [column[0] for column in found.description]
        rows = found.fetchall()
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}, None


def by_readr(path: Path, file: File) -> tuple[Columns, Reading | None]:
    if file.suffix in {".json", ".jsonl", ".xlsx"}:
        raise ImportError("readr")
    return readr_rules.read(path.read_text("utf-8"), file.delimiter), None


Reader = Callable[[Path, File], tuple[Columns, Reading | None]]
READERS: dict[str, tuple[str, Reader]] = {
    "mulle": ("mulle", by_mulle),
    "pandas": ("pandas", by_pandas),
    "Polars": ("polars", by_polars),
    "DuckDB": ("duckdb", by_duckdb),
    "readr's rules": ("csv", by_readr),
}


def is_html(file: File) -> bool:
    return file.data.lstrip()[:5].lower() in {b"<html", b"<tabl"}


# --- the files --------------------------------------------------------------------------------


def korean(seeds: int) -> Iterator[File]:
    for name, layout in LAYOUTS.items():
        for seed in range(seeds):
            made = layout(random.Random(seed))
            yield File("Korean offices", f"{name} {seed}", made.data, made.suffix, made.clean, made,
                       delimiter=made.delimiter, encoding=made.encoding)  # fmt: skip


def written() -> Iterator[File]:
    for case in WRITTEN:
        yield File("dialects, notations", case.name, case.data, case.suffix, case.want, None,
                   case.named, bool(case.asks), case.delimiter, case.encoding)  # fmt: skip


def own(folder: Path) -> Iterator[File]:
    for wanted in sorted(folder.glob("*.want.json")):
        path = wanted.with_name(wanted.name.removesuffix(".want.json"))
        want = pl.DataFrame(json.loads(wanted.read_text("utf-8")), strict=False)
        yield File("your folder", path.name, path.read_bytes(), path.suffix, want)


def as_utf8(file: File) -> bytes:
    """The file as peers get it."""
    if file.suffix == ".xlsx":
        return file.data
    text = file.data.decode(file.encoding)
    return (
        re.sub("charset=[a-z-]+", "charset=utf-8", text).encode()
        if is_html(file)
        else text.encode()
    )


def read(reader: Reader, path: Path, file: File) -> Counter[str]:
    """What became of the cells of a file."""
    try:
        columns, reading = reader(path, file)
    except REFUSED:
        return Counter({"right" if file.want is None else "told": file.cells})
    except Exception as error:  # a peer may crash; what it was is of no use here
        return Counter({"told": file.cells, f"crash {type(error).__name__}": 1})
    return file.judged(columns, reading)


def main() -> None:
    """All files through all readers that are here."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5, help="drawings of each Korean layout")
    parser.add_argument("--cases", type=Path, help="a folder of files with their FILE.want.json")
    parser.add_argument("--list", metavar="READER", help="print the files that it does not read")
    chosen = parser.parse_args()
    header("How tables of the wild are read", "mulle", "pandas", "polars", "duckdb")
    warnings.simplefilter("ignore")
    files = [*korean(chosen.seeds), *written(), *(own(chosen.cases) if chosen.cases else ())]
    readers = {name: reader for name, (needs, reader) in READERS.items() if is_here(name, needs)}
    totals = {name: {group: Counter[str]() for group in groups(files)} for name in readers}
    with tempfile.TemporaryDirectory() as folder:
        for i, file in enumerate(files):
            raw, plain = (Path(folder) / f"{i}{end}{file.suffix}" for end in ("", "-utf8"))
            raw.write_bytes(file.data)
            plain.write_bytes(as_utf8(file))
            for name, reader in readers.items():
                tally = read(reader, raw if name == "mulle" else plain, file)
                totals[name][file.group] += tally
                totals[name][file.group]["files"] += is_right(tally, file)
                totals[name][file.group]["sure"] += 0 if file.asked else file.cells
                if name == chosen.list and not is_right(tally, file):
                    print(f"{file.group}: {file.name}: {shown(tally)}")
    show(totals, files)


def is_right(tally: Counter[str], file: File) -> bool:
    """Whether a file is read as it was meant, with no row or column too many."""
    return tally["right"] == file.cells and not tally["wrong"] + tally["told"]


def is_here(name: str, module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        print(f"{name}: skipped, it is not installed")
        return False
    return True


def groups(files: Sequence[File]) -> list[str]:
    return [*dict.fromkeys(file.group for file in files)]


def shown(tally: Counter[str]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(tally.items()) if count)


def show(totals: dict[str, dict[str, Counter[str]]], files: Sequence[File]) -> None:
    print(time.strftime("%Y-%m-%d"))
    for group in groups(files):
        mine = [file for file in files if file.group == group]
        print(f"\n{group}: {len(mine)} files, {sum(file.cells for file in mine):,} cells")
        print(f"{'':16}{'right':>9}{'wrong':>9}{'text':>9}{'told':>9}   left as text   files right")
        for name, by_group in totals.items():
            tally = by_group[group]
            shares = "".join(f"{tally[state]:9,}" for state in ("right", "wrong", "text", "told"))
            left = tally["unread"] / max(tally["sure"], 1)
            print(f"{name:16}{shares}{left:15.1%}{tally['files'] / len(mine):14.1%}")


if __name__ == "__main__":
    main()
