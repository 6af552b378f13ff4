"""Classify texts by convolutions over their tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mulle.nn import functional as F
from mulle.nn.layers import Conv1d, Dropout, Embedding, Linear
from mulle.nn.module import Module


class TextCNN(Module):
    """Slide kernels along the token embeddings, and keep the strongest response of each.

    Args:
        vocab_size: number of token ids.
        n_classes: number of classes, the logits of the output.
        n_embd: width of the embedding.
        widths: number of tokens that a kernel spans, one group of kernels for each; a text must be
            as long as the widest.
        channels: number of kernels of each group.
        dropout: share dropped before the last layer, 0 to 1.

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
        """Compute the output of the network."""
        x = self.embedding(tokens).transpose(1, 2)  # (n, n_embd, t)
        strongest = [F.max(F.relu(conv(x)), axis=2) for conv in self.convs]  # (n, channels) each
        return self.head(self.dropout(F.concatenate(*strongest, axis=1)))
