"""Embeddings of ids, and encodings of positions."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from mulle.nn import init
from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.tensor import Parameter


class Embedding(Module):
    """Embedding: a learned vector for each id.

    Args:
        num_embeddings: number of ids.
        embedding_dim: length of a vector.
        padding_idx: id that pads short sequences; its vector is 0 and stays so.

    Shapes:
        ids (...) of integers -> y (..., embedding_dim)
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx
        weight = init.normal((num_embeddings, embedding_dim), 1.0)
        if padding_idx is not None:
            weight[padding_idx] = 0
        self.weight = Parameter(weight)

    def forward(self, ids: Any) -> Any:
        """Compute the output of the layer."""
        return OPS["embedding"](ids, self.weight, padding_idx=self.padding_idx)


class PositionalEncoding(Module):
    """Add a wave to each feature, so that a vector shows its position.

    p_{t,2i} = sin(t / 10000^{2i/d}),  p_{t,2i+1} = cos(t / 10000^{2i/d}).

    Args:
        batch_first: whether x is (n, t, d) rather than (t, n, d).

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.

    catalogue  lm-transformer
    """

    def __init__(self, *, batch_first: bool = False) -> None:
        self.batch_first = batch_first

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        if self.batch_first:
            return OPS["add"](x, waves(x.shape[1], x.shape[2]))
        return OPS["add"](x, waves(x.shape[0], x.shape[2])[:, None])


@cache
def waves(steps: int, features: int) -> np.ndarray:
    """Return the waves p (steps, features), in float32.

    >>> waves(2, 4).round(2).tolist()
    [[0.0, 1.0, 0.0, 1.0], [0.8399999737739563, 0.5400000214576721, 0.009999999776482582, 1.0]]
    """
    pairs = np.arange(features) // 2 * 2
    angles = np.arange(steps)[:, None] / 10_000 ** (pairs / features)
    p = np.where(np.arange(features) % 2, np.cos(angles), np.sin(angles)).astype(np.float32)
    return p
