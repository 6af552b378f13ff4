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
_ALLOWED: dict[str, set[type]] = {
    **{name: _KINDS[dtype.kind] for name, dtype in _DTYPES.items()},
    "BYTES": {str, _NONE},
}
_EPOCH = datetime(1970, 1, 1)
MAX_WHOLE = 2**1023  # above it, a whole number may not be a floating-point one
LENGTH_BYTES = 4  # bytes before each text
MAX_SHOWN = 8  # lengths of a shape in an error

DATATYPES = list(_ALLOWED)


class Tensor(msgspec.Struct, omit_defaults=True):
    """Values of one column; `data` is flat once `read_json` or `read_bytes` has read it."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, Any] | None = None
    data: list[Any] | None = None

    @property
    def size(self) -> int:
        """Number of values by the shape, which is that of one column."""
        return self.shape[0]


def read_json(tensor: Tensor) -> None:
    """Flatten `data`, and check that its values are of the datatype.

    Raises:
        HTTPError: the datatype is unknown, or a value is not of it (422).
    """
    allowed = _allowed_types(tensor)
    values = tensor.data or []
    while values and all(type(value) is list for value in values):
        values = list(itertools.chain.from_iterable(values))
    _check_size(tensor, len(values))
    if not allowed.issuperset(map(type, values)):
        raise _find_wrong(tensor, values, (type(v) in allowed for v in values))
    dtype = _DTYPES.get(tensor.datatype)
    if dtype is not None and dtype.kind in "iu":
        info = np.iinfo(dtype)
        if not all(v is None or info.min <= v <= info.max for v in values):
            within = (v is None or info.min <= v <= info.max for v in values)
            raise _find_wrong(tensor, values, within)
    elif dtype is not None and dtype.kind == "f":
        values = _round_numbers(tensor, values, dtype)
    tensor.data = values


def read_bytes(tensor: Tensor, raw: bytes) -> None:
    """Read the values of a tensor from bytes.

    Raises:
        HTTPError: the datatype is unknown, the bytes are too few or too many, or not text (422).
    """
    _allowed_types(tensor)
    dtype = _DTYPES.get(tensor.datatype)
    if dtype is None:
        texts = _split_texts(tensor, raw)
        _check_size(tensor, len(texts))
        tensor.data = decode_texts(tensor, texts)
        return
    _check_size(tensor, len(raw) / dtype.itemsize)
    values = np.frombuffer(raw, dtype)
    tensor.data = values.tolist()
    if dtype.kind == "f" and np.isnan(values).any():
        tensor.data = replace_nan(tensor.data)


def read_values(tensor: Tensor, values: Sequence[Any]) -> None:
    """Read the values of a gRPC message: numbers or bytes, by their field.

    Raises:
        HTTPError: the datatype is unknown, or a value is not of it (422).
    """
    _allowed_types(tensor)
    _check_size(tensor, len(values))
    if tensor.datatype == "BYTES":
        tensor.data = decode_texts(tensor, values)
    elif tensor.datatype.startswith("FP"):
        tensor.data = replace_nan(values)
    else:
        tensor.data = list(values)
        read_json(tensor)


def to_bytes(tensor: Tensor) -> bytes:
    """Return the values of a tensor as bytes."""
    values = tensor.data or []
    if tensor.datatype != "BYTES":
        return np.array(values, _DTYPES[tensor.datatype]).tobytes()
    texts = [value.encode() for value in values]
    return b"".join(len(text).to_bytes(LENGTH_BYTES, "little") + text for text in texts)


def decode_texts(tensor: Tensor, texts: Iterable[bytes]) -> list[str | None]:
    """Decode bytes as text; the text that stands for missing in a graph becomes None.

    Raises:
        HTTPError: they are not UTF-8 (422).
    """
    out: list[str | None] = []
    try:
        for text in texts:
            value = text.decode()
            out.append(None if value == MISSING_STRING else value)
    except UnicodeDecodeError:
        raise _wrong_value(tensor, len(out), repr(text[:100])) from None
    return out


def to_text(shape: Sequence[int]) -> str:
    """Write a shape as it was sent, to its last digit; of a long one its begin.

    >>> to_text([2, 1]), to_text([2] * 9)
    ('2, 1', '2, 2, 2, 2, 2, 2, 2, 2, …')
    """
    return ", ".join([*map(str, shape[:MAX_SHOWN]), *(["…"] if len(shape) > MAX_SHOWN else [])])


def to_moments(tensor: Tensor) -> list[datetime | None]:
    """Convert whole numbers, microseconds since 1970 in UTC, to moments.

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
        raise _wrong_value(tensor, row, str(values[row])) from None
    return out


def replace_nan(values: Iterable[float]) -> list[float | None]:
    """Replace NaN by None, which means missing."""
    return [None if value != value else value for value in values]


def _allowed_types(tensor: Tensor) -> set[type]:
    sorts = _ALLOWED.get(tensor.datatype)
    if sorts is None:
        received, known = tensor.datatype[:100], DATATYPES
        raise HTTPError(
            422, "tensor-datatype", column=tensor.name[:100], received=received, expected=known
        )
    return sorts


def _check_size(tensor: Tensor, held: float) -> None:
    if held != tensor.size:
        expected = to_text(tensor.shape)
        raise HTTPError(
            422, "tensor-size", column=tensor.name[:100], received=held, expected=expected
        )


def _round_numbers(tensor: Tensor, values: list[Any], dtype: np.dtype[Any]) -> list[Any]:
    """Round numbers to the datatype, so that JSON and bytes mean the same."""
    if dtype.itemsize == 8:
        try:
            return [None if v is None else float(v) for v in values]
        except OverflowError:  # a whole number beyond all floating point
            raise _find_wrong(
                tensor, values, (v is None or abs(v) < MAX_WHOLE for v in values)
            ) from None
    wide = [np.nan if v is None else min(max(v, -MAX_WHOLE), MAX_WHOLE) for v in values]
    with np.errstate(over="ignore"):
        short = np.array(wide, np.float64).astype(dtype)
    if np.isinf(short).any():
        raise _find_wrong(tensor, values, ~np.isinf(short))
    return replace_nan(short.tolist())


def _split_texts(tensor: Tensor, raw: bytes) -> list[bytes]:
    texts, at = [], 0
    while at + LENGTH_BYTES <= len(raw):
        end = at + LENGTH_BYTES + int.from_bytes(raw[at : at + LENGTH_BYTES], "little")
        texts.append(raw[at + LENGTH_BYTES : end])
        at = end
    if at != len(raw):
        raise HTTPError(422, "tensor-cut", column=tensor.name[:100])
    return texts


def _find_wrong(tensor: Tensor, values: Sequence[Any], good: Iterable[bool]) -> HTTPError:
    row = next(i for i, fits in enumerate(good) if not fits)
    return _wrong_value(tensor, row, str(values[row])[:100])


def _wrong_value(tensor: Tensor, row: int, received: str) -> HTTPError:
    return HTTPError(
        422, "tensor-value", row=row + 1, column=tensor.name[:100], received=received,
        expected=tensor.datatype,
    )  # fmt: skip
