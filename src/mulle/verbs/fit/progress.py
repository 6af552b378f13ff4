"""What a run tells while it works; the command line draws it, Python code ignores it."""

from __future__ import annotations


class Progress:
    """Told of each stage and finding; does nothing. A subclass shows it."""

    def stage(self, name: str, **values: object) -> None:
        """A stage begins: `read`, `check`, `search`, `refit`, `prove`, `report`."""

    def fold(self, plan: str, fold: int, folds: int) -> None:
        """A fold of a plan is done."""

    def trial(self, plan: str, status: str, score: float, best: float) -> None:
        """A trial is done; `best` is the score of the blend so far."""

    def warn(self, code: str, **values: object) -> None:
        """Something the user should know now."""
