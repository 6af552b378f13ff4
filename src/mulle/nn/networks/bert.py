"""BERT: a bidirectional encoder, trained on masked tokens and on pairs of sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn import functional as F
from mulle.nn import init
from mulle.nn.layers import Dropout, Embedding, LayerNorm, Linear, TransformerEncoderLayer
from mulle.nn.module import Module
from mulle.nn.networks._tokens import check_length, ids, token_loss
from mulle.nn.tensor import Parameter


class BERT(Module):
    """Encoder with two heads: which token is masked, and whether the second sentence follows.

    Args:
        vocab_size: number of token ids.
        block_size: length of the longest sequence.
        n_layer: number of blocks.
        n_head: number of attention heads of each block.
        n_embd: width of the embeddings.
        dropout: share dropped in training, 0 to 1.

    Shapes:
        tokens (n, t) ids, segments (n, t) of 0 and 1
        -> words (n, t, vocab_size) logits, follows (n, 2) logits

    `blocks` have the parameter names of `torch.nn.TransformerEncoderLayer`. The token head shares
    the embedding's weights.

    Source: Devlin et al. 2019, arXiv:1810.04805.

    catalogue  lm-bert lm-mlm lm-nsp
    """

    def __init__(
        self,
        vocab_size: int,
        block_size: int,
        *,
        n_layer: int = 2,
        n_head: int = 4,
        n_embd: int = 64,
        dropout: float = 0.1,
    ) -> None:
        self.block_size = block_size
        self.tokens = Embedding(vocab_size, n_embd)
        self.positions = Embedding(block_size, n_embd)
        self.segments = Embedding(2, n_embd)
        self.norm, self.dropout = LayerNorm(n_embd), Dropout(dropout)
        self.blocks = [
            TransformerEncoderLayer(
                n_embd, n_head, 4 * n_embd, dropout, activation="gelu", batch_first=True
            )
            for _ in range(n_layer)
        ]
        self.words, self.words_norm = Linear(n_embd, n_embd), LayerNorm(n_embd)
        self.words_bias = Parameter(np.zeros(vocab_size, np.float32))
        self.pooler, self.follows = Linear(n_embd, n_embd), Linear(n_embd, 2)
        for table in (self.tokens, self.positions, self.segments):
            table.weight.data[...] = init.normal(table.weight.shape, 0.02)

    def encode(self, tokens: Any, segments: Any) -> Any:
        """Return the contextual embedding of each position: (n, t, n_embd)."""
        check_length(tokens.shape[1], self.block_size)
        x = self.tokens(tokens) + self.segments(segments)
        x = x + F.position_embedding(tokens, self.positions.weight)
        x = self.dropout(self.norm(x))
        for block in self.blocks:
            x = block(x)
        return x

    def forward(self, tokens: Any, segments: Any) -> Any:
        """Compute the output of the network.

        Raises:
            DataError: the sequence is longer than `block_size`.
        """
        x = self.encode(tokens, segments)
        h = self.words_norm(F.gelu(self.words(x)))
        words = F.linear(h, self.tokens.weight, self.words_bias)
        return words, self.follows(F.tanh(self.pooler(x[:, 0])))

    def loss(self, output: Any, target: Any) -> Any:
        """Return the loss of the masked tokens plus that of the pairs.

        Args:
            output: the output of `forward`.
            target: shape (n, t + 1): the targets of `mask_tokens`, in the last column 1 where the
                second sentence follows the first, else 0.
        """
        words, follows = output
        target = ids(target)
        return token_loss(words, target[:, :-1]) + token_loss(follows, target[:, -1])
