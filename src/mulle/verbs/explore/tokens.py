"""Counting the tokens that a model would make of texts.

catalogue  neda-seqlen
"""

from __future__ import annotations

import os
from typing import Any

from mulle.errors import MissingExtra, MissingFile, UsageError
from mulle.verbs.explore.columns.text import Tokenize


def counter_of(tokenizer: Any) -> tuple[str, Tokenize] | None:
    """Return the name of a tokenizer and a function that counts its tokens; None without one.

    Args:
        tokenizer: a `tokenizers.Tokenizer` (anything with `encode_batch`), the path of its JSON
            file, a function from texts to numbers of tokens, or None.

    Raises:
        MissingExtra: it is a path, and `tokenizers` is not installed.
        MissingFile: there is no such file.
        UsageError: it is none of these.
    """
    if tokenizer is None:
        return None
    if isinstance(tokenizer, (str, os.PathLike)):
        return str(tokenizer), _batch(_load(tokenizer))
    if hasattr(tokenizer, "encode_batch"):
        return type(tokenizer).__name__, _batch(tokenizer)
    if callable(tokenizer):
        return getattr(tokenizer, "__name__", "function"), tokenizer
    raise UsageError("tokenizer-unknown", received=type(tokenizer).__name__)


def _batch(tokenizer: Any) -> Tokenize:
    def count(texts: list[str]) -> list[int]:
        return [len(found.ids) for found in tokenizer.encode_batch(texts)]

    return count


def _load(path: str | os.PathLike[str]) -> Any:
    try:
        from tokenizers import Tokenizer  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise MissingExtra("tokenizers", "text", "count-tokens") from None
    if not os.path.isfile(path):
        raise MissingFile("tokenizer-missing", path=path)
    return Tokenizer.from_file(os.fspath(path))
