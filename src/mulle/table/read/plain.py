"""Python values of other libraries as plain ones, and what of them stands for missing.

A NumPy scalar is the number it holds, a pandas timestamp the `datetime`; `nan`, `NaT` and
`pandas.NA` are missing whatever stands in their column. Types are known by name, so that no library
is imported that the caller does not already use.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

#: types of which no value is converted; nan is a float like any other
PLAIN = frozenset({bool, int, float, str, bytes, type(None), datetime, date, list, dict, tuple})
_ABSENT = frozenset({"NAType", "NaTType", "MaskedConstant"})


def to_plain(value: Any) -> Any:
    """Return the plain Python value that another library's value stands for.

    >>> import numpy as np
    >>> to_plain(np.float64(0.5)), to_plain(np.datetime64("NaT")), to_plain(Decimal("0.10"))
    (0.5, None, 0.1)
    """
    sort = type(value)
    if sort in PLAIN:
        return value
    if sort.__name__ in _ABSENT:
        return None
    if sort in {bytearray, memoryview}:
        return bytes(value)
    if sort is Decimal:
        return None if value.is_nan() else float(value)
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)
    if sort.__module__ == "numpy":
        return _of_numpy(value)
    return value


def to_plain_values(values: Iterable[Any]) -> list[Any]:
    """Return values as plain ones; those of plain types cost one look at the set of types."""
    listed = list(values)
    return listed if {*map(type, listed)} <= PLAIN else [to_plain(value) for value in listed]


def _of_numpy(value: Any) -> Any:
    if getattr(value, "size", 1) != 1:
        return value.tolist()
    if value.dtype.kind not in "mM":
        return value.item()
    # of nanoseconds `item` would make a bare integer
    return None if value != value else value.astype(f"{value.dtype.kind}8[us]").item()
