"""The end of a fit: its bundle and report are written, and its run is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from mulle.bundle import Model, deliver
from mulle.decisions import Decision
from mulle.files import write_text
from mulle.store import Promise, Score
from mulle.table import Reading
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.finish_price import leaving_seconds
from mulle.verbs.fit.package import Packaged, baseline_of
from mulle.verbs.fit.report import report as make_report
from mulle.verbs.fit.run import Run


@dataclass(frozen=True)
class Result:
    """The result of a fit.

    Attributes:
        model: the bundle, loaded from its file.
        bundle, report: where the files are; size: bytes of the bundle.
        decisions: every choice that was made.
        stopped: why the search ended.
        reading: of the training table, with all that was not used and all that is in doubt.
        run: the run, with its folder.
    """

    model: Model
    bundle: Path
    report: Path
    size: int
    decisions: Sequence[Decision]
    stopped: str
    run: Run
    packaged: Packaged
    reading: Reading

    @property
    def leaderboard(self) -> Any:
        """One row a trial, the best first: a Polars frame."""
        import polars as pl

        return pl.DataFrame([asdict(row) for row in self.packaged.rows], infer_schema_length=None)

    def summary(self) -> dict[str, Any]:
        """Return what `mulle fit --format json` prints."""
        manifest, budget, proof = self.model.manifest, self.run.budget, self.packaged.proof
        return {
            "bundle": str(self.bundle),
            "report": str(self.report),
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
            "latency_us": self.packaged.latency_us,
            "size_bytes": self.size,
            "leaderboard": [asdict(row) for row in self.packaged.rows],
            "decisions": {
                "count": len(self.decisions),
                "file": str(self.run.decisions.path),
            },
        }


def write_result(packaged: Packaged, data: Data, run: Run, stopped: str) -> Result:
    """Write the bundle and the report, close the run, and load what was written."""
    board, lang = packaged.board, run.settings.lang
    stem = Path(run.settings.source).stem or "model"
    folder = Path(run.settings.output)
    bundle, report = folder / f"{stem}.mulle", folder / f"{stem}.html"
    model = deliver(
        bundle,
        packaged.model,
        proof=packaged.proof,
        scores={"validation": {board.metric.name: board.score}, "test": packaged.scores},
        latency=packaged.latency,
        baseline=baseline_of(packaged, data),
        lang=lang,
    )
    size = bundle.stat().st_size
    # One number everywhere, the report included, which takes the rest of it.
    taken = round(run.budget.spent() + leaving_seconds(len(data.train.table.names)), 2)
    promised = run.budget.seconds
    code = "time-taken" if promised is None else "budget-kept"
    run.decisions.add(code, promised=promised, actual=taken)
    write_text(report, make_report(packaged, data, run, bundle.name, size, lang))
    run.update(
        status="interrupted" if stopped == "interrupted" else "done",
        score=Score(board.score, packaged.test.score),
        bundle=str(bundle),
        report=str(report),
        budget=Promise(promised, taken),
    )
    return Result(
        model, bundle, report, size, list(run.decisions), stopped, run, packaged, data.reading
    )
