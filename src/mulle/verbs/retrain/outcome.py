"""What came of a retraining: the decision with all of its evidence, as versioned data."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from mulle.verbs.retrain.compare import Comparison
from mulle.verbs.retrain.gates import Gate
from mulle.verbs.retrain.place import Side
from mulle.verbs.retrain.rows import Counts

FORMAT = 1
Decision = Literal["promoted", "refused", "written", "nothing-to-do", "planned"]


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """One retraining.

    Attributes:
        decision: `promoted`; `refused`, as a gate was missed; `written`, as all gates hold and a
            bare file was not to be replaced; `nothing-to-do`, as nothing drifted; `planned`, in a
            dry run.
        model: the registered name, or the file.
        loop: its name in the ledger; "" where nothing was written there.
        trigger: `hand`, `schedule` or `alert`; `evidence`: of the verdict that was asked for.
        champion, challenger: the two files. After a promotion the challenger is what serves.
        rows: what became of the rows.
        plans: names of the plans that were trained again; empty for a new search.
        comparison: both models on the held-out rows.
        gates: every gate in its order; `missed` names those that do not hold.
        run: the run that trained the challenger.
        folder: the files of this retraining, with `decision.json`.
        format: of this record.
    """

    decision: Decision
    model: str
    loop: str = ""
    trigger: str = "hand"
    evidence: dict[str, Any] = {}
    champion: Side | None = None
    challenger: Side | None = None
    rows: Counts | None = None
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
        """What `mulle retrain --format json` prints."""
        known: dict[str, Any] = msgspec.to_builtins(self)
        return {"format": self.format} | known | {"missed": [gate.name for gate in self.missed]}
