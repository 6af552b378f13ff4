"""The outcome of a retraining: the decision with all of its evidence, as versioned data."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from mulle.table import Doubt, LeftOut
from mulle.verbs.retrain.compare import Comparison
from mulle.verbs.retrain.gates import Gate
from mulle.verbs.retrain.rows import Counts
from mulle.verbs.retrain.slots import ModelRef

FORMAT = 1
Decision = Literal["promoted", "refused", "written", "nothing-to-do", "planned"]


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of one retraining.

    Attributes:
        decision: `promoted`; `refused`, as a gate was missed; `written`, as all gates hold and a
            bare file was not to be replaced; `nothing-to-do`, as nothing drifted; `planned`, in a
            dry run.
        model: registered name, or file.
        loop: name in the ledger; "" where nothing was written there.
        trigger: `hand`, `schedule` or `alert`; `evidence`: of the drift report that was asked for.
        champion, challenger: the two files. After a promotion the challenger is what serves.
        rows: counts of the rows.
        left_out, doubts: what is not used of the new rows, and what is in doubt, see `Reading`.
        plans: names of the plans that were trained again; empty for a new search.
        comparison: both models on the held-out rows.
        gates: every gate in its order; `missed` names those that do not hold.
        run: name of the run that trained the challenger.
        folder: folder of this retraining, with `decision.json`.
        format: version of this record.
    """

    decision: Decision
    model: str
    loop: str = ""
    trigger: str = "hand"
    evidence: dict[str, Any] = {}
    champion: ModelRef | None = None
    challenger: ModelRef | None = None
    rows: Counts | None = None
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    plans: list[str] = []
    comparison: Comparison | None = None
    gates: list[Gate] = []
    run: str = ""
    folder: str = ""
    format: int = FORMAT

    @property
    def missed(self) -> list[Gate]:
        """The gates that do not hold."""
        return [gate for gate in self.gates if not gate.passed]

    def summary(self) -> dict[str, Any]:
        """Return what `mulle retrain --format json` prints."""
        known: dict[str, Any] = msgspec.to_builtins(self)
        return {"format": self.format} | known | {"missed": [gate.name for gate in self.missed]}
