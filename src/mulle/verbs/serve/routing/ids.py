"""The id of a prediction holds all that a reward needs, so that no prediction is stored.

    tag of version (6) | seconds since 1970 (4) | process (4) | number (4) | answer (4) | seal (8)

It is sealed with a key that the processes share: any other id is unknown. The answer is the
position of the class, or the value as float32; the caller has it anyway.
"""

from __future__ import annotations

import re
import secrets
import struct
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from itertools import count
from typing import NamedTuple

_VALUE = struct.Struct(">6sIIIf")
_CLASS = struct.Struct(">6sIIIi")
_SEAL = 8
_FORM = re.compile(rf"[A-Za-z0-9_-]{{{(_VALUE.size + _SEAL) * 4 // 3}}}")
NONE = -1  # the position of an answer to many rows, which has no single class


class Prediction(NamedTuple):
    """The content of an id.

    Attributes:
        tag: tag of the version that a reward is for.
        predicted_at: moment of the prediction, in seconds since 1970.
        answer: four bytes of the answer.
    """

    tag: bytes
    predicted_at: int
    answer: bytes

    @property
    def position(self) -> int:
        """Position of the predicted class; NONE for an answer to many rows."""
        return int.from_bytes(self.answer, "big", signed=True)

    @property
    def value(self) -> float:
        """Predicted value of a regression."""
        value: float = struct.unpack(">f", self.answer)[0]
        return value


class Ids:
    """Makes and reads ids.

    Args:
        key: the seal, 32 bytes that all processes share.
    """

    def __init__(self, key: bytes) -> None:
        self._sealed = blake2b(key=key, digest_size=_SEAL)
        self._process = secrets.randbits(32)
        self._numbers = count()

    def of_class(self, tag: bytes, position: int) -> bytes:
        """Return an id (40 characters) for a predicted class."""
        number = next(self._numbers) & 0xFFFFFFFF
        return self._write(_CLASS.pack(tag, int(time.time()), self._process, number, position))

    def of_value(self, tag: bytes, value: float) -> bytes:
        """Return an id (40 characters) for a predicted value."""
        number = next(self._numbers) & 0xFFFFFFFF
        try:
            body = _VALUE.pack(tag, int(time.time()), self._process, number, value)
        except OverflowError:  # float32 ends at 3e38
            body = _VALUE.pack(tag, int(time.time()), self._process, number, float("inf"))
        return self._write(body)

    def read(self, text: str) -> Prediction | None:
        """Read an id; None if it was not made with this key.

        >>> ids = Ids(b"k" * 32)
        >>> ids.read(ids.of_class(b"abcdef", 2).decode()).position
        2
        >>> ids.read("x" * 40), Ids(b"j" * 32).read(ids.of_class(b"abcdef", 2).decode())
        (None, None)
        """
        if not _FORM.fullmatch(text):
            return None
        raw = urlsafe_b64decode(text)
        body = raw[:-_SEAL]
        if not secrets.compare_digest(self._seal(body), raw[-_SEAL:]):
            return None
        return Prediction(body[:6], int.from_bytes(body[6:10], "big"), body[18:22])

    def _seal(self, body: bytes) -> bytes:
        sealing = self._sealed.copy()
        sealing.update(body)
        return sealing.digest()

    def _write(self, body: bytes) -> bytes:
        return urlsafe_b64encode(body + self._seal(body))


def tag_of(model: str, since: int, version: str) -> bytes:
    """Return six bytes that stand for a version in a round of its model's test."""
    return blake2b("\0".join((model, str(since), version)).encode(), digest_size=6).digest()
