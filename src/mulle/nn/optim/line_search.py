"""Line search: how far to go along a direction, by the strong Wolfe conditions.

phi(t) = loss(w + t d). With s = phi'(0) < 0, a length t is good enough when

    phi(t) <= phi(0) + c1 t s        the loss falls enough
    |phi'(t)| <= c2 |s|              and it is flat enough there

Source: Nocedal & Wright 2006, Numerical Optimization, algorithms 3.5 and 3.6, eq. 3.59.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from mulle.nn.arrays import Array
from mulle.nn.optim.closure import Point

C1, C2 = 1e-4, 0.9
MAX_EVALUATIONS = 25
MIN_BRACKET = 1e-9  # width, in units of the parameters


class Evaluation(NamedTuple):
    """Hold a length that was tried: phi and phi' there, and the point."""

    t: float
    loss: float
    slope: float
    point: Point


class LineSearch:
    """Search a length along a direction.

    Args:
        look: function that returns the point at a length t.
        d: direction, flat.
        start: point at t = 0.

    Attributes:
        seen: number of calls of `look`.
    """

    def __init__(self, look: Callable[[float], Point], d: Array, start: Point) -> None:
        self._look, self.d, self.seen = look, d, 0
        self.start = self._trial(0.0, start)

    def _trial(self, t: float, point: Point) -> Evaluation:
        return Evaluation(t, point.loss, float(point.grad @ self.d), point)

    def _try(self, t: float) -> Evaluation:
        self.seen += 1
        return self._trial(t, self._look(t))

    def _rises(self, x: Evaluation) -> bool:
        return x.loss > self.start.loss + C1 * x.t * self.start.slope

    def _flat(self, x: Evaluation) -> bool:
        return abs(x.slope) <= -C2 * self.start.slope

    def run(self, t: float) -> Evaluation:
        """Return the length found; `t` is the first one to try."""
        before, now = self.start, self._try(t)
        while self.seen <= MAX_EVALUATIONS:
            if self._rises(now) or (self.seen > 1 and now.loss >= before.loss):
                return self._zoom(before, now)
            if self._flat(now):
                return now
            if now.slope >= 0:
                return self._zoom(before, now)
            least, most = now.t + 0.01 * (now.t - before.t), 10 * now.t
            before, now = now, self._try(cubic(before, now, least, most))
        return now if now.loss < self.start.loss else self.start

    def _zoom(self, a: Evaluation, b: Evaluation) -> Evaluation:
        """Return the best length between two; that with the lower loss leads."""
        low, high = sorted((a, b), key=lambda x: x.loss)
        width = float(abs(self.d).max())
        crept = False  # the last guess was close to an end already
        while self.seen <= MAX_EVALUATIONS and abs(high.t - low.t) * width >= MIN_BRACKET:
            t, crept = _inside(cubic(low, high), low.t, high.t, crept)
            now = self._try(t)
            if self._rises(now) or now.loss >= low.loss:
                low, high = sorted((low, now), key=lambda x: x.loss)
                continue
            if self._flat(now):
                return now
            if now.slope * (high.t - low.t) >= 0:
                high = low
            low = now
        return low


def cubic(
    a: Evaluation, b: Evaluation, least: float | None = None, most: float | None = None
) -> float:
    """Return the minimum, within bounds, of the cubic through two values and slopes."""
    low = min(a.t, b.t) if least is None else least
    high = max(a.t, b.t) if most is None else most
    a, b = (a, b) if a.t <= b.t else (b, a)
    middle = (low + high) / 2
    if a.t == b.t:
        return middle
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    inside = d1 * d1 - a.slope * b.slope
    if not inside >= 0:
        return middle
    d2 = math.sqrt(inside)
    below = b.slope - a.slope + 2 * d2
    if not below:
        return middle
    t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / below
    return min(max(t, low), high)


def _inside(t: float, a: float, b: float, crept: bool) -> tuple[float, bool]:  # noqa: FBT001
    """Keep a guess a tenth away from the ends when it is near one for the second time."""
    low, high = min(a, b), max(a, b)
    tenth = 0.1 * (high - low)
    if min(high - t, t - low) >= tenth:
        return t, False
    if crept or t >= high or t <= low:
        return (high - tenth if high - t < t - low else low + tenth), False
    return t, True
