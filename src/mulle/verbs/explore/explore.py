"""Explore a table: one look at every column, then what goes together, then what you should know.

The order is that of any exploration: read and repair, each column alone, columns together, the
target, and in the end what is worth saying. A stage that fails takes nothing else with it: what it
would have added is listed as not computed.

catalogue  eda-purpose eda-flow
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from mulle.errors import UnknownName
from mulle.profile import AnyCounts
from mulle.table import read_options
from mulle.table.stream import ColumnSource, open_columns
from mulle.verbs.explore.columns import Look
from mulle.verbs.explore.columns.summary import FAILURES
from mulle.verbs.explore.columns.text import Tokenize
from mulle.verbs.explore.compare import compare
from mulle.verbs.explore.findings import FINDINGS, Facts, find
from mulle.verbs.explore.methods import Report
from mulle.verbs.explore.order_drift import compare_halves
from mulle.verbs.explore.relation_data import Relations
from mulle.verbs.explore.relations import relate
from mulle.verbs.explore.relations.encoded import EncodedColumn
from mulle.verbs.explore.report import (
    VERSION,
    Comparison,
    Finding,
    Header,
    NotComputed,
    Sample,
    Target,
)
from mulle.verbs.explore.sample import sample_rows
from mulle.verbs.explore.scan import Progress, Scan, sampled, scan
from mulle.verbs.explore.summaries import AnySummary
from mulle.verbs.explore.target import check_target, explore_target
from mulle.verbs.explore.time_series import make_series
from mulle.verbs.explore.tokens import counter_of

T = TypeVar("T")
SAMPLE, PAIRS = 20_000, 100


def explore(
    source: Any,
    target: str | None = None,
    against: Any = None,
    *,
    sample: int = SAMPLE,
    pairs: int = PAIRS,
    kinds: Mapping[str, str] | None = None,
    tokenizer: Any = None,
    images: str | Path | None = None,
    seed: int = 0,
    reading: Any = None,
    drop: Iterable[str] = (),
    progress: Progress | None = None,
) -> Report:
    """Explore a table: what is in it, what is wrong with it, and what matters for the target.

    Args:
        source: whatever `mulle.read` reads, a `Table`, or a folder of images.
        target: the column to be predicted.
        against: another table, to be compared with it.
        sample: rows that pairwise work, text and plots look at; counts are of all rows.
        pairs: columns that are looked at in pairs: the target, then the first of the table.
        kinds: kinds that you decide, by column name.
        tokenizer: of the model that texts are for: a `tokenizers.Tokenizer`, the path of its file,
            or a function from texts to numbers of tokens; words and marks if None.
        images: the folder that relative paths of images start from; that of the file if None.
        seed: of the sample.
        progress: called with the stage and the share of it that is done; from several threads.
        reading, drop: as in `mulle.read`.

    Raises:
        MulleError: the table cannot be read, as `mulle.read`.
        UnknownName: there is no such target.
        DataError: the target is a date.
        MissingExtra: the tokenizer is a file, and `tokenizers` is not installed.

    >>> report = explore({"x": [1.0, 2.0, 3.0, 4.0], "y": ["a", "b", "a", None]})
    >>> report.column("y").missing, report.header.kinds
    (1, {'discrete': 1, 'nominal': 1})
    """
    options = read_options(reading, drop=tuple(drop), kinds=kinds or {})
    work = _Work(progress)
    tokens = counter_of(tokenizer)
    base = Path(images) if images is not None else _folder(source)
    with open_columns(source, options, target=target) as found:
        if target is not None and target not in found.names:
            raise UnknownName("column-unknown", "column", target, found.names, found.name)
        work.mark("read")
        frames: dict[str, AnyCounts] | None = None if against is None else {}
        here = _scanned(found, sample, seed, tokens, base, progress, frames=frames)
        work.mark("columns")
        if target is not None:
            check_target(here, target, found.name)
        report = _described(found, here, target, pairs, seed, work)
    if against is not None:
        with open_columns(against, options, known=here.columns) as other:
            report = _compared(report, here, other, sample, seed, tokens, base, work)
    return work.finished(report)


class _Work:
    """The stages of one exploration: how long each took, and what did not come of it."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self.left: list[NotComputed] = []
        self._begin = self._last = time.perf_counter()

    def mark(self, stage: str) -> None:
        """Note the end of a stage."""
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._last, 4)
        self._last = now
        if self.progress:
            self.progress(stage, 1.0)

    def attempt(self, stage: str, do: Callable[[], T], otherwise: T) -> T:
        """Run a stage; where it fails, return `otherwise` and note the reason."""
        try:
            return do()
        except FAILURES as error:
            what = f"{type(error).__name__}: {error}"
            self.left.append(NotComputed(stage, "failed", {"what": what[:300]}))
            return otherwise
        finally:
            self.mark(stage)

    def finished(self, report: Report) -> Report:
        """Return the report with the seconds and all that was left out."""
        self.seconds["total"] = round(time.perf_counter() - self._begin, 4)
        header = msgspec.structs.replace(
            report.header, seconds=self.seconds, not_computed=self.left
        )
        return msgspec.structs.replace(report, header=header)


