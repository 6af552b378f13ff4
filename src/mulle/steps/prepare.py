"""Turn the columns of a table into the matrix of features that a learner receives.

A block sends some columns through a chain of steps; a preparation sets the blocks side by side
and casts to float32 once, at the learner's door. The same code computes in Python and traces the
graph.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from sklearn.base import clone

from mulle.arrays import Array
from mulle.budget import Stop, check, never
from mulle.graph import Matrix, SparseMatrix, concat, g, is_symbolic, unwrap, vectors_name, wrap
from mulle.steps.base import Step
from mulle.steps.interact import Arithmetic

_MAX_FLOAT32 = float(np.finfo(np.float32).max)

# What chains of steps gave for the rows (or graph inputs) in hand, by columns and settings. Handed
# from one preparation to the next it saves doing the same twice; all must have learned from the
# same rows, so that the same settings are the same step.
Shared = dict[str, Matrix]

# Steps that were learned for the blocks in hand, with their features, by columns and settings.
Learned = dict[str, tuple[Step, Matrix]]


class Block:
    """Columns and the chain of steps that they go through together.

    Steps that take one column at a time are fitted once for each.
    """

    def __init__(self, columns: Sequence[str], steps: Sequence[Step] = ()) -> None:
        self.columns = list(columns)
        self.steps = list(steps)
        alone = any(step.per_column for step in self.steps)
        self._groups = [[c] for c in self.columns] if alone else [self.columns]

    def fit_transform(
        self,
        columns: Mapping[str, Array],
        y: Array,
        learned: Learned | None = None,
        *,
        stop: Stop = never,
    ) -> Matrix:
        """Learn every step in turn; return the features of the training rows [N, M].

        What is in `learned` already is not learned again.
        """
        self.chains_: list[list[Step]] = []
        done = {} if learned is None else learned
        return concat([self._fit_group(columns, group, y, done, stop) for group in self._groups])

    def _fit_group(
        self,
        columns: Mapping[str, Array],
        group: list[str],
        y: Array,
        learned: Learned,
        stop: Stop,
    ) -> Matrix:
        check(stop)
        x, chain = None, []
        for key, prototype in zip(_keys(group, self.steps), self.steps, strict=True):
            if key not in learned:
                step = clone(prototype)
                given = concat([columns[c] for c in group]) if x is None else x
                target = y if step.uses_target else None
                learned[key] = step, step.fit_transform(given, target, stop=stop)
            step, x = learned[key]
            chain.append(step)
        self.chains_.append(chain)
        return concat([columns[c] for c in group]) if x is None else x

    def step_keys(self) -> list[str]:
        """Return what names each of its steps by columns and settings, group by group."""
        return [key for group in self._groups for key in _keys(group, self.steps)]

    def transform(
        self,
        columns: Mapping[str, Matrix],
        shared: Shared | None = None,
        *,
        stop: Stop = never,
    ) -> Matrix:
        """Return the features [N, M] of new rows, or of graph inputs; see `Shared`."""
        done = {} if shared is None else shared
        return concat([_apply(columns, *pair, done, stop) for pair in self._groups_and_chains()])

    def _groups_and_chains(self) -> list[tuple[list[str], list[Step]]]:
        return list(zip(self._groups, self.chains_, strict=True))

    def names(self) -> list[str]:
        """Return the names of the features."""
        result = []
        for group, chain in self._groups_and_chains():
            names = group
            for step in chain:
                names = list(step.get_feature_names_out(names))
            result += names
        return result

    def gains(self) -> dict[str, float]:
        """Return the features that `Arithmetic` added, with the share of error each removed."""
        return {
            name: gain
            for group, chain in self._groups_and_chains()
            for step in chain[:1]
            if isinstance(step, Arithmetic)
            for name, gain in zip(step.names_out(group)[len(group) :], step.gains_, strict=True)
        }

    @property
    def categorical(self) -> bool:
        """Whether the features are category codes."""
        return bool(self.steps) and self.steps[-1].categorical

    @property
    def untouched(self) -> bool:
        """Whether the columns come first among the features, as they are."""
        return all(step.keeps_columns for step in self.steps)


def _keys(group: list[str], steps: Sequence[Step]) -> list[str]:
    """Return what names each step of a chain: its columns, and the settings of all up to it."""
    settings = [f"|{type(s).__name__}{sorted(s.get_params().items())!r}" for s in steps]
    return list(accumulate(settings, initial=repr(group)))[1:]


def _apply(
    columns: Mapping[str, Matrix],
    group: list[str],
    chain: list[Step],
    shared: Shared,
    stop: Stop = never,
) -> Matrix:
    check(stop)
    x = None
    for key, step in zip(_keys(group, chain), chain, strict=True):
        if key not in shared:
            given = _given(columns, group, step) if x is None else x
            if is_symbolic(given):
                shared[key] = step.compute(given)
            else:
                shared[key] = step.compute_in_parts(given, stop=stop)
        x = shared[key]
    return concat([columns[c] for c in group]) if x is None else x


def _given(columns: Mapping[str, Matrix], group: list[str], step: Step) -> Matrix:
    """Return what a chain begins with; in a graph, `Embed` is handed the vectors of its column."""
    if step.takes_vectors:
        vectors = [vectors_name(c) for c in group]
        if all(name in columns for name in vectors):
            return concat([columns[name] for name in vectors])
    return concat([columns[c] for c in group])


class Preparation:
    """Blocks side by side: columns in, float32 features out.

    Attributes:
        feature_names_: one name a feature.
        categorical_: positions of the features that are category codes.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = list(blocks)

    @property
    def columns(self) -> list[str]:
        """Columns that are read, each once, in order."""
        return list(dict.fromkeys(c for block in self.blocks for c in block.columns))

    def fit_transform(
        self, columns: Mapping[str, Array], y: Array, *, stop: Stop = never
    ) -> Matrix:
        """Learn all steps; return float32 features [N, F], CSR where one block is sparse.

        What two blocks begin with alike is learned once.

        Raises:
            TimeUp: `stop` came true.
        """
        learned: Learned = {}
        parts = []
        for block in self.blocks:
            parts.append(_to_float32(block.fit_transform(columns, y, learned, stop=stop)))
            self._forget(learned)
        self.feature_names_ = [name for block in self.blocks for name in block.names()]
        codes = np.concatenate(
            [
                np.full(part.shape[1], block.categorical)
                for block, part in zip(self.blocks, parts, strict=True)
            ]
        )
        self.categorical_ = np.flatnonzero(codes).tolist()
        return concat(parts)

    def transform(
        self,
        columns: Mapping[str, Array],
        shared: Shared | None = None,
        *,
        stop: Stop = never,
    ) -> Matrix:
        """Return the float32 features [N, F] of new rows.

        Raises:
            TimeUp: `stop` came true.
        """
        done: Shared = {} if shared is None else shared
        parts = []
        for block in self.blocks:
            parts.append(_to_float32(block.transform(columns, done, stop=stop)))
            if shared is None:
                self._forget(done)
        return concat(parts)

    def _forget(self, done: dict[str, Any]) -> None:
        """Keep only what more than one block computes: memory is the user's too."""
        often = Counter(key for block in self.blocks for key in block.step_keys())
        for key in [key for key in done if often[key] == 1]:
            del done[key]

    def to_onnx(
        self,
        inputs: Mapping[str, Any],
        shared: Shared | None = None,
        *,
        keep_sparse: bool = False,
    ) -> Any:
        """Return the float32 features as a graph variable, from graph inputs by column.

        Args:
            inputs: graph variables by column.
            shared: see `Shared`.
            keep_sparse: whether a `SparseMatrix` is returned as it is.
        """
        columns = {name: wrap(var) for name, var in inputs.items()}
        done: Shared = {} if shared is None else shared
        features = concat([block.transform(columns, done) for block in self.blocks])
        if keep_sparse and isinstance(features, SparseMatrix):
            return features.map(_to_float32_onnx)
        return _to_float32(features)

    def untouched(self) -> dict[str, int]:
        """Return the columns that reach the learner as they are, with their features' positions."""
        result, position = {}, 0
        for block in self.blocks:
            if block.untouched:
                result.update({c: position + i for i, c in enumerate(block.columns)})
            position += len(block.names())
        return result


def _to_float32(x: Matrix) -> Any:
    """Cast to float32, numbers beyond its range to its largest: no learner receives an infinity."""
    if is_symbolic(x):
        return _to_float32_onnx(unwrap(x))
    if isinstance(x, np.ndarray):
        with np.errstate(over="ignore"):
            single = x.astype(np.float32)
        limit = np.float32(_MAX_FLOAT32)
        return np.clip(single, -limit, limit, out=single)
    return x.astype(np.float32)


def _to_float32_onnx(x: Any) -> Any:
    limits = (g.constant_of(np.float64(-_MAX_FLOAT32)), g.constant_of(np.float64(_MAX_FLOAT32)))
    return g.cast(g.clip(x, *limits), to=np.float32)
