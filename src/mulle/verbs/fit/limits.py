"""What an answer may take and what a file may hold: `--max-latency` and `--max-size`.

While members are chosen both are estimated from what the trials have counted: the operations of an
answer, the nodes of trees. What ships is measured; where an estimate was too low, it is raised by
that much, and the members are chosen anew.

catalogue  ens-idea
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mulle.errors import RunError
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.trial import Trial

_MB = 1e6
_MS = 1e3  # microseconds
# About what a graph takes, measured on single rows of small tables: of ONNX Runtime and the cells
# of a row, of each member's steps, of a node that a row passes and of a product.
_ROW_MICROS, _MEMBER_MICROS = 60.0, 12.0
_NODE_MICROS, _PRODUCT_MICROS = 0.005, 0.0006
REST_BYTES = 45_000.0  # of the file, beside its graph
_MEMBER_BYTES, _NODE_BYTES, _PRODUCT_BYTES = 2_000.0, 16.0, 4.5


@dataclass(frozen=True)
class Cost:
    """Microseconds of one row, and bytes of the file."""

    micros: float
    size: float


@dataclass(frozen=True)
class Limits:
    """What a model may cost; infinite where there is no limit.

    Attributes:
        raised: by how much more than estimated a model was found to cost: microseconds, bytes.
    """

    most: Cost
    raised: Cost = Cost(1.0, 1.0)

    @classmethod
    def of(cls, settings: Settings) -> Limits | None:
        """Return the limits of a run; None where it has none."""
        latency, size = settings.max_latency, settings.max_size
        if latency is None and size is None:
            return None
        none = float("inf")
        micros = none if latency is None else latency * _MS
        return cls(Cost(micros, none if size is None else size * _MB))

    def keep(self, cost: Cost) -> bool:
        """Return whether a cost is within the limits."""
        return cost.micros <= self.most.micros and cost.size <= self.most.size

    def allow(self, trials: Sequence[Trial]) -> bool:
        """Return whether a blend of some trials is expected to be within the limits."""
        return self.keep(self.expected(trials))

    def expected(self, trials: Sequence[Trial]) -> Cost:
        """Return what a blend of some trials is expected to cost."""
        micros, size = _ROW_MICROS, REST_BYTES
        for trial in trials:
            of_trees = trial.nodes > 0
            micros += _MEMBER_MICROS
            micros += trial.operations * (_NODE_MICROS if of_trees else _PRODUCT_MICROS)
            size += _MEMBER_BYTES
            size += trial.nodes * _NODE_BYTES if of_trees else trial.operations * _PRODUCT_BYTES
        return Cost(micros * self.raised.micros, size * self.raised.size)

    def raise_to(self, trials: Sequence[Trial], measured: Cost) -> Limits:
        """Return limits whose estimates are what was measured of a blend of some trials."""
        expected = self.expected(trials)
        return replace(
            self,
            raised=Cost(
                self.raised.micros * max(1.0, measured.micros / expected.micros),
                self.raised.size * max(1.0, measured.size / expected.size),
            ),
        )

    def refusal(self, where: object, plan: str, measured: Cost) -> RunError:
        """Return the error of a run of which no model is within the limits."""
        latency, size = self.most.micros / _MS, self.most.size / _MB
        return RunError(
            "limits-unmet",
            where=str(where),
            plan=plan,
            micros=round(measured.micros, 1),
            size=int(measured.size),
            limits=[
                *([] if latency == float("inf") else [f"--max-latency {latency:g}"]),
                *([] if size == float("inf") else [f"--max-size {size:g}"]),
            ],
        )
