"""Constraints of settings as data: types, ranges and choices that check and describe themselves.

Numbers follow scikit-learn's `_parameter_constraints`: a bool is no number, and a whole number may
stand for a real one.
"""

from __future__ import annotations

import difflib
import math
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Literal

from mulle.i18n import Lang, Messages

_RANGES = {"both": "between", "left": "from-below", "right": "above-to", "neither": "above-below"}


class Constraint(ABC):
    """What a setting may be."""

    @abstractmethod
    def accepts(self, value: Any) -> bool:
        """Return whether `value` keeps the constraint."""

    @abstractmethod
    def render(self, lang: Lang) -> str:
        """Return what is accepted as a phrase: "a whole number from 2 to 255"."""

    def near(self, value: Any) -> list[str]:
        """Return choices that are spelled almost like `value`."""
        return []


@dataclass(frozen=True)
class Interval(Constraint):
    """A finite number within limits.

    Args:
        type: `int` for whole numbers, `float` for all real numbers.
        low: the lower limit; -inf for none.
        high: the upper limit; inf for none.
        closed: which of the limits belong to the range.

    >>> share = Interval(float, 0, 1, closed="right")
    >>> [share.accepts(value) for value in (0, 0.5, 1, True, "1", float("nan"))]
    [False, True, True, False, False, False]
    >>> share.render("en")
    'a number above 0 and up to 1'
    """

    type: type
    low: float = -math.inf
    high: float = math.inf
    closed: Literal["both", "left", "right", "neither"] = "both"

    def accepts(self, value: Any) -> bool:
        """Return whether `value` is such a number within the limits."""
        wanted = Integral if self.type is int else Real
        if isinstance(value, bool) or not isinstance(value, wanted) or not math.isfinite(value):
            return False
        number = float(value)
        above = number >= self.low if self.includes_low else number > self.low
        below = number <= self.high if self.includes_high else number < self.high
        return above and below

    @property
    def includes_low(self) -> bool:
        """Whether the lower limit itself is accepted."""
        return self.closed in {"both", "left"}

    @property
    def includes_high(self) -> bool:
        """Whether the upper limit itself is accepted."""
        return self.closed in {"both", "right"}

    def render(self, lang: Lang) -> str:
        """Return the range as a phrase."""
        messages = Messages(lang)
        kind = "whole" if self.type is int else "real"
        if math.isinf(self.low) and math.isinf(self.high):
            return messages(f"constraint.{kind}")
        key = _RANGES[self.closed]
        if math.isinf(self.high):
            key = "from" if self.includes_low else "above"
        bounds = messages(f"constraint.{key}", low=self.low, high=self.high)
        return messages(f"constraint.{kind}-in", bounds=bounds)


class Choice(Constraint):
    """One of some names or whole numbers.

    >>> Choice("mean", "median", "mode").accepts("modus")
    False
    >>> Choice("mean", "median", "mode").near("modus")
    ['mode']
    """

    def __init__(self, *values: str | int) -> None:
        self.values = values

    def accepts(self, value: Any) -> bool:
        """Return whether `value` is one of the choices."""
        return not isinstance(value, bool) and isinstance(value, str | int) and value in self.values

    def render(self, lang: Lang) -> str:
        """Return the choices, joined by "or"."""
        return _join([repr(value) for value in self.values], lang)

    def near(self, value: Any) -> list[str]:
        """Return choices that are spelled almost like `value`."""
        names = [v for v in self.values if isinstance(v, str)]
        return difflib.get_close_matches(str(value), names, n=2, cutoff=0.5)


class Flag(Constraint):
    """Either true or false.

    >>> Flag().accepts(1)
    False
    """

    def accepts(self, value: Any) -> bool:
        """Return whether `value` is a bool."""
        return isinstance(value, bool)

    def render(self, lang: Lang) -> str:
        """Return "true or false"."""
        return Messages(lang)("constraint.flag")


class Text(Constraint):
    """Any string, also the empty one.

    >>> Text().accepts("")
    True
    """

    def accepts(self, value: Any) -> bool:
        """Return whether `value` is a string."""
        return isinstance(value, str)

    def render(self, lang: Lang) -> str:
        """Return "a string"."""
        return Messages(lang)("constraint.text")


@dataclass(frozen=True)
class Pattern(Constraint):
    """A string that a regular expression matches as a whole.

    Args:
        expression: the regular expression.
        like: a string that it matches, to be shown.

    >>> [Pattern(r"[0-9]+ days", like="7 days").accepts(text) for text in ("10 days", "10")]
    [True, False]
    """

    expression: str
    like: str

    def accepts(self, value: Any) -> bool:
        """Return whether `value` is such a string."""
        return isinstance(value, str) and re.fullmatch(self.expression, value) is not None

    def render(self, lang: Lang) -> str:
        """Return "a string like ..."."""
        return Messages(lang)("constraint.pattern", like=self.like)


@dataclass(frozen=True)
class Listing(Constraint):
    """A list of at least one entry, each of which keeps a constraint.

    Args:
        of: the constraint of an entry.
        distinct: no entry may occur twice.

    >>> Listing(Text()).accepts(["a", "a"]), Listing(Text(), distinct=True).accepts(["a", "a"])
    (True, False)
    """

    of: Constraint
    distinct: bool = False

    def accepts(self, value: Any) -> bool:
        """Return whether `value` is a list or tuple of such entries."""
        if not isinstance(value, list | tuple) or not all(map(self.of.accepts, value)):
            return False
        return len(value) > 0 and not (self.distinct and len(set(value)) < len(value))

    def render(self, lang: Lang) -> str:
        """Return what stands in the list."""
        key = "constraint.list-distinct" if self.distinct else "constraint.list"
        return Messages(lang)(key, of=self.of.render(lang))


class AnyOf(Constraint):
    """Whatever one of several constraints accepts.

    >>> AnyOf(Choice("auto"), Interval(float, 0)).render("en")
    "'auto' or a number of 0 or more"
    """

    def __init__(self, *options: Constraint) -> None:
        self.options = options

    def accepts(self, value: Any) -> bool:
        """Return whether one of the options accepts `value`."""
        return any(option.accepts(value) for option in self.options)

    def render(self, lang: Lang) -> str:
        """Return the options, joined by "or"."""
        return _join([option.render(lang) for option in self.options], lang)

    def near(self, value: Any) -> list[str]:
        """Return choices of the options that are spelled almost like `value`."""
        return [name for option in self.options for name in option.near(value)]


class Optional(AnyOf):
    """What a constraint accepts, or None: left out, and chosen by the step or learner.

    >>> Optional(Interval(int, 2)).accepts(None)
    True
    """

    def accepts(self, value: Any) -> bool:
        """Return whether `value` is None or accepted by the constraint."""
        return value is None or super().accepts(value)


def _join(parts: list[str], lang: Lang) -> str:
    """Return the parts with commas between them and "or" before the last."""
    if len(parts) == 1:
        return parts[0]
    return Messages(lang)("constraint.or", first=", ".join(parts[:-1]), last=parts[-1])
