"""`code`: the blend of a run as a script of public libraries, which reproduces its score.

The script is written from what the run has kept, reads the same table and trains the same members.
That it gives the same score is not assumed: it is run, where `mulle` cannot be imported.

catalogue  tune-automl
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mulle.errors import RunError, UsageError
from mulle.files import write_bytes, write_text
from mulle.i18n import Lang
from mulle.language import messages
from mulle.store import read_record
from mulle.verbs.code.loading import Loading, load_copy, load_directly
from mulle.verbs.code.preamble import preamble_of
from mulle.verbs.code.script import Facts, write_data, write_script
from mulle.verbs.fit.deliver import Result
from mulle.verbs.fit.members import Member
from mulle.verbs.fit.past_run import PastRun, folder_of, open_run
from mulle.verbs.fit.run import MEMBERS
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.source import files_of

_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Script:
    """A script that trains the blend of a run again.

    Attributes:
        text: the script.
        path: where it was written; None where it was not.
        copies: files of cells that it reads instead of the table, whose notation needs repairs.
        metric, expected: of the run, on its test rows.
        found: what the script gave when it was run; None where it was not.
        left_out: members that no script of public libraries trains alike.
    """

    text: str
    path: Path | None
    copies: list[Path]
    metric: str
    expected: float
    found: float | None = None
    left_out: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.text

    @property
    def reproduces(self) -> bool | None:
        """Whether the script gave the score of the run, to a millionth; None where not tried."""
        if self.found is None:
            return None
        return abs(self.found - self.expected) <= _TOLERANCE * max(1.0, abs(self.expected))


def code(
    run: str | Path | Result,
    *,
    source: Any = None,
    output: str | Path | None = None,
    check: bool = True,
    replace: bool = False,
    lang: Lang | None = None,
) -> Script:
    """Write the blend of a run as a script of NumPy, Polars, scikit-learn and LightGBM.

    Args:
        run: id or folder of a run, a model that one has made, or the result of `fit`.
        source: the table, where the run cannot find it any more; it must be the same.
        output: file to write the script to; nothing is written if None, but for a copy of the cells
            in the run's folder, where the table needs repairs.
        check: whether the script is run, and its score compared with the run's.
        replace: whether another file of that name is replaced.
        lang: of the comments; the person's own if None.

    Raises:
        MissingFile: there is no such run.
        UsageError: the run has delivered nothing, or its table is not there.
        DataError: the table has changed since.
        RunError: the script does not run.
    """
    folder = folder_of(run)
    record, members = read_record(folder), _members(folder)
    score = None if record.score is None else record.score.test
    if score is None:
        raise UsageError("code-no-members", where=str(folder))
    place = None if output is None else Path(output)
    if place is not None and place.exists() and not replace:
        raise UsageError("code-exists", where=str(place))
    past = open_run(folder, source)
    facts, settings = _facts(past, score, members), past.settings
    if len(facts.left_out) == len(members):
        raise UsageError("code-of-mulle-alone", where=str(folder), plans=facts.left_out)
    beside = folder if place is None else place.parent
    text, copies = _written(facts, settings, beside, place, lang)
    if place is not None:
        write_text(place, text)
    found = _run(text) if check else None
    return Script(text, place, copies, facts.metric, facts.score, found, facts.left_out)


def _members(folder: Path) -> list[Member]:
    path = folder / MEMBERS
    if not path.exists():
        raise UsageError("code-no-members", where=str(folder))
    return msgspec.json.decode(path.read_bytes(), type=list[Member])


def _facts(past: PastRun, score: float, members: list[Member]) -> Facts:
    """Put together what the script is written from."""
    return Facts(
        run=past.record.id,
        settings=past.settings,
        data=past.data,
        table=past.table,
        members=members,
        scheme=past.scheme,
        folds=past.folds,
        threshold=past.threshold,
        metric=past.record.metric,
        score=score,
    )


def _written(
    facts: Facts, settings: Settings, beside: Path, place: Path | None, lang: Lang | None
) -> tuple[str, list[Path]]:
    """Return the script, and the copies that it reads, which are written."""
    words = messages(lang)
    for loading, test in _loadings(facts, settings, beside, place):
        lines = write_data(facts, loading, test, words)
        copies = {}
        for name, each in (("table", loading), ("test", test)):
            if each is not None and each.copy is not None:
                copies[Path(_copy_path(beside, place, name))] = each.copy
        for path, frame in copies.items():
            _write_copy(path, frame)
        rows = _same_rows(lines, facts)
        if rows is not None:
            return write_script(facts, lines, rows, words, settings.source), [*copies]
    raise RunError("code-rows-differ", where=settings.source)


def _loadings(
    facts: Facts, settings: Settings, beside: Path, place: Path | None
) -> list[tuple[Loading, Loading | None]]:
    """Return the ways to read the rows, the plainest first."""
    copy = load_copy(_copy_path(beside, place, "table"), facts.table, facts.columns)
    if settings.test is not None:
        return [(copy, _load_test(facts, _copy_path(beside, place, "test")))]
    files = files_of(settings.source)
    if len(files) == 1 and settings.rows is None:
        layout = facts.data.reading.layout
        direct = load_directly(files[0], layout, facts.table, facts.columns)
        if direct is not None:
            return [(direct, None), (copy, None)]
    return [(copy, None)]


def _load_test(facts: Facts, path: str) -> Loading:
    """Return the lines that read a copy of given test rows, and the copy."""
    name, test = facts.settings.target, facts.data.test
    stored = [_stored_label(facts, value) for value in test.y]
    labels = pl.Series(name, stored, facts.table.column(name).dtype)
    loading = load_copy(path, test.table, facts.features)
    lines = [line.replace("table =", "table_test =", 1) for line in loading.lines]
    return Loading(lines, None if loading.copy is None else loading.copy.with_columns(labels))


def _stored_label(facts: Facts, value: Any) -> Any:
    """Return a class code or a value as the column of the target holds it."""
    if facts.classes == 0:
        return float(value)
    label = facts.data.target.labels[int(value)]
    return str(label) if isinstance(label, str) else float(label)


def _copy_path(beside: Path, place: Path | None, name: str) -> str:
    """Return where a copy is written, as seen from the current folder where that is possible."""
    stem = "" if place is None else f"{place.stem}_"
    path = beside / f"{stem}{name}.parquet"
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # on another drive
        return path.as_posix()


def _write_copy(path: Path, frame: pl.DataFrame) -> None:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    write_bytes(path, buffer.getvalue())


def _same_rows(lines: list[str], facts: Facts) -> list[int] | None:
    """Return the rows of each fold, where lines read and divide the rows as the run did.

    None where they do not.
    """
    used = preamble_of("\n".join(lines))
    text = "\n".join([*used.imports, *used.constants, *used.definitions, *lines])
    names: dict[str, Any] = {}
    try:
        exec(compile(text, "<script>", "exec"), names)
    except (pl.exceptions.PolarsError, LookupError, ValueError, TypeError):
        return None
    data = facts.data
    alike = (
        np.array_equal(names["y"], data.train.y)
        and np.array_equal(names["y_test"], data.test.y)
        and _equal(names["train"], data.train.columns)
        and _equal(names["test"], data.test.columns)
        and _same_weight(names["weight"], data.train.weight)
    )
    return [len(rows) for rows in names.get("folds", ())] if alike else None


def _equal(found: Mapping[str, Any], columns: Mapping[str, Any]) -> bool:
    return all(
        np.array_equal(values, columns[name], equal_nan=values.dtype.kind == "f")
        for name, values in found.items()
    )


def _same_weight(found: Any, weight: Any) -> bool:
    if found is None or weight is None:
        return found is None and weight is None
    return bool(np.array_equal(found, weight))


def _run(text: str) -> float:
    """Run a script where `mulle` cannot be imported; return the score that it printed."""
    blocked = 'import sys\nsys.modules["mulle"] = None\n'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.py"
        path.write_text(text, encoding="utf-8")
        start = f"{blocked}import runpy\nrunpy.run_path({str(path)!r}, run_name='__main__')"
        done = subprocess.run(
            [sys.executable, "-c", start],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    words = done.stdout.split()
    if done.returncode or not words:
        reason = (done.stderr.strip().splitlines() or [""])[-1]
        raise RunError("code-failed", reason=reason)
    return float(words[-1])
