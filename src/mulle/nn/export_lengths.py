"""Find the lengths of an example that a model does not fix, like that of a sequence.

Each length is tried: the example is made one longer along an axis, or along all axes that have that
length where they belong together, and the model is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Axes = tuple[tuple[int, int], ...]  # input and axis of each place where a length stands


def free_axes(
    ask: Callable[[list[np.ndarray]], Any], arrays: Sequence[np.ndarray]
) -> dict[Axes, str]:
    """Return the axes whose length is free, those that must agree together, with names for them.

    Args:
        ask: function that calls the model; it fails where an array does not fit.
        arrays: the example.
    """
    by_length: dict[int, list[tuple[int, int]]] = {}
    for i, x in enumerate(arrays):
        for axis, length in enumerate(x.shape[1:], start=1):
            by_length.setdefault(length, []).append((i, axis))
    found: list[Axes] = []
    for places in by_length.values():
        alone = [place for place in places if _takes(ask, lengthened(arrays, [(place,)]))]
        found += [(place,) for place in alone]
        together = tuple(place for place in places if place not in alone)
        if len(together) > 1 and _takes(ask, lengthened(arrays, [together])):
            found.append(together)
    if len(found) > 1 and not _takes(ask, lengthened(arrays, found)):
        found = found[:1]
    return {axes: f"L{k}" for k, axes in enumerate(found, start=1)}


def lengthened(arrays: Sequence[np.ndarray], groups: Sequence[Axes]) -> list[np.ndarray]:
    """Repeat the last entry along each of the axes."""
    longer = list(arrays)
    for axes in groups:
        for i, axis in axes:
            last = np.take(longer[i], [-1] if longer[i].shape[axis] else [], axis=axis)
            longer[i] = np.concatenate([longer[i], last], axis=axis)
    return longer


def _takes(ask: Callable[[list[np.ndarray]], Any], arrays: list[np.ndarray]) -> bool:
    try:
        ask(arrays)
    except Exception:  # of whatever kind: the model does not take it
        return False
    return True
