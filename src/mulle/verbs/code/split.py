"""How a script divides its rows: into training and test rows, and into folds, as the run did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mulle.arrays import Array
from mulle.table import keeps_strata
from mulle.verbs.fit.data import MAX_TEST_ROWS
from mulle.verbs.fit.folds import HELD_SHARE, HOLD_OUT, MAX_HELD_ROWS
from mulle.verbs.fit.settings import Settings


@dataclass(frozen=True)
class Rows:
    """Rows that are divided: class codes of each, or None for values, and groups where there are.

    Attributes:
        suffix: what stands behind the names of variables that are of these rows.
    """

    settings: Settings
    count: int
    classes: Array | None
    groups: Array | None
    suffix: str = ""

    def take(self, at: Array, suffix: str) -> Rows:
        """Return some of them, whose variables are cut to them."""
        classes = None if self.classes is None else self.classes[at]
        groups = None if self.groups is None else self.groups[at]
        return Rows(self.settings, len(at), classes, groups, suffix)

    @property
    def seed(self) -> str:
        """How the seed is passed."""
        return f"random_state={self.settings.seed}"

    def name(self, of: str) -> str:
        """Return the name of a variable with a value for each row."""
        return f"{of}{self.suffix}"

    def share(self, size: float) -> int:
        """Return how many rows a share is."""
        return min(max(round(self.count * size), 1), self.count - 1)

    def held_out(self, count: int, names: str) -> list[str]:
        """Return the lines that part so many rows from the others.

        Args:
            count: rows of the second part.
            names: of the variables of both parts.
        """
        if self.settings.time_column is not None:
            return [f"{names} = latest({self.name('moments')}, {count})"]
        if self.settings.group is not None:
            return [f"{names} = nearest_fold({self._by_groups(count)}, {count})"]
        strata = ""
        if keeps_strata(self.classes, 2, min(count, self.count - count)):
            strata = f", stratify={self.name('y')}"
        rows, end = f"np.arange({self.count})", f"test_size={count}{strata}, {self.seed}"
        sort = ", ".join(f"np.sort({name})" for name in names.split(", "))
        return [f"{names} = train_test_split(", f"    {rows}, {end}", ")", f"{names} = {sort}"]

    def _by_groups(self, count: int) -> str:
        sizes = len(np.unique(self.groups)) if self.groups is not None else 1
        k = min(max(round(self.count / count), 2), sizes)
        if self.count / count < 2:
            k = min(max(round(self.count / (self.count - count)), 2), sizes)
        return self._splits(k)

    def folds(self, k: int) -> str:
        """Return the expression of k pairs of rows: to learn from, and to validate on."""
        if self.settings.time_column is not None:
            return f"along_time({self.name('moments')}, {k})"
        return self._splits(k)

    def _splits(self, k: int) -> str:
        strata = keeps_strata(self.classes, k, self.count)
        kept = strata and int(np.bincount(self.classes).min()) >= k  # type: ignore[arg-type]
        y, grouped = self.name("y"), self.settings.group is not None
        kind = {
            (False, False): "KFold",
            (True, False): "StratifiedKFold",
            (False, True): "GroupKFold",
            (True, True): "StratifiedGroupKFold",
        }[bool(kept), grouped]
        groups = f", {self.name('groups')}" if grouped else ""
        return f"{kind}({k}, shuffle=True, {self.seed}).split({y}, {y}{groups})"


def write_test_split(rows: Rows) -> list[str]:
    """Return the lines that keep the test rows back."""
    size = min(rows.settings.test_size, MAX_TEST_ROWS / rows.count)
    return rows.held_out(rows.share(size), "train_rows, test_rows")


def write_folds(rows: Rows, scheme: str, count: int) -> list[str]:
    """Return the lines that divide the training rows into folds; only those learned from stay.

    Args:
        rows: to learn from.
        scheme: `hold-out`, or how folds are made.
        count: of folds.
    """
    if scheme != HOLD_OUT:
        return [f"folds = [rows for rows, _ in {rows.folds(count)}]"]
    held = rows.share(min(HELD_SHARE, MAX_HELD_ROWS / rows.count))
    return [*rows.held_out(held, "learned, held"), "folds = [learned]"]
