"""The end of a fit: its bundle and report are written, and its run is closed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

import msgspec

from mulle.bundle import Model, check_place, deliver, hold_place, kept_files, put
from mulle.bundle.archive import pack_archive
from mulle.decisions import Decision
from mulle.doctor.memory import peak_bytes
from mulle.errors import MulleError, RunError
from mulle.files import write_text
from mulle.store import Promise, Score
from mulle.table import Reading
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.destination import Destination, bundle_name
from mulle.verbs.fit.finish_price import leaving_seconds
from mulle.verbs.fit.package import Packaged, baseline_of
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.report import report as make_report
from mulle.verbs.fit.run import Run


@dataclass(frozen=True, repr=False)
class Result:
    """The result of a fit.

    Attributes:
        model: the bundle, loaded from the bytes that were written.
        bundle, report: where the files are; None where nothing was written.
        kept: where the model lies that stood at `bundle` before; None where none did.
        html: the report, a page that needs no network; "" if it could not be made.
        size: bytes of the bundle.
        decisions: every choice that was made.
        stopped: why the search ended.
        reading: of the training table, with all that was not used and all that is in doubt.
        run: the run, with its folder.
    """

    model: Model
    bundle: Path | None
    report: Path | None
    kept: Path | None
    html: str
    size: int
    decisions: Sequence[Decision]
    stopped: str
    run: Run
    packaged: Packaged
    reading: Reading

    def __repr__(self) -> str:
        return f"Result({', '.join(f'{name}={value!r}' for name, value in self._facts().items())})"

    def _repr_html_(self) -> str:
        """Return the same facts as a small table, for a notebook."""
        rows = [
            f"<tr><th>{name}</th><td>{escape(str(value))}</td></tr>"
            for name, value in self._facts().items()
        ]
        return f"<table>{''.join(rows)}</table>"

    def _facts(self) -> dict[str, Any]:
        """Return what names this result: its scores, what it is made of, where its files are."""
        return {
            "target": self.model.manifest.target.name,
            **self.packaged.facts(),
            "bundle": None if self.bundle is None else str(self.bundle),
            "report": None if self.report is None else str(self.report),
        }

    def save(self, path: str | Path, *, replace: bool = False) -> tuple[Path, Path | None]:
        """Write the model and, beside it, the report where there is one.

        Args:
            path: the file if it ends in `.mulle`, else a folder.
            replace: whether files of something else may be replaced there.

        Returns:
            The paths of the model and of the report; None where it could not be drawn.

        Raises:
            UsageError: files of something else are there.
            RunError: they cannot be written, or a fit is writing them.
        """
        settings = self.run.settings
        destination = Destination.at(str(path), settings, replace=replace)
        destination.check(settings.target)
        with destination.hold():
            data = pack_archive(self.model.manifest, self.model.members)
            with hold_place(destination.bundle):
                if not replace:
                    check_place(destination.bundle, self.model.manifest)
                put(destination.bundle, data)
            if self.html:
                write_text(destination.report, self.html)
        return destination.bundle, destination.report if self.html else None

    @property
    def leaderboard(self) -> Any:
        """One row a trial, the best first: a Polars frame."""
        import polars as pl

        return pl.DataFrame([asdict(row) for row in self.packaged.rows], infer_schema_length=None)

    def summary(self) -> dict[str, Any]:
        """Return what `mulle fit --format json` prints."""
        manifest, budget, proof = self.model.manifest, self.run.budget, self.packaged.proof
        return {
            "bundle": None if self.bundle is None else str(self.bundle),
            "report": None if self.report is None else str(self.report),
            "kept": None if self.kept is None else str(self.kept),
            "run": self.run.record.id,
            "task": manifest.task,
            "metric": manifest.metric,
            "positive": manifest.target.positive,
            "threshold": manifest.threshold if manifest.task == "binary" else None,
            "score": {
                "validation": self.packaged.board.score,
                "test": self.packaged.test.score,
                "test_interval": [self.packaged.test.low, self.packaged.test.high],
            },
            "parity": msgspec.to_builtins(proof),
            "budget": {
                "promised_s": budget.seconds,
                "actual_s": self.run.record.budget.actual_s,
                "stopped": self.stopped,
            },
            "memory": self.run.record.details.get("memory"),
            "beats_baseline": self.packaged.board.beats_baseline,
            "learners": self.packaged.board.learners,
            "limits": self.packaged.limits,
            "latency_us": self.packaged.latency_us,
            "size_bytes": self.size,
            "leaderboard": [asdict(row) for row in self.packaged.rows],
            "decisions": {
                "count": len(self.decisions),
                "file": str(self.run.decisions.path),
            },
        }


def write_result(
    packaged: Packaged, data: Data, run: Run, progress: Progress, stopped: str
) -> Result:
    """Write the bundle, close the run, and only then draw the report; load what was written."""
    destination = Destination.of(run.settings)
    board, bundle = packaged.board, None if destination is None else destination.bundle
    before = _last_kept(bundle)
    model = deliver(
        bundle,
        packaged.model,
        proof=packaged.proof,
        scores={"validation": {board.metric.name: board.score}, "test": packaged.scores},
        latency=packaged.latency,
        baseline=baseline_of(packaged, data, run),
        lang=run.settings.lang,
        replace=run.settings.replace,
    )
    # One number everywhere, the report included, which takes the rest of it.
    taken = round(run.budget.spent() + leaving_seconds(len(data.train.table.names)), 2)
    promised = run.budget.seconds
    code = "time-taken" if promised is None else "budget-kept"
    run.decisions.add(code, promised=promised, actual=taken)
    run.update(
        status="interrupted" if stopped == "interrupted" else "done",
        score=Score(board.score, packaged.test.score),
        bundle="" if bundle is None else str(bundle),
        budget=Promise(promised, taken),
    )
    _note_memory(run, progress)
    size = bundle.stat().st_size if bundle else len(pack_archive(model.manifest, model.members))
    html, report = _report(packaged, data, run, progress, size)
    if report is not None:
        run.update(report=str(report))
    last = _last_kept(bundle)
    return Result(
        model,
        bundle,
        report,
        None if last == before else last,
        html,
        size,
        list(run.decisions),
        stopped,
        run,
        packaged,
        data.reading,
    )


def _last_kept(bundle: Path | None) -> Path | None:
    """Return the newest file that was replaced where a bundle stands."""
    return next(reversed(kept_files(bundle)), None) if bundle is not None else None


def _note_memory(run: Run, progress: Progress) -> None:
    """Note the most memory that was held, and warn where it is more than was allowed.

    What the process held before the run, as in a notebook, is not the run's.
    """
    peak, limit = run.anonymous or peak_bytes(), run.settings.memory
    if peak <= run.peak_before and not run.anonymous:
        return
    run.update(details={"memory": {"limit_bytes": limit, "peak_bytes": peak}})
    if limit is not None and peak > limit:
        run.decisions.add("memory-exceeded", limit=limit, peak=peak)
        progress.warn("memory-exceeded", limit=limit, peak=peak)


def _report(
    packaged: Packaged, data: Data, run: Run, progress: Progress, size: int
) -> tuple[str, Path | None]:
    """Return the report and its path: "" and None where that fails, for the model is safe."""
    html, settings = "", run.settings
    try:
        html = make_report(packaged, data, run, bundle_name(settings), size, settings.lang)
        destination = Destination.of(settings)
        if destination is None:
            return html, None
        destination.check_report(settings.target)
        write_text(destination.report, html)
        return html, destination.report
    except Exception as error:
        # Whatever a page fails at, be it memory, disk or our own fault, the model is worth more.
        reason = error.what if isinstance(error, MulleError) else f"{type(error).__name__}: {error}"
        progress.warn("report-failed", reason=reason)
        with suppress(RunError):
            run.decisions.add("report-failed", reason=reason)
        return html, None
