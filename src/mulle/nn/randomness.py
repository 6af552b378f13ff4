"""The one source of chance in a network: initial weights, dropout, shuffling.

One generator, so that one seed repeats a training and one state resumes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

_current = np.random.default_rng()


def generator() -> np.random.Generator:
    """What all of a network's random numbers come from."""
    return _current


def manual_seed(seed: int) -> None:
    """Begin the sequence of random numbers anew.

    >>> manual_seed(0); first = generator().random()
    >>> manual_seed(0); first == generator().random()
    True
    """
    _current.bit_generator.state = np.random.default_rng(seed).bit_generator.state


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it, the sequence begins at a seed; after it, it goes on where it was."""
    before = get_state()
    manual_seed(seed)
    try:
        yield
    finally:
        set_state(before)


def get_state() -> dict[str, Any]:
    """Where the sequence stands; plain numbers, that JSON can hold."""
    return dict(_current.bit_generator.state)


def set_state(state: dict[str, Any]) -> None:
    """Go on from where a sequence stood."""
    _current.bit_generator.state = state
