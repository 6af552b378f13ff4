"""The type of a NumPy array of any numbers, so that every room means the same by `Array`."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
