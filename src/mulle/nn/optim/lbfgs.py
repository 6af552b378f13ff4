"""L-BFGS: Newton's direction from the last few steps and changes of gradient, without a matrix."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from mulle.errors import UnknownName
from mulle.nn.arrays import Array
from mulle.nn.optim.closure import ClosureOptimizer, Point
from mulle.nn.optim.groups import Group
from mulle.nn.optim.line_search import LineSearch
from mulle.nn.tensor import Parameter

SEARCHES = ("strong_wolfe",)
_CURVED = 1e-10  # a pair with s.y below this says nothing about curvature


class LBFGS(ClosureOptimizer):
    """L-BFGS: w <- w + t d, d = -H g, H from pairs s (step) and y (change of gradient).

    Each step makes up to `max_iter` such moves. For smooth losses over all rows at once.

    Args:
        parameters: parameters to change.
        lr: length t of a move, or the first length that the line search tries; above 0.
        max_iter: largest number of moves per step.
        max_eval: largest number of losses computed per step; 1.25 max_iter where None.
        tolerance_grad: end where no entry of the gradient is larger.
        tolerance_change: end where neither the loss nor a parameter changes by more.
        history_size: number of pairs to keep.
        line_search_fn: "strong_wolfe", or None for moves of a fixed length.

    Raises:
        UnknownName: there is no such line search.

    Source: Nocedal & Wright 2006, Numerical Optimization, algorithms 7.4 and 7.5.

    catalogue  opt-lbfgs
    """

    numbers: ClassVar = (*ClosureOptimizer.numbers, "moves")

    def __init__(
        self,
        parameters: Iterable[Parameter | Group],
        lr: float = 1.0,
        *,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if line_search_fn not in (None, *SEARCHES):
            raise UnknownName("line-search-unknown", "line-search", line_search_fn, SEARCHES)
        super().__init__(parameters, lr)
        self.max_iter, self.max_eval = max_iter, max_eval or max_iter * 5 // 4
        self.tolerance_grad, self.tolerance_change = tolerance_grad, tolerance_change
        self.history_size, self.line_search_fn = history_size, line_search_fn
        self.moves = 0
        self.pairs: deque[tuple[Array, Array]] = deque(maxlen=history_size)
        self._last: tuple[Array, Array] | None = None  # latest move, gradient before it

    def advance(self, look: Callable[..., Point]) -> float:
        """Make up to `max_iter` moves."""
        here = look()
        first, seen = here.loss, 1
        for move in range(1, self.max_iter + 1):
            if float(abs(here.grad).max()) <= self.tolerance_grad:
                break
            d = self._direction(here.grad)
            slope = float(here.grad @ d)
            if slope > -self.tolerance_change:
                break
            before, last = here, move == self.max_iter
            t = self.lr if self.moves > 1 else min(1.0, 1 / float(abs(here.grad).sum())) * self.lr
            here, t, tried = self._move(look, here, d, t, last)
            seen += tried
            self._last = (t * d, before.grad)
            if seen >= self.max_eval or float(abs(t * d).max()) <= self.tolerance_change:
                break
            if not last and abs(here.loss - before.loss) < self.tolerance_change:
                break
        return first

    def _move(
        self,
        look: Callable[..., Point],
        here: Point,
        d: Array,
        t: float,
        last: bool,  # noqa: FBT001
    ) -> tuple[Point, float, int]:
        """Move along d; return the new point, the length, and the number of losses computed."""
        begin = self.w.copy()
        if self.line_search_fn is None:
            self.w += t * d
            return (here, t, 0) if last else (look(), t, 1)
        search = LineSearch(lambda t: look(begin + t * d), d, here)
        found = search.run(t)
        self.w[...] = begin + found.t * d
        return found.point, found.t, search.seen

    def _direction(self, g: Array) -> Array:
        """Return -H g by two loops over the pairs."""
        self.moves += 1
        if self._last is not None:
            s, before = self._last
            y = g - before
            if float(s @ y) > _CURVED:
                self.pairs.append((s, y))
        q, weights = -g, []
        for s, y in reversed(self.pairs):
            weights.append(float(s @ q) / float(s @ y))
            q = q - weights[-1] * y
        if self.pairs:
            s, y = self.pairs[-1]
            q = q * (float(s @ y) / float(y @ y))
        for (s, y), weight in zip(self.pairs, reversed(weights), strict=True):
            q = q + s * (weight - float(y @ q) / float(s @ y))
        return q

    def forget(self) -> None:
        """Begin anew, without pairs."""
        super().forget()
        self.moves = 0
        self.pairs.clear()
        self._last = None

    def state_dict(self) -> dict[str, Array]:
        """Return all that the next step depends on, as arrays."""
        state = super().state_dict()
        if self.in_torch is None:
            empty = np.empty((0, 2, len(self.w)), self.w.dtype)
            state["pairs"] = (
                np.array([np.stack(pair) for pair in self.pairs]) if self.pairs else empty
            )
            state["last"] = np.stack(self._last) if self._last else empty[:, 0]
        return state

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Restore a saved state."""
        super().load_state_dict(state)
        if self.in_torch is None:
            self.pairs = deque(map(tuple, np.array(state["pairs"])), maxlen=self.history_size)
            self._last = tuple(np.array(state["last"])) if len(state["last"]) else None

    def _shapes(self, state: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
        grown = {"pairs", "last"}  # their first axis grows with the training
        return {k: np.shape(v)[1:] if k in grown else np.shape(v) for k, v in state.items()}

    def to_torch(self, torch: Any, parameters: Any) -> Any:
        """Return the same optimizer of PyTorch."""
        [group] = parameters
        return torch.optim.LBFGS(
            group["params"], self.lr, self.max_iter, self.max_eval, self.tolerance_grad,
            self.tolerance_change, self.history_size, self.line_search_fn,
        )  # fmt: skip
