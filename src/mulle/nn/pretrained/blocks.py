"""The parts of pretrained Transformers: attention with queries, keys and values apart, and a block.

Queries, keys and values are layers of their own, as in the checkpoints, so that adapters find the
layers that they are named after.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from mulle.errors import UsageError
from mulle.nn import functional as F
from mulle.nn.layers import Dropout, LayerNorm, Linear
from mulle.nn.module import Module
from mulle.nn.ops import OPS

#: names in config.json -> how our engine computes them
ACTIVATIONS: dict[str, Any] = {
    "gelu": OPS["gelu"],
    "gelu_python": OPS["gelu"],
    "gelu_new": partial(OPS["gelu"], approximate="tanh"),
    "gelu_fast": partial(OPS["gelu"], approximate="tanh"),
    "gelu_pytorch_tanh": partial(OPS["gelu"], approximate="tanh"),
    "relu": OPS["relu"],
    "silu": OPS["silu"],
    "swish": OPS["silu"],
    "tanh": OPS["tanh"],
}


class Attention(Module):
    """Multi-head attention of a sequence to itself; several query heads may share a key head.

    Args:
        width: number of features of x and y.
        heads: number of query heads.
        key_heads: number of heads of keys and values; must divide `heads`. None for as many.
        size: features of a head; None for width / heads.
        bias: whether queries, keys and values have biases.
        out_bias: whether the last layer has biases.
        dropout: share of the attention weights dropped in training, 0 to 1.

    Shapes:
        x (n, t, width), mask (n, 1, 1, t) of 0 and -inf -> y (n, t, width)

    Raises:
        UsageError: the heads do not divide the features, or the key heads the heads.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2; Ainslie et al. 2023,
        arXiv:2305.13245 (shared key heads).

    catalogue  lm-attention
    """

    def __init__(
        self,
        width: int,
        heads: int,
        *,
        key_heads: int | None = None,
        size: int | None = None,
        bias: bool = True,
        out_bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        key_heads = key_heads or heads
        if (size is None and width % heads) or heads % key_heads:
            raise UsageError("attention-heads", heads=heads, features=width)
        self.heads, self.key_heads, self.dropout = heads, key_heads, dropout
        self.size = size or width // heads
        self.query = Linear(width, heads * self.size, bias=bias)
        self.key = Linear(width, key_heads * self.size, bias=bias)
        self.value = Linear(width, key_heads * self.size, bias=bias)
        self.out = Linear(heads * self.size, width, bias=out_bias)

    def forward(
        self, x: Any, mask: Any = None, *, is_causal: bool = False, turn: Any = None
    ) -> Any:
        """Compute the output of the layer.

        Args:
            x: (n, t, width).
            mask: (n, 1, 1, t), added to the scores: 0 where a key counts, -inf where it does not.
            is_causal: whether queries must not look at later keys.
            turn: function of queries and keys (n, heads, t, size) that tells them their positions.
        """
        q = self._heads(self.query(x), self.heads)
        k = self._heads(self.key(x), self.key_heads)
        v = self._heads(self.value(x), self.key_heads)
        if turn is not None:
            q, k = turn(q), turn(k)
        k, v = self._shared(k), self._shared(v)
        dropout = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, mask, is_causal=is_causal, dropout_p=dropout)
        y = F.transpose(y, first=1, second=2)  # (n, t, heads, size)
        return self.out(F.reshape(y, shape=(-1, x.shape[1], self.heads * self.size)))

    def _heads(self, y: Any, heads: int) -> Any:
        """Reshape (n, t, heads * size) to (n, heads, t, size)."""
        y = F.reshape(y, shape=(-1, y.shape[1], heads, self.size))
        return F.transpose(y, first=1, second=2)

    def _shared(self, y: Any) -> Any:
        """Repeat each key head for the query heads that share it."""
        if self.key_heads == self.heads:
            return y
        each = F.unbind(y, axis=1)
        return F.stack(
            *[part for part in each for _ in range(self.heads // self.key_heads)], axis=1
        )


class Block(Module):
    """Attention, then a network at each position, each added to its input and normalized.

    Args:
        width: number of features of x and y.
        heads: number of attention heads.
        hidden: number of units of the network.
        activation: key of `ACTIVATIONS`.
        eps: of the normalizations.
        dropout: share dropped in training, of attention weights and of both outputs, 0 to 1.
        norm_first: whether to normalize the input of each part (ViT) or the sum after it (BERT).
        bias: whether queries, keys and values have biases.

    Shapes:
        x (n, t, width), mask (n, 1, 1, t) of 0 and -inf -> y (n, t, width)

    catalogue  lm-transformer
    """

    def __init__(
        self,
        width: int,
        heads: int,
        hidden: int,
        *,
        activation: str = "gelu",
        eps: float = 1e-12,
        dropout: float = 0.1,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        self.attention = Attention(width, heads, bias=bias, dropout=dropout)
        self.norm1, self.norm2 = LayerNorm(width, eps), LayerNorm(width, eps)
        self.linear1, self.linear2 = Linear(width, hidden), Linear(hidden, width)
        self.dropout = Dropout(dropout)
        self.norm_first, self.activation = norm_first, activation

    def forward(self, x: Any, mask: Any = None) -> Any:
        """Compute the output of the layer."""
        if self.norm_first:
            x = x + self.dropout(self.attention(self.norm1(x), mask))
            return x + self.dropout(self._network(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attention(x, mask)))
        return self.norm2(x + self.dropout(self._network(x)))

    def _network(self, x: Any) -> Any:
        return self.linear2(ACTIVATIONS[self.activation](self.linear1(x)))


def additive(mask: Any) -> Any:
    """Turn a mask (n, t), True where a token counts, into what is added to scores (n, 1, 1, t)."""
    if mask is None:
        return None
    if "bool" in str(mask.dtype):
        free, hidden = np.array(0, np.float32), np.array(-np.inf, np.float32)
        mask = F.where(mask, free, hidden)
    return F.getitem(mask, index=(slice(None), None, None))
