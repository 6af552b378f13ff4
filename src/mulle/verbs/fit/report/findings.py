"""What a report's sections are made from, gathered once and handed to each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.decisions import Decision
from mulle.i18n import Messages
from mulle.metrics import Metric, name_positive
from mulle.report import Rationale
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.package import Packaged
from mulle.verbs.fit.run import Run


@dataclass(frozen=True)
class Findings:
    """A finished fit, and the words to tell it in.

    Attributes:
        bundle_name, bundle_bytes: the file that ships.
    """

    packaged: Packaged
    data: Data
    run: Run
    bundle_name: str
    bundle_bytes: int
    words: Messages

    @property
    def metric(self) -> Metric:
        """Metric that plans were compared by."""
        return self.packaged.board.metric

    @property
    def answers(self) -> Array:
        """Probabilities [N, C] or values [N] of the test rows, by the shipped file."""
        return self.packaged.predictions.scores

    def name_metric(self, name: str) -> str:
        """Return what a metric is called, with the positive class where it is about that."""
        return self.words.name("metric", name) + name_positive(name, self.data.target.positive)

    @property
    def labels(self) -> list[str]:
        """The classes, as text."""
        return [str(label) for label in self.data.target.labels]

    @property
    def weights(self) -> dict[str, float]:
        """The plans that ship, the heaviest first.

        A plan that was in the blend but found no time to be trained on all rows is not among
        them, and the others share its weight.
        """
        left_out = {d.subject for d in self.of("plan-stopped")
                    if d.values.get("reason") == "no-time-to-refit"}  # fmt: skip
        members = [(w, t.plan.name) for w, t in self.packaged.board.members]
        kept = [(w, name) for w, name in members if name not in left_out] or members
        total = sum(weight for weight, _ in kept)
        return {name: weight / total for weight, name in sorted(kept, key=lambda m: -m[0])}

    @cached_property
    def constant(self) -> Array:
        """The answers of the baseline on the test rows: the class shares, or the mean, learned."""
        train, rows = self.data.train, len(self.data.test.y)
        if self.data.target.is_regression:
            return np.full(rows, np.average(train.y, weights=train.weight))
        counts = np.bincount(train.y, weights=train.weight, minlength=len(self.labels))
        return np.tile(counts / counts.sum(), (rows, 1))

    @cached_property
    def baseline(self) -> float:
        """The baseline's score on the test rows."""
        return self.metric.score_at(
            self.data.test.y, self.constant, threshold=self.packaged.board.threshold
        )

    def of(self, *codes: str) -> list[Decision]:
        """Return the decisions of some codes, in the order they were made."""
        return [d for d in self.run.decisions if d.code in codes]

    def why(self, code: str, *, formula: str = "") -> Rationale:
        """Return why a decision of this code is made, with the decision of this run."""
        made = self.of(code)
        told = self.words.sentence(made[-1]) if made else ""
        return Rationale(self.words.explain(code), formula=formula, decision=told)


def numbers(values: Any) -> Sequence[float]:
    """Convert an array to plain numbers, for a chart."""
    return [float(v) for v in np.asarray(values)]
