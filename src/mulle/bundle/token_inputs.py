"""The tokens of text columns, made of the texts before the graph that an encoder stands in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mulle.arrays import Array
from mulle.bundle.archive import TOKENIZER
from mulle.bundle.manifest import Manifest, TokenInput, damaged
from mulle.graph import MISSING_STRING
from mulle.table.tokens import PADDING, Tokenizer


class TokenMaker:
    """Make the tokens of one column.

    Args:
        definition: content of `tokenizer.json`.
        made: how, as the manifest says.

    Attributes:
        name: of the graph's input.
    """

    def __init__(self, definition: str, made: TokenInput) -> None:
        self.name = made.name
        self._tokenizer = Tokenizer(
            definition, max_length=made.max_length, pad_id=PADDING, prefix=made.prefix
        )

    def __call__(self, texts: Array) -> Array:
        """Return the ids (N, T) of texts [N, 1]; a missing one is an empty one."""
        plain = ["" if text == MISSING_STRING else str(text) for text in texts[:, 0]]
        ids = self._tokenizer(plain).ids
        return ids if ids.shape[1] else np.full((len(plain), 1), PADDING, np.int64)


def token_makers(manifest: Manifest, members: Mapping[str, bytes]) -> dict[str, TokenMaker]:
    """Return what makes the tokens of each column that has them.

    Raises:
        BundleError: there is no tokenizer, or not for a column of the schema.
        MissingExtra: the library `tokenizers` is not installed.
    """
    if not manifest.tokens:
        return {}
    if TOKENIZER not in members or not manifest.tokens.keys() <= {*manifest.schema.names}:
        raise damaged("", "lacks-member")
    definition = members[TOKENIZER].decode("utf-8", "replace")
    return {column: TokenMaker(definition, made) for column, made in manifest.tokens.items()}
