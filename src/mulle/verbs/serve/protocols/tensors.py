"""A column as a tensor: flat values in JSON, or bytes without padding.

    BOOL, INT8 .. INT64, UINT8 .. UINT64, FP16, FP32, FP64     little-endian, row by row
    BYTES                                                      text; each behind its length, 4 bytes

Missing is null in JSON, NaN in floating point, the reserved value of a graph in INT64 and BYTES.

source  Open Inference Protocol v2, tensor data; Triton's extension for binary tensor data
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np

from mulle.graph import MISSING_DATE, MISSING_STRING
from mulle.verbs.serve.http import HTTPError

_NUMBERS = {
    "BOOL": "?", "INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8", "UINT8": "u1",
    "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
}  # fmt: skip
_DTYPES = {name: np.dtype(code) for name, code in _NUMBERS.items()}
_NONE = type(None)
_KINDS: dict[str, set[type]] = {
    "b": {bool, _NONE},
    "i": {int, _NONE},
    "u": {int, _NONE},
    "f": {float, int, _NONE},
}
_SORTS: dict[str, set[type]] = {
    **{name: _KINDS[dtype.kind] for name, dtype in _DTYPES.items()},
    "BYTES": {str, _NONE},
}
_EPOCH = datetime(1970, 1, 1)
_BEYOND = 2**1023  # above it, a whole number may not be a floating-point one
_LENGTH = 4  # bytes before each text

DATATYPES = list(_SORTS)


class Tensor(msgspec.Struct, omit_defaults=True):
    """Values with a name; `data` is flat once `read_json` or `read_bytes` has read it."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] | None = None
    data: list[Any] | None = None

    @property
    def size(self) -> int:
        """How many values the shape says there are."""
        size = 1
        for length in self.shape:
            size *= length
        return size


def read_json(tensor: Tensor) -> None:
    """Flatten what stands in `data`, and check that it is of the datatype.

    Raises:
        HTTPError: the datatype is unknown, or a value is not of it (422).
    """
    sorts = _sorts(tensor)
    values = tensor.data or []
    while values and all(type(value) is list for value in values):
        values = list(itertools.chain.from_iterable(values))
    _check_size(tensor, len(values))
    if not sorts.issuperset(map(type, values)):
        raise _wrong(tensor, values, (type(v) in sorts for v in values))
    dtype = _DTYPES.get(tensor.datatype)
    if dtype is not None and dtype.kind in "iu":
        info = np.iinfo(dtype)
        if not all(v is None or info.min <= v <= info.max for v in values):
            within = (v is None or info.min <= v <= info.max for v in values)
            raise _wrong(tensor, values, within)
    elif dtype is not None and dtype.kind == "f":
        values = _rounded(tensor, values, dtype)
    tensor.data = values


def read_bytes(tensor: Tensor, raw: bytes) -> None:
    """The values in some bytes.

    Raises:
        HTTPError: the datatype is unknown, the bytes are too few or too many, or not text (422).
    """
    _sorts(tensor)
    dtype = _DTYPES.get(tensor.datatype)
    if dtype is None:
        texts = _texts(tensor, raw)
        _check_size(tensor, len(texts))
        tensor.data = decoded(tensor, texts)
        return
    _check_size(tensor, len(raw) / dtype.itemsize)
    values = np.frombuffer(raw, dtype)
    tensor.data = values.tolist()
    if dtype.kind == "f" and np.isnan(values).any():
        tensor.data = without_nan(tensor.data)


def read_values(tensor: Tensor, values: Sequence[Any]) -> None:
    """The values of a message, which are numbers or bytes by their field.

    Raises:
        HTTPError: the datatype is unknown, or a value is not of it (422).
    """
    _sorts(tensor)
    _check_size(tensor, len(values))
    if tensor.datatype == "BYTES":
        tensor.data = decoded(tensor, values)
    elif tensor.datatype.startswith("FP"):
        tensor.data = without_nan(values)
    else:
        tensor.data = list(values)
        read_json(tensor)


