"""The generator of all random numbers of the engine: initial weights, dropout, shuffling.

One generator, so that one seed repeats a training and one state resumes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

_current = np.random.default_rng()


def generator() -> np.random.Generator:
    """Return the generator of all random numbers of the engine."""
    return _current


def manual_seed(seed: int) -> None:
    """Set the seed of the random numbers.

    >>> manual_seed(0); first = generator().random()
    >>> manual_seed(0); first == generator().random()
    True
    """
    _current.bit_generator.state = np.random.default_rng(seed).bit_generator.state


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Use a seed for a while; afterwards the previous sequence continues."""
    before = get_state()
    manual_seed(seed)
    try:
        yield
    finally:
        set_state(before)


def get_state() -> dict[str, Any]:
    """Return the state of the generator, as values that JSON can hold."""
    return dict(_current.bit_generator.state)


def set_state(state: dict[str, Any]) -> None:
    """Restore a state of the generator."""
    _current.bit_generator.state = state
