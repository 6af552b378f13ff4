"""Convert text to a sequence of character ids, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mulle.errors import DataError
from mulle.nn.tensor import as_numpy


class CharTokenizer:
    """Tokenizer whose tokens are the characters of a text.

    Args:
        text: text that contains all characters to know.

    Attributes:
        characters: the known characters, sorted; the index of each is its id.

    >>> tokenizer = CharTokenizer("hello")
    >>> tokenizer.characters, tokenizer.encode("hole").tolist()
    ('ehlo', [1, 3, 2, 0])
    >>> tokenizer.decode([1, 0, 2, 2, 3])
    'hello'
    """

    def __init__(self, text: Iterable[str]) -> None:
        self.characters = "".join(sorted(set(text)))
        self._ids = {character: i for i, character in enumerate(self.characters)}

    def encode(self, text: str) -> np.ndarray:
        """Return the ids (t) of a text.

        Raises:
            DataError: the text contains an unknown character.
        """
        try:
            return np.array([self._ids[character] for character in text], np.int64)
        except KeyError as error:
            raise DataError("character-unknown", character=error.args[0], count=len(self)) from None

    def decode(self, ids: Any) -> str:
        """Return the text of ids (t)."""
        return "".join(self.characters[i] for i in as_numpy(ids))

    def __len__(self) -> int:
        return len(self.characters)