def to_bytes(tensor: Tensor) -> bytes:
    """The values of a tensor as bytes."""
    values = tensor.data or []
    if tensor.datatype != "BYTES":
        return np.array(values, _DTYPES[tensor.datatype]).tobytes()
    texts = [value.encode() for value in values]
    return b"".join(len(text).to_bytes(_LENGTH, "little") + text for text in texts)


def decoded(tensor: Tensor, texts: Iterable[bytes]) -> list[str | None]:
    """Bytes as text; the text that stands for missing in a graph as None.

    Raises:
        HTTPError: they are not UTF-8 (422).
    """
    out: list[str | None] = []
    try:
        for text in texts:
            value = text.decode()
            out.append(None if value == MISSING_STRING else value)
    except UnicodeDecodeError:
        raise _value_refused(tensor, len(out), repr(text[:100])) from None
    return out


def moments(tensor: Tensor) -> list[datetime | None]:
    """Whole numbers as moments: microseconds since 1970 in UTC.

    Raises:
        HTTPError: one is not within the years 1 to 9999 (422).
    """
    out: list[datetime | None] = []
    values = tensor.data or []
    try:
        for value in values:
            missing = value is None or value == MISSING_DATE
            out.append(None if missing else _EPOCH + timedelta(microseconds=value))
    except OverflowError:
        row = len(out)
        raise _value_refused(tensor, row, str(values[row])) from None
    return out


def without_nan(values: Iterable[float]) -> list[float | None]:
    """Not a number means missing."""
    return [None if value != value else value for value in values]


def _sorts(tensor: Tensor) -> set[type]:
    sorts = _SORTS.get(tensor.datatype)
    if sorts is None:
        received, known = tensor.datatype[:100], DATATYPES
        raise HTTPError(
            422, "tensor-datatype", column=tensor.name[:100], received=received, expected=known
        )
    return sorts


def _check_size(tensor: Tensor, held: float) -> None:
    if held != tensor.size or (tensor.shape and min(tensor.shape) < 0):
        raise HTTPError(
            422, "tensor-size", column=tensor.name[:100], received=held, expected=tensor.shape[:8]
        )


def _rounded(tensor: Tensor, values: list[Any], dtype: np.dtype[Any]) -> list[Any]:
    """Numbers as the datatype holds them, so that JSON and bytes mean the same."""
    if dtype.itemsize == 8:
        try:
            return [None if v is None else float(v) for v in values]
        except OverflowError:  # a whole number beyond all floating point
            raise _wrong(tensor, values, (v is None or abs(v) < _BEYOND for v in values)) from None
    wide = [np.nan if v is None else min(max(v, -_BEYOND), _BEYOND) for v in values]
    with np.errstate(over="ignore"):
        short = np.array(wide, np.float64).astype(dtype)
    if np.isinf(short).any():
        raise _wrong(tensor, values, ~np.isinf(short))
    return without_nan(short.tolist())


def _texts(tensor: Tensor, raw: bytes) -> list[bytes]:
    texts, at = [], 0
    while at + _LENGTH <= len(raw):
        end = at + _LENGTH + int.from_bytes(raw[at : at + _LENGTH], "little")
        texts.append(raw[at + _LENGTH : end])
        at = end
    if at != len(raw):
        raise HTTPError(422, "tensor-cut", column=tensor.name[:100])
    return texts


def _wrong(tensor: Tensor, values: Sequence[Any], good: Iterable[bool]) -> HTTPError:
    row = next(i for i, fits in enumerate(good) if not fits)
    return _value_refused(tensor, row, str(values[row])[:100])


def _value_refused(tensor: Tensor, row: int, received: str) -> HTTPError:
    return HTTPError(
        422, "tensor-value", row=row + 1, column=tensor.name[:100], received=received,
        expected=tensor.datatype,
    )  # fmt: skip
