"""Halves of characters: what Python allows in a text, and no file, column or graph can hold.

They come from texts that were cut between the two parts of a surrogate pair, from JSON that some
program wrote so, and from names of files in no encoding.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from mulle.errors import DataError

HALF_PAIR = re.compile("[\ud800-\udfff]")


@contextlib.contextmanager
def whole_characters() -> Iterator[None]:
    """Turn the error of text that cannot be encoded into one in words.

    >>> with whole_characters():
    ...     "\\ud83d".encode()
    Traceback (most recent call last):
    mulle.errors.DataError: A text holds '\\ud83d', half of a character.
      fix: Write the text anew: it was cut inside a character, or is no text.
    """
    try:
        yield
    except UnicodeEncodeError as error:
        raise DataError("text-broken", received=ascii(error.object[error.start])) from None
