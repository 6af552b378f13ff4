"""What a run was asked to do: every option of `fit`, so that it can be resumed."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from mulle.errors import UnknownName, UsageError
from mulle.table import Target

PRESETS = ("quick", "good", "best")
DEFAULT_SECONDS = 60.0
_AGAIN = ("time_column", "group", "weight", "class_weight")


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
    kinds: dict[str, str] = {}
    weight: str | None = None
    class_weight: str | None = None
    positive: str | None = None
    repair: bool = True
    encoding: str | None = None
    plan: str | None = None
    n_jobs: int = 0
    lang: Literal["en", "ko"] = "en"
    output: str = ""

    @property
    def seconds(self) -> float | None:
        """The promise: none when trials are counted."""
        if self.trials is not None:
            return None
        return DEFAULT_SECONDS if self.time is None else self.time

    def again(self) -> dict[str, Any]:
        """What a later fit needs beside the plan, to do the same with other rows."""
        given = {name: getattr(self, name) for name in _AGAIN}
        return {name: value for name, value in given.items() if value}

    def scheme(self, target: Target) -> str:
        """How rows are divided: `time`, `group`, `stratified` or `random`."""
        if self.time_column:
            return "time"
        if self.group:
            return "group"
        return "random" if target.is_regression else "stratified"

    def checked(self) -> Settings:
        """These settings.

        Raises:
            UsageError: some of them contradict each other or are out of range.
        """
        if self.preset not in PRESETS:
            raise UnknownName("preset-unknown", "preset", self.preset, PRESETS)
        if self.time is not None and self.trials is not None:
            raise UsageError("time-and-trials")
        _positive("time", self.time)
        _positive("trials", self.trials)
        if not 0 < self.test_size < 1:
            raise UsageError("test-size-range", test_size=self.test_size)
        if self.lang not in {"en", "ko"}:
            raise UnknownName("language-unknown", "language", self.lang, ["en", "ko"])
        if self.class_weight not in {None, "balanced"}:
            known = ["balanced"]
            raise UnknownName("class-weight-unknown", "class-weight", str(self.class_weight), known)
        return self


def _positive(name: str, value: Any) -> None:
    if value is not None and value <= 0:
        raise UsageError(
            f"{name}-range",
            f"--{name} is {value}.",
            fix=f"Give a number above 0, as in --{name} 60.",
        )
