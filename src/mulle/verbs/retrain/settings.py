"""The settings of a retraining: every rule that its decision follows."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from mulle.errors import UnknownName, UsageError
from mulle.table import ReadOptions

DEFAULT_HOLDOUT = 0.3
MIN_HOLDOUT = 30  # rows below which two models cannot be told apart
TRIGGERS = ("hand", "schedule", "alert")
RECENT = "recent"


class Policy(msgspec.Struct, frozen=True):
    """The choice of labelled rows that the challenger learns from, of those not held out.

    Attributes:
        kind: `all` of them, the `recent` ones, a `window` of days, or only the `new` ones.
        size: number of rows, or of days.
    """

    kind: Literal["all", "recent", "window", "new"] = "all"
    size: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Parse a policy as it is written.

        Raises:
            UsageError: it is not a policy.

        >>> Policy.parse("recent:5000")
        Policy(kind='recent', size=5000.0)
        """
        kind, _, size = text.partition(":")
        if kind in {"all", "new"} and not size:
            return cls(kind)  # type: ignore[arg-type]
        if kind in {"recent", "window"}:
            number = _number(size)
            if math.isfinite(number) and number > 0:
                return cls(kind, number)  # type: ignore[arg-type]
        raise UsageError("rows-policy-unknown", received=text)

    def __str__(self) -> str:
        return f"{self.kind}:{self.size:g}" if self.size else self.kind


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """The options of `retrain`; see there for what they mean."""

    policy: str = "all"
    search: bool = False
    time: float | None = None
    trials: int | None = None
    metric: str | None = None
    time_column: str | None = None
    holdout: float | str = DEFAULT_HOLDOUT
    min_gain: float = 0.0
    not_worse: bool = False
    latency_factor: float = 3.0
    size_factor: float = 3.0
    floor: float | None = None
    resamples: int = 1000
    seed: int = 0
    preset: Literal["quick", "good", "best"] = "good"
    n_jobs: int = 0
    trigger: str = "hand"
    if_drift: str | None = None
    replace: bool = False
    dry_run: bool = False
    reading: ReadOptions = ReadOptions()
    lang: Literal["en", "ko"] = "en"

    @property
    def share(self) -> float:
        """Share of the new rows that are held out, between 0 and 1."""
        return DEFAULT_HOLDOUT if isinstance(self.holdout, str) else self.holdout

    def checked(self) -> Settings:
        """Return these settings with the holdout as a number.

        Raises:
            UsageError: one of them is out of range, or two contradict each other.
        """
        Policy.parse(self.policy)
        if isinstance(self.holdout, str) and self.holdout != RECENT:
            number = _number(self.holdout)
            return msgspec.structs.replace(self, holdout=number).checked()
        if not 0 < self.share < 1:
            raise UsageError("holdout-range", received=self.holdout)
        if self.trigger not in TRIGGERS:
            raise UnknownName("trigger-unknown", "trigger", self.trigger, TRIGGERS)
        for name in ("time", "latency_factor", "size_factor", "resamples"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                option = f"--{name.replace('_', '-')}"
                raise UsageError("retrain-option-range", option=option, received=value)
        if self.not_worse and not self.if_drift:
            raise UsageError("not-worse-without-drift")
        return self


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
