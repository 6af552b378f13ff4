"""Values at the edges of constraints, inside and outside: what generated tests of settings try."""

import math
from functools import singledispatch
from typing import Any

from mulle.constraints import (
    AnyOf,
    Choice,
    Constraint,
    Flag,
    Interval,
    Listing,
    Optional,
    Pattern,
    Text,
)

STEP = 1e-3  # how far inside an open end of a range of real numbers a test looks


@singledispatch
def inside(constraint: Constraint) -> list[Any]:
    """The outermost values that are accepted."""
    raise NotImplementedError(type(constraint))


@singledispatch
def outside(constraint: Constraint) -> list[Any]:
    """Values just beyond what is accepted, misspelled names, and other types."""
    raise NotImplementedError(type(constraint))


@inside.register
def _(constraint: Interval) -> list[Any]:
    step = 1 if constraint.type is int else STEP
    low = constraint.low if constraint.includes_low else constraint.low + step
    high = constraint.high if constraint.includes_high else constraint.high - step
    return [constraint.type(end) for end in (low, high) if math.isfinite(end)]


@outside.register
def _(constraint: Interval) -> list[Any]:
    refused: list[Any] = ["1", None, True, math.nan, math.inf, -math.inf]
    ends = ((constraint.low, constraint.includes_low, -1),
            (constraint.high, constraint.includes_high, 1))  # fmt: skip
    for end, included, way in ends:
        if not math.isfinite(end):
            continue
        if not included:
            refused.append(constraint.type(end))
        elif constraint.type is int:
            refused.append(int(end) + way)
        else:
            refused.append(math.nextafter(end, way * math.inf))
    return [*refused, constraint.low + 0.5] if constraint.type is int else refused


@inside.register
def _(constraint: Choice) -> list[Any]:
    return list(constraint.values)


@outside.register
def _(constraint: Choice) -> list[Any]:
    return [*(f"{v}{v[-1]}" for v in constraint.values if isinstance(v, str)), None, 0.5, True]


@inside.register
def _(constraint: Flag) -> list[Any]:
    return [True, False]


@outside.register
def _(constraint: Flag) -> list[Any]:
    return ["true", 1, 0, None]


@inside.register
def _(constraint: Text) -> list[Any]:
    return ["a", ""]


@outside.register
def _(constraint: Text) -> list[Any]:
    return [1, None]


@inside.register
def _(constraint: Pattern) -> list[Any]:
    return [constraint.like]


@outside.register
def _(constraint: Pattern) -> list[Any]:
    return ["", constraint.like * 2, f" {constraint.like}", 1, None]


@inside.register
def _(constraint: Listing) -> list[Any]:
    return [[value] for value in inside(constraint.of)]


@outside.register
def _(constraint: Listing) -> list[Any]:
    good = inside(constraint.of)[0]
    twice = [[good, good]] if constraint.distinct else []
    return [[], good, *([value] for value in outside(constraint.of)), *twice]


@inside.register
def _(constraint: AnyOf) -> list[Any]:
    return [value for option in constraint.options for value in inside(option)]


@inside.register
def _(constraint: Optional) -> list[Any]:
    return [None, *(value for option in constraint.options for value in inside(option))]


@outside.register
def _(constraint: AnyOf) -> list[Any]:
    return [
        value
        for option in constraint.options
        for value in outside(option)
        if not any(other.accepts(value) for other in constraint.options if other is not option)
        and not (value is None and isinstance(constraint, Optional))
    ]
