"""Convolutions over the words of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mulle.nn import functional as F
from mulle.nn.layers import Conv1d, Dropout, Embedding, Linear
from mulle.nn.module import Module


class TextCNN(Module):
    """Kernels as wide as the embedding move along the tokens; the strongest answer of each counts.

    Args:
        vocab_size: number of token ids.
        n_classes: logits at the end.
        n_embd: width of the embedding.
        widths: tokens that a kernel sees, one group of kernels for each; a text must be as long as
            the widest.
        channels: kernels of each group.
        dropout: share dropped before the last layer.

    Shapes:
        tokens (n, t) ids -> y (n, n_classes)

    Source: Kim 2014, arXiv:1408.5882, section 2.

    catalogue  net-1dcnn
    """

    def __init__(
        self,
        vocab_size: int,
        n_classes: int,
        *,
        n_embd: int = 64,
        widths: Sequence[int] = (3, 4, 5),
        channels: int = 32,
        dropout: float = 0.5,
    ) -> None:
        self.embedding = Embedding(vocab_size, n_embd)
        self.convs = [Conv1d(n_embd, channels, width) for width in widths]
        self.dropout = Dropout(dropout)
        self.head = Linear(channels * len(widths), n_classes)

    def forward(self, tokens: Any) -> Any:
        """Compute."""
        x = self.embedding(tokens).transpose(1, 2)  # (n, n_embd, t)
        strongest = [F.max(F.relu(conv(x)), axis=2) for conv in self.convs]  # (n, channels) each
        return self.head(self.dropout(F.concatenate(*strongest, axis=1)))
