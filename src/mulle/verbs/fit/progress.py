"""Progress of a run: the command line shows it, Python code ignores it."""

from __future__ import annotations

from mulle.table import Reading


class Progress:
    """A listener to a run that does nothing; a subclass shows what it hears.

    Attributes:
        waited: seconds that a person has waited before the run is asked for, which count as spent.
    """

    waited: float = 0.0

    def stage(self, name: str, **values: object) -> None:
        """Report that a stage begins: `read`, `check`, `search`, `refit`, `prove`, `report`."""

    def reading(self, reading: Reading) -> None:
        """Report what the run does not use of its table (`left_out`), and what is in doubt."""

    def plan(self, plan: str, seconds: float, share: float) -> None:
        """Report what a plan is about to take: seconds of work, and their share of the promise.

        Work that two processes share takes half of its seconds.
        """

    def fold(self, plan: str, fold: int, folds: int) -> None:
        """Report that a fold of a plan is done."""

    def trial(self, plan: str, status: str, score: float, best: float, **values: float) -> None:
        """Report that a trial is done; `best` is the score of the blend so far.

        Args:
            plan, status, score: of the trial.
            best: the score of the blend.
            values: `before`, the blend's score without it; `seconds` that it took, and `expected`
                ones, where a forecast was shown.
        """

    def note(self, code: str, **values: object) -> None:
        """Report what is about to be done, or was done, in the words of a decision."""

    def warn(self, code: str, **values: object) -> None:
        """Report something that the user should know now."""
