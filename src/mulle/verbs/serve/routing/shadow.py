"""The first version answers; the others are asked the same afterwards, and only compared.

What is asked afterwards waits in a short queue. What finds it full, comes while the process is
busy, or would take more than a share of one core, is dropped and counted: nobody waits for it.

catalogue  route-ab
"""

from __future__ import annotations

from mulle.verbs.serve.routing.fixed import First
from mulle.verbs.serve.routing.rule import Policy, Rule, positive


class Shadow(Rule, frozen=True, kw_only=True, tag="shadow", forbid_unknown_fields=True):
    """The first version answers, the others are compared with it.

    Attributes:
        busy: the share of one core's time that comparing may take.
        tolerance: of a regression, values that differ by no more than this agree.
    """

    busy: float = 0.25
    tolerance: float = 1e-6

    @property
    def rewarded(self) -> bool:
        """Answers are compared with each other, not with the truth."""
        return False

    def check(self) -> None:
        """Refuse a share that is none."""
        super().check()
        positive(self, "busy", self.busy, 1.0)
        positive(self, "tolerance", self.tolerance)

    def start(self, model: str = "", slots: str = "") -> Policy:
        """The policy."""
        return First()
