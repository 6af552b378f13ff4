"""What a run was asked to do: every option of `fit`, so that it can be resumed."""

from __future__ import annotations

import math
from typing import Any, Literal

import msgspec

from mulle.constraints import Interval
from mulle.errors import UnknownName, UsageError
from mulle.table import ReadOptions
from mulle.verbs.fit.cluster_address import read_address

PRESETS = ("quick", "good", "best")
DEFAULT_SECONDS = 60.0
ERRORS = ("fp", "fn")  # false positives and false negatives, as costs name them
_NUMBERS = {  # what each may be, and the error of what it may not
    "time": (Interval(float, 0, closed="neither"), "option-not-positive"),
    "trials": (Interval(int, 1), "option-not-positive"),
    "max_tokens": (Interval(int, 8, 8_192), "max-tokens-range"),
    "rows": (Interval(int, 1), "option-not-positive"),
    "max_latency": (Interval(float, 0, closed="neither"), "option-not-positive"),
    "max_size": (Interval(float, 0, closed="neither"), "option-not-positive"),
    "test_size": (Interval(float, 0, 1, closed="neither"), "test-size-range"),
    "threshold": (Interval(float, 0, 1), "threshold-range"),
}
_AGAIN = (
    "time_column",
    "group",
    "weight",
    "class_weight",
    "cost",
    "threshold",
    "max_latency",
    "max_size",
    "encoder",
)


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """The options of `fit`; see there for what they mean."""

    target: str
    source: str = ""
    task: str | None = None
    metric: str | None = None
    preset: str = "good"
    time: float | None = None
    trials: int | None = None
    seed: int = 0
    test: str | None = None
    test_size: float = 0.2
    group: str | None = None
    time_column: str | None = None
    drop: tuple[str, ...] = ()
    reading: ReadOptions = ReadOptions()
    weight: str | None = None
    class_weight: str | None = None
    positive: str | None = None
    cost: dict[str, float] = {}
    threshold: float | None = None
    plan: str | None = None
    n_jobs: int = 0
    on: str | None = None
    lang: Literal["en", "ko"] = "en"
    output: str | None = ""
    replace: bool = False
    memory: int | None = None
    rows: int | None = None
    max_latency: float | None = None
    max_size: float | None = None
    encoder: str | None = None
    max_tokens: int = 128

    @property
    def seconds(self) -> float | None:
        """The promise: none when trials are counted."""
        if self.trials is not None:
            return None
        return DEFAULT_SECONDS if self.time is None else self.time

    @property
    def costs(self) -> dict[str, float]:
        """The cost of a false positive (`fp`) and of a false negative (`fn`); 1 if not given."""
        return dict.fromkeys(ERRORS, 1.0) | self.cost

    def again(self) -> dict[str, Any]:
        """Return what a later fit needs beside the plan, to do the same with other rows."""
        given = {name: getattr(self, name) for name in _AGAIN}
        return {name: value for name, value in given.items() if value}

    def check(self) -> None:
        """Refuse settings that contradict each other or are out of range.

        Raises:
            UnknownName: a preset, a weighting or an error that does not exist.
            UsageError: some of them contradict each other or are out of range.
        """
        if self.preset not in PRESETS:
            raise UnknownName("preset-unknown", "preset", self.preset, PRESETS)
        if self.time is not None and self.trials is not None:
            raise UsageError("time-and-trials")
        for name, (allowed, code) in _NUMBERS.items():
            value = getattr(self, name)
            if value is not None and not allowed.accepts(value):
                option = f"--{name.replace('_', '-')}"
                received = f"{value:g}" if isinstance(value, float) else str(value)
                raise UsageError(code, option=option, received=received)
        if self.class_weight not in {None, "balanced"}:
            raise UnknownName(
                "class-weight-unknown", "class-weight", str(self.class_weight), ["balanced"]
            )
        read_address(self.on)
        self._check_threshold()

    def _check_threshold(self) -> None:
        for error, cost in self.cost.items():
            if error not in ERRORS:
                raise UnknownName("cost-unknown", "error", error, ERRORS)
            if not (isinstance(cost, int | float) and 0 <= cost < math.inf):
                raise UsageError("cost-range", error=error, received=cost)
        if not any(self.costs.values()):
            raise UsageError("costs-all-zero")
        if self.threshold is not None and self.cost:
            raise UsageError("cost-and-threshold")
