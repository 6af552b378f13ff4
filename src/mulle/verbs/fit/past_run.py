"""A run that has delivered, opened again with the table that it was fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mulle.bundle import load
from mulle.decisions import DecisionLog, read_decisions
from mulle.errors import DataError, UsageError
from mulle.store import RunRecord, read_record
from mulle.table import Table
from mulle.verbs.fit.data import Data, prepare
from mulle.verbs.fit.deliver import Result
from mulle.verbs.fit.fetch import fetched
from mulle.verbs.fit.memory import Memory
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.run import find_run
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.source import fingerprint, has_files, read_source

_BUNDLE = ".mulle"
_IN_MEMORY = "table"
_HALF = 0.5


@dataclass(frozen=True)
class PastRun:
    """A run, its table and how that was divided.

    Attributes:
        folder: of the run.
        table: as it was read.
        data: the rows to learn from and those to test on, as the run had them.
        scheme: how the rows to learn from were divided.
        folds: into how many folds; 1 where a part was held out.
        threshold: from which probability a row of two classes is positive.
    """

    folder: Path
    record: RunRecord
    settings: Settings
    table: Table
    data: Data
    scheme: str
    folds: int
    threshold: float


def folder_of(run: str | Path | Result) -> Path:
    """Return the folder of a run, of the run behind a model, or of a result.

    Raises:
        MissingFile: there is no such run.
    """
    if isinstance(run, Result):
        return run.run.folder
    path = Path(run)
    if path.suffix == _BUNDLE and path.is_file():
        return find_run(str(load(path).manifest.lineage.get("run", "")))
    return find_run(str(run))


def open_run(folder: Path, source: Any = None) -> PastRun:
    """Read the table of a run again, and divide it as the run did.

    Args:
        folder: of the run.
        source: the table, where the run cannot find it any more; it must be the same.

    Raises:
        UsageError: the table is not there.
        DataError: the table has changed since.
    """
    record = read_record(folder)
    settings = msgspec.convert(record.details["settings"], Settings)
    with fetched(_source(settings, source)) as found:
        table = read_source(found, settings, Memory(settings.memory)).table
        if fingerprint(found, table) != record.details.get("data"):
            raise DataError("data-changed", where=settings.source)
    drawn = msgspec.structs.replace(settings, rows=None)  # no sample of the sample
    decisions = list(read_decisions(folder / "decisions.jsonl"))
    chosen = [d.values for d in decisions if d.code == "validation-chosen"][-1]
    threshold = [d.values["threshold"] for d in decisions if d.code.startswith("threshold-")]
    return PastRun(
        folder,
        record,
        settings,
        table,
        prepare(table, drawn, DecisionLog(), Progress(), settings.test),
        chosen["scheme"],
        chosen["folds"],
        threshold[-1] if threshold else _HALF,
    )


def _source(settings: Settings, given: Any) -> Any:
    if given is not None:
        return given
    if settings.source == _IN_MEMORY or not has_files(settings.source):
        raise UsageError("run-source", source=settings.source)
    return settings.source
