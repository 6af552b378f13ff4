"""The original Transformer, for translation."""

from __future__ import annotations

import math
from typing import Any

from mulle.nn.layers import Dropout, Embedding, Linear, PositionalEncoding, Transformer
from mulle.nn.networks.translator import Translator


class TranslationTransformer(Translator):
    """Encoder and decoder of attention blocks, from embeddings with positions to logits.

    Args:
        n_source: number of source ids.
        n_target: number of target ids.
        d_model: width of the embeddings.
        nhead: number of attention heads.
        num_layers: number of blocks of the encoder and of the decoder.
        dim_feedforward: width within a block.
        dropout: share dropped, at the positions of the paper; 0 to 1.

    Shapes:
        source (n, s) ids, target (n, t) ids -> logits (n, t, n_target)

    The part `transformer` has the parameter names of `torch.nn.Transformer`.

    Source: Vaswani et al. 2017, arXiv:1706.03762.

    catalogue  lm-transformer
    """

    def __init__(
        self,
        n_source: int,
        n_target: int,
        *,
        d_model: int = 64,
        nhead: int = 4,
        num_layers: int = 2,
        dim_feedforward: int = 256,
        dropout: float = 0.1,
    ) -> None:
        self.scale = math.sqrt(d_model)
        self.source_embedding = Embedding(n_source, d_model)
        self.target_embedding = Embedding(n_target, d_model)
        self.positions, self.dropout = PositionalEncoding(batch_first=True), Dropout(dropout)
        self.transformer = Transformer(
            d_model,
            nhead,
            num_layers,
            num_layers,
            dim_feedforward,
            dropout,
            batch_first=True,
        )
        self.head = Linear(d_model, n_target)

    def forward(self, source: Any, target: Any) -> Any:
        """Compute the logits; each target position sees the targets up to itself."""
        read = self.dropout(self.positions(self.source_embedding(source) * self.scale))
        written = self.dropout(self.positions(self.target_embedding(target) * self.scale))
        return self.head(self.transformer(read, written, tgt_is_causal=True))
