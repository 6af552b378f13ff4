"""The encoder of BERT and its relatives, and the head that they share."""

from __future__ import annotations

from typing import Any

from mulle.nn import functional as F
from mulle.nn.layers import Dropout, Embedding, LayerNorm, Linear
from mulle.nn.module import Module
from mulle.nn.pretrained.blocks import ACTIVATIONS, Block, additive


class TextEncoder(Module):
    """Embeddings of tokens, positions and types, then blocks that look in both directions.

    Args:
        vocab_size: number of token ids.
        width: features of a token behind the blocks.
        heads: attention heads of a block.
        layers: number of blocks.
        hidden: units of each block's network.
        positions: rows of the table of positions.
        first_position: row of the first token; RoBERTa's is the padding id + 1.
        types: rows of the table of types; 0 for none.
        embedding_width: features of the embeddings, where a layer brings them to `width`.
        activation: of the blocks, a key of `ACTIVATIONS`.
        eps: of the normalizations.
        dropout: share dropped in training, 0 to 1.

    Shapes:
        ids (n, t) int, mask (n, t) bool, types (n, t) int -> y (n, t, width)

    Padding belongs behind the text, where the mask is False.

    Source: Devlin et al. 2019, arXiv:1810.04805; Liu et al. 2019, arXiv:1907.11692 (RoBERTa);
        Clark et al. 2020, arXiv:2003.10555 (ELECTRA); Sanh et al. 2019, arXiv:1910.01108.

    catalogue  lm-bert
    """

    def __init__(
        self,
        vocab_size: int,
        *,
        width: int,
        heads: int,
        layers: int,
        hidden: int,
        positions: int,
        first_position: int = 0,
        types: int = 2,
        embedding_width: int | None = None,
        activation: str = "gelu",
        eps: float = 1e-12,
        dropout: float = 0.1,
    ) -> None:
        inner = embedding_width or width
        self.width, self.first_position = width, first_position
        self.longest = positions - first_position
        self.tokens, self.positions = Embedding(vocab_size, inner), Embedding(positions, inner)
        self.types = Embedding(types, inner) if types else None
        self.norm, self.dropout = LayerNorm(inner, eps), Dropout(dropout)
        self.project = Linear(inner, width) if inner != width else None
        self.blocks = [
            Block(width, heads, hidden, activation=activation, eps=eps, dropout=dropout)
            for _ in range(layers)
        ]

    def forward(self, ids: Any, mask: Any = None, types: Any = None) -> Any:
        """Compute the output of the network.

        Raises:
            DataError: the sequence is longer than the table of positions.
        """
        x = self.tokens(ids)
        if self.types is not None:
            x = x + (self.types.weight[0] if types is None else self.types(types))
        x = x + F.position_embedding(ids, self.positions.weight, start=self.first_position)
        x = self.dropout(self.norm(x))
        x = x if self.project is None else self.project(x)
        mask = additive(mask)
        for block in self.blocks:
            x = block(x, mask)
        return x


class TextClassifier(Module):
    """An encoder with a head on its first token: dense, activation, one logit a class.

    Args:
        encoder: the body.
        labels: number of classes.
        activation: between the two layers of the head, a key of `ACTIVATIONS`.
        dropout: share dropped in training before each of the two layers, 0 to 1.

    Shapes:
        ids (n, t) int, mask (n, t) bool -> logits (n, labels)

    catalogue  adapt-head
    """

    def __init__(
        self, encoder: TextEncoder, labels: int, *, activation: str = "tanh", dropout: float = 0.1
    ) -> None:
        self.encoder, self.dropout = encoder, Dropout(dropout)
        self.dense = Linear(encoder.width, encoder.width)
        self.out = Linear(encoder.width, labels)
        self.activation = activation

    def forward(self, ids: Any, mask: Any = None, types: Any = None) -> Any:
        """Compute the output of the network."""
        first = self.encoder(ids, mask, types)[:, 0]
        return self.out(self.dropout(ACTIVATIONS[self.activation](self.dense(first))))
