"""Halves of characters: what Python allows in a text, and no file, column or graph can hold.

They come from texts that were cut between the two parts of a surrogate pair, from JSON that some
program wrote so, and from names of files in no encoding.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from mulle.errors import DataError, PredictionError

_SHOWN = 100  # characters of a text in an error
HALF_PAIR = re.compile("[\ud800-\udfff]")


@contextlib.contextmanager
def whole_characters() -> Iterator[None]:
    """Turn the error of text that cannot be encoded into one in words.

    Raises:
        DataError: some text holds half of a character.
    """
    try:
        yield
    except UnicodeEncodeError as error:
        raise half_character(error) from None


def half_character(
    error: UnicodeEncodeError, sort: type[DataError | PredictionError] = DataError
) -> DataError | PredictionError:
    """Return the error in words of text that cannot be encoded, which shows where it is broken."""
    begin = max(0, error.start - _SHOWN // 2)
    return sort("text-half-character", received=ascii(error.object[begin : begin + _SHOWN]))