def _scanned(
    source: ColumnSource,
    sample: int,
    seed: int,
    tokens: tuple[str, Tokenize] | None,
    base: Path | None,
    progress: Progress | None,
    edges: Mapping[str, list[float]] | None = None,
    frames: Mapping[str, AnyCounts] | None = None,
) -> Scan:
    rows = sampled(source.height, max(1, sample), seed)
    return scan(source, Look(rows, tokens, base, edges or {}, frames=frames), progress)


def _described(
    source: ColumnSource, here: Scan, target: str | None, pairs: int, seed: int, work: _Work
) -> Report:
    """Explore one table."""
    nothing: tuple[Relations, dict[str, EncodedColumn], list[NotComputed]] = (Relations(), {}, [])
    relations, columns, left = work.attempt(
        "relations", lambda: relate(here, max(2, pairs), seed, target or ""), nothing
    )
    work.left += left
    told: Target | None = None
    if target is not None:
        untold: tuple[Target | None, list[NotComputed]] = (None, [])
        told, left = work.attempt(
            "target", lambda: explore_target(here, target, columns, seed), untold
        )
        work.left += left
    drift: dict[str, float] = {}
    if here.height >= 1000:
        drift = work.attempt("halves", lambda: compare_halves(here.columns, here.sample), drift)
    facts = Facts(here, relations, told, source.texts, drift)
    findings, checks = find(facts, FINDINGS)
    work.mark("findings")
    return Report(
        _header(source, here, seed),
        here.repairs,
        findings,
        checks,
        _with_findings(here.summaries, findings),
        relations,
        told,
        None,
        work.attempt("sample", lambda: sample_rows(here), Sample()),
        work.attempt("series", lambda: make_series(here, columns, target or ""), []),
        here.left_out,
        here.doubts,
    )


def _compared(
    report: Report, here: Scan, other: ColumnSource, sample: int, seed: int,
    tokens: tuple[str, Tokenize] | None, base: Path | None, work: _Work,
) -> Report:  # fmt: skip
    """Return the report with a comparison to the other table."""
    edges = {
        c.name: c.histogram.edges
        for c in report.summaries
        if hasattr(c, "histogram") and c.histogram.edges
    }
    there = _scanned(other, sample, seed, tokens, base, work.progress, edges, here.counts)
    work.mark("columns")
    untold: tuple[Comparison | None, list[NotComputed]] = (None, [])
    found, left = work.attempt("comparison", lambda: compare(here, there, other.name), untold)
    work.left += left
    otherwise = [out for out in there.left_out if out.code == "cells-otherwise"]
    return msgspec.structs.replace(
        report, comparison=found, left_out=[*report.left_out, *otherwise]
    )


def _header(source: ColumnSource, here: Scan, seed: int) -> Header:
    import mulle

    kinds = Counter(c.kind for c in here.summaries)
    return Header(
        version=VERSION,
        mulle=mulle.__version__,
        source=source.name,
        rows=here.height,
        columns=len(here.summaries),
        kinds=dict(sorted(kinds.items())),
        missing_cells=sum(c.missing for c in here.summaries),
        sampled=len(here.rows),
        seed=seed,
        streamed=source.streamed,
        seconds={},
        not_computed=[],
    )


def _with_findings(summaries: list[AnySummary], findings: list[Finding]) -> list[AnySummary]:
    """Return the summaries, each with the codes of the findings that name it."""
    codes: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        for name in finding.columns:
            if finding.code not in codes[name]:
                codes[name].append(finding.code)
    return [
        msgspec.structs.replace(summary, findings=codes[summary.name])
        if summary.name in codes
        else summary
        for summary in summaries
    ]


def _folder(source: Any) -> Path | None:
    path = Path(source) if isinstance(source, (str, Path)) else None
    return None if path is None or path.is_dir() else path.parent
